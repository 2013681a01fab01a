# SPDX-License-Identifier: GPL-2.0-or-later
#
# The scenarios; sourced after lib.sh by pv and pvh.
# shellcheck shell=sh disable=SC2154

started() {
	check "Debian's init script starts it" \
		limited /etc/init.d/xen start || return
	check "... which is the installed one" daemon_is "$DAEMON" || return
	check "... and xenconsoled" pidof xenconsoled
	check "Debian's clients write, read, list, remove" clients
	check "xl info" limited xl info
	check "xl list" limited xl list
}

clients() {
	xenstore-write /rig/a 1 /rig/b/c "two words" &&
		equal "$(xenstore-read /rig/b/c)" "two words" &&
		equal "$(xenstore-list /rig)" "a
b" && xenstore-chmod /rig/a r0 && xenstore-exists /rig/a &&
		xenstore-ls -fp /rig && equal "$(xenstore-ls -fp /rig |
			grep -c '^/rig/a = "1" *(r0)$')" 1 &&
		xenstore-rm /rig/b && no xenstore-exists /rig/b
}

dom0_loads() {
	dom0_load /dev/xen/xenbus ring
	dom0_load /run/xenstored/socket socket
	check "both go round" all_well
}

# two_guests TYPE
two_guests() {
	check "xl create one" create one "$1" || return
	check "xl create two" create two "$1" || return
	check "both boot, and all loads go round" all_well || return
	check "xl list shows them" listed one two
}

listed() {
	limited xl list >"$work/list" || return 1
	for name; do
		grep "^$name " "$work/list" || return 1
	done
}

# updates N: to and fro between the compilers' binaries
updates() {
	lsevtchn 0 >"$work/ports.before"
	n=0
	while [ $n -lt "$1" ]; do
		n=$((n + 1))
		binary=$OTHER
		[ $((n % 2)) -eq 1 ] || binary=$DAEMON
		check "update $n, all loads go on" updated "$binary" || return
	done
	lsevtchn 0 >"$work/ports.after"
	check "dom0's event channels are the same" \
		diff "$work/ports.before" "$work/ports.after"
}
