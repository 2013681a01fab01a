# SPDX-License-Identifier: GPL-2.0-or-later
#
# Which store daemon runs on this host, and of which kind; sourced by
# xenstored-takeover. Needs $socket and $control. Changes nothing.
# shellcheck shell=sh disable=SC2015,SC2034,SC2154 # variables of the other file

# listeners: the inodes of the sockets that listen at $socket. There can be
# two, because oxenstored unlinks the socket of another daemon.
listeners() {
	real=$(readlink -f "$socket")
	while read -r _ _ _ flags _ _ inode path; do
		[ "$flags" = 00010000 ] && [ "${path##*/}" = "${socket##*/}" ] ||
			continue
		[ "$(readlink -f "$path")" != "$real" ] || echo "$inode"
	done </proc/net/unix
}

# holders INODE...: the processes that have these sockets, but not the children
# of these: the child of a rehearsal has its daemon's descriptors
holders() {
	[ $# -gt 0 ] || return 0
	# not find -lname, which busybox lacks; the list is of /proc
	# shellcheck disable=SC2012
	ls -l /proc/[0-9]*/fd 2>/dev/null | awk -v inodes="$*" '
		BEGIN {
			n = split(inodes, inode)
			for (i = 1; i <= n; i++)
				want["socket:[" inode[i] "]"] = 1
		}
		/^\/proc/ { split($0, part, "/") }
		$NF in want && !seen[part[3]]++ { print part[3] }
	' | while read -r holder; do
		echo "$holder $(sed -n 's/^PPid:[^0-9]*//p' \
			"/proc/$holder/status" 2>/dev/null)"
	done | awk '
		{ pid[NR] = $1; parent[NR] = $2; holds[$1] = 1 }
		END {
			for (i = 1; i <= NR; i++)
				if (!(parent[i] in holds))
					print pid[i]
		}'
}

# kind_of FILE: by strings that only one daemon has
kind_of() {
	if grep -qF "live-update report" "$1"; then
		echo ours
	elif grep -qF /state_dump "$1"; then
		echo c
	elif grep -qF caml_ "$1"; then
		echo ocaml
	else
		echo unknown
	fi 2>/dev/null
}

name_of() {
	case $1 in
	ours) echo "this project's xenstored" ;;
	c) echo "the C xenstored" ;;
	ocaml) echo "oxenstored" ;;
	*) echo "an unknown daemon" ;;
	esac
}

# find_running: sets pid, exe, kind and args of the daemon; pid is empty if
# there is none; others are the pids of further ones
find_running() {
	# shellcheck disable=SC2046 # one word for each
	set -- $(holders $(listeners))
	pid=$1
	[ $# -eq 0 ] || shift
	others=$*
	exe='' kind='' args=''
	[ -n "$pid" ] || return 0
	exe=$(readlink "/proc/$pid/exe")
	kind=$(kind_of "/proc/$pid/exe")
	# without what the last update added
	args=$(tr '\0' '\n' <"/proc/$pid/cmdline" |
		sed -e 1d -e '/^-U$/d' -e '/^--live-update$/d' \
			-e '/^--live$/d' -e '/^--restart$/d' |
		tr '\n' ' ')
	args=${args% }
}

describe() {
	echo "$(name_of "$kind"), $exe, process $pid"
}

# answers: any reply will do, also an error
answers() {
	! XENSTORED_PATH=$socket "$control" -w 5 help 2>&1 |
		grep -qE 'does not answer|no xenstored|No such file'
}

# library_release FILE: the Xen release of its libxenctrl, empty if it has none
library_release() {
	tr -c a-zA-Z0-9. '\n' <"$1" |
		sed -n 's/^libxenctrl\.so\.\([0-9]*\.[0-9]*\)$/\1/p' | head -n 1
}

xen_release() {
	version=/sys/hypervisor/version
	[ -r $version/major ] && echo "$(cat $version/major).$(cat $version/minor)"
}

# stock_files: the stock daemons of the running Xen, the host's default first;
# Debian's are in a folder for each release, and the files in /usr/sbin scripts
stock_files() {
	for stock_file in "/usr/lib/xen-$(xen_release)/bin/oxenstored" \
		"/usr/lib/xen-$(xen_release)/bin/xenstored" \
		/usr/sbin/oxenstored /usr/sbin/xenstored; do
		case $([ ! -x "$stock_file" ] || kind_of "$stock_file") in
		c | ocaml) echo "$stock_file" ;;
		esac
	done
}

# store_domain: the domid, if the store runs in a domain of its own
store_domain() {
	[ -e /dev/xen/xenbus ] || return 1
	domid=$(unset XENSTORED_PATH XENSTORED_RUNDIR
		timeout 5 xenstore-read /tool/xenstored/domid 2>/dev/null) &&
		[ "${domid:-0}" != 0 ] && echo "$domid"
}
