# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the scenarios share; sourced, in dom0. Each check prints one line for
# the host, with its duration in seconds and, if its command set one, a $note.
# shellcheck shell=sh disable=SC2034,SC2154

DAEMON=/usr/lib/xenstored/xenstored # as installed, built with gcc
OTHER=/opt/xenstored.other          # built with clang
FAULTY=/opt/xenstored.faulty
XEN_BIN=$(echo /usr/lib/xen-[0-9]*/bin) # Debian's programs
CONTROL=$XEN_BIN/xenstore-control
STOCK=$XEN_BIN/xenstored
OUR_CONTROL=/usr/sbin/xenstored-control # as installed
LATE=/opt/stock-late-exits              # looks like a stock daemon
PIDFILE=/run/xenstore.pid
LIMIT=300 # seconds for a single command, see README.md
LONG=600  # ... and for one that does hundreds of things
passed=0
failed=0
restored= # bases of a guest that was restored or migrated
restores=0
loads=    # bases in the store of all loads that run
stocks=0  # how often the stock daemon has taken over
work=$(mktemp -d)

# now: sets $now to hundredths of seconds since boot
now() {
	read -r now _ </proc/uptime
	now=${now%.*}${now#*.}
}

# seconds FROM: the time since then, as text
seconds() {
	now
	echo "$(((now - $1) / 100)).$(((now - $1) / 10 % 10))"
}

say() {
	echo "XR $*" >/dev/console
}

# check WHAT COMMAND...: prints whether the command succeeds
check() {
	what=$1
	shift
	note=
	now
	check_from=$now
	if "$@" >"$work/check.out" 2>&1; then
		say "ok $what ($(seconds "$check_from") s${note:+; $note})"
		passed=$((passed + 1))
		return 0
	fi
	say "not ok $what ($(seconds "$check_from") s${note:+; $note})"
	sed 's/^/XR #   /' "$work/check.out" | tail -n 20 >/dev/console
	say "#   failed: $*"
	failed=$((failed + 1))
	return 1
}

# tally COMMAND...: each line of its output is a check
tally() {
	now
	check_from=$now
	"$@" >"$work/tally" 2>&1
	tally_rc=$?
	while read -r line; do
		case $line in
		"ok "*) passed=$((passed + 1)) ;;
		"not ok "*) failed=$((failed + 1)) ;;
		"# "*) tally_rc=counted ;;
		*) # a library's message about an expected failure
			echo "$line"
			continue
			;;
		esac
		say "$line"
	done <"$work/tally"
	[ $tally_rc != counted ] || return 0
	say "not ok $1 exited with $tally_rc before its counts"
	failed=$((failed + 1))
	return 1
}

# scenario NAME FUNCTION ARGUMENTS...
scenario() {
	say "# $1"
	now
	scenario_from=$now
	scenario_name=$1
	scenario_failed=$failed
	shift
	"$@"
	say "# ... $scenario_name: $(seconds "$scenario_from") s"
	[ "$failed" != "$scenario_failed" ] || return 0
	show_state
	return 1
}

# Ends the run: the rest needs what has just failed.
give_up() {
	say "# the remaining scenarios are skipped"
	end
	exit 1
}

# For debugging; only in the complete log.
show_state() {
	for file in /var/log/xen/xenstored.log /var/log/xen/console/*; do
		echo "--- $file"
		tail -n 30 "$file"
	done
	timeout 20 xl list
	timeout 20 lsevtchn 0
	timeout 20 xl debug-keys q
	timeout 20 xl debug-keys g
	timeout 20 xl debug-keys e
}

equal() {
	[ "$1" = "$2" ] || {
		echo "expected \"$2\", seen \"$1\""
		return 1
	}
}

no() {
	"$@" || return 0
	echo "expected to fail, but succeeded: $*"
	return 1
}

# the daemon's pid; the binary it runs
daemon_pid() {
	cat "$PIDFILE"
}
daemon_is() {
	equal "$(readlink "/proc/$(daemon_pid)/exe")" "$1"
}

# soon COMMAND...: retries, for changes that no watch reports
soon() {
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ $tries -lt 1000 ] || return 1
		sleep 0.2
	done
}

limited() {
	timeout "$LIMIT" "$@"
}

# ---- loads ----

# dom0_load PATH PREFIX: a guest's load, run in dom0
dom0_load() {
	load "$1" "$2" >>/var/log/xen/console/load-"$2".log 2>&1 &
	load_pid=$!
	loads="$loads /local/domain/0/data/$2"
}

# number NAME TEXT: sets $number to the load's count of that name
number() {
	number=${2##* "$1"=}
	number=${number%% *}
}

# well BASE NUMBERS: checks the counts of a load. A restored guest's kernel
# sets each of two watches again, and three workers lose their nodes, each
# time. The stock daemon fires every watch once when it takes over: one surplus
# event for each of a worker's two watches.
well() {
	case " $restored " in
	*" $1 "*) allowed=$((3 * restores)) ;;
	*) allowed=0 ;;
	esac
	for name in again resets extra; do
		[ $name != extra ] || allowed=$((allowed + 2 * stocks))
		number $name "$2"
		if [ "$number" -gt $allowed ]; then
			echo "$1: $name is $number:$2"
			return 1
		fi
		[ $name != again ] || [ "$number" -eq 0 ] || return 1
	done
	number gap "$2"
	[ "$number" -le "$gap" ] || gap=$number
}

# all_well: every load makes progress and has found nothing wrong
all_well() {
	gap=0
	# shellcheck disable=SC2086 # one word for each
	limited rig ask $loads >"$work/asked" || {
		cat "$work/asked"
		return 1
	}
	while read -r asked numbers; do
		well "$asked" " $numbers" || return 1
	done <"$work/asked"
	note="slowest reply $gap ms"
}

# ---- guests ----

# create NAME TYPE [OPTIONS...]: sets $domid, and $base of its load
create() {
	create_name=$1
	type=$2
	shift 2
	limited xl create /etc/guest.cfg "name=\"$create_name\"" \
		"type=\"$type\"" "$@" || return 1
	found "$create_name" || return 1
	loads="$loads $base"
}

# found NAME: sets $domid and $base
found() {
	domid=$(limited xl domid "$1") || return 1
	base=/local/domain/$domid/data/load
}

# forget BASE: this load has ended
forget() {
	left=
	for load in $loads; do
		[ "$load" = "$1" ] || left="$left $load"
	done
	loads=$left
}

# no_port DOMID: dom0 has no event channel to it
no_port() {
	lsevtchn 0 >"$work/ports" && no grep "Remote Domain $1," "$work/ports"
}

# nothing_left DOMID: nothing of it is in Xen, in the store or in dom0
nothing_left() {
	limited rig gone "$1" && limited rig wait-none "/local/domain/$1" &&
		no_port "$1" && no limited xl domname "$1"
}

# ---- updates ----

# update BINARY OPTIONS...: a live update by xenstore-control
update() {
	limited "$CONTROL" live-update "$@" >"$work/reply" 2>&1
	update_rc=$?
	cat "$work/reply"
	return $update_rc
}

# updated BINARY: succeeds in the same process, and no load notices
updated() {
	before=$(daemon_pid)
	update "$1" && daemon_is "$1" && equal "$(daemon_pid)" "$before" &&
		all_well
}

# refused TEXT BINARY OPTIONS...: fails with TEXT, and nothing has changed
refused() {
	refused_text=$1
	shift
	before=$(daemon_pid)
	before_exe=$(readlink "/proc/$before/exe")
	no update "$@" && equal "$(daemon_pid)" "$before" &&
		daemon_is "$before_exe" &&
		grep -F -e "$refused_text" "$work/reply" && all_well
}

# outlived BINARY: the successor's process dies; the old binary continues in
# another process, and no load notices
outlived() {
	before=$(daemon_pid)
	before_exe=$(readlink "/proc/$before/exe")
	no update "$1" && no equal "$(daemon_pid)" "$before" &&
		daemon_is "$before_exe" &&
		grep "ended before it could serve" "$work/reply" && all_well
}

# guarded FAULT: an update to the faulty binary, which dies that way
guarded() {
	was=$(cat /bad/fault)
	echo "$1" >/bad/fault
	outlived "$FAULTY"
	guarded_rc=$?
	echo "$was" >/bad/fault
	return $guarded_rc
}

end() {
	for file in /var/log/xen/console/*; do
		if grep -a -e FINDING -e "BUG:" "$file"; then
			say "not ok $file has a FINDING or a BUG: line"
			failed=$((failed + 1))
		fi
	done
	say "sum $passed passed, $failed failed"
}

# set_fault FAULT: the one of the faulty binary
set_fault() {
	echo "export XENSTORED_FAULT=/bad" >>/etc/default/xen
	mkdir -p /bad
	echo "$1" >/bad/fault
}

# make_faulty FAULT: the same, and two more bad files
make_faulty() {
	set_fault "$1"
	printf '#!/bin/sh\nexit 0\n' >/bad/script
	head -c $(($(wc -c <"$OTHER") / 2)) "$OTHER" >/bad/half
	chmod 755 /bad/script /bad/half
}
