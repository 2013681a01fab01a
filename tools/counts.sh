# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sourced by the scripts that add up what other commands have counted.

# counts CODE FILE: sets $p and $f to the tests passed and failed that the last
# such line in FILE counts.  A command that did not count, or ended with CODE other
# than 0 without a failed test, is one test.
counts() {
	local line
	line=$(grep -aE '^([a-z-]+: )?[0-9]+ passed, [0-9]+ failed' "$2" | tail -n 1)
	if [[ $line =~ ([0-9]+)\ passed,\ ([0-9]+)\ failed ]]; then
		p=${BASH_REMATCH[1]}
		f=${BASH_REMATCH[2]}
		(($1 == 0 || f > 0)) || f=1
	else
		p=$(($1 == 0))
		f=$(($1 != 0))
	fi
}
