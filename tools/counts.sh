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

# failures FILE: each failed check in a command's output, with at most three
# lines that explain it, indented; the last four lines if it names none
failures() {
	grep -avE '^([a-z-]+: )?[0-9]+ passed, ' "$1" |
		awk '
		/^(ok|==|\[ RUN|make[^ ]*:) / { more = 0 }
		/^(not ok |FAIL|\[  ERROR   \]|==[0-9]+==ERROR: )/ ||
		/^[^ #]+:[0-9]+: ([a-z]+ )?error: / ||
		/^[a-z-]+ +[0-9]+ passed, [1-9][0-9]* failed$/ {
			print
			more = 3
			found = 1
			next
		}
		more-- > 0 {
			sub(/^[# \t]*/, "    ")
			print
		}
		{ last[NR] = $0 }
		END {
			for (i = NR - 3; i <= NR && !found; i++)
				if (i in last)
					print last[i]
		}'
}
