# SPDX-License-Identifier: GPL-2.0-or-later
#
# The building blocks of the rows of the table of faults. Sourced by faults.
# shellcheck shell=sh disable=SC2034,SC2086,SC2154 # lists of words are split

ours=$top/tools/xenstore-control/xenstore-control
xs_image=$top/tools/xs-image/xs-image
stock=$STOCK/xenstored
no_memory="[Nn]o memory|out of memory|annot allocate memory"
fault_serial=0
host_serial=0

# fault [WORDS]: sets what fails from now on; the text is always a new one
fault() {
	fault_serial=$((fault_serial + 1))
	echo "$* run-$fault_serial" >"$faults/fault.new" &&
		mv "$faults/fault.new" "$faults/fault"
}

# fresh: a new host with a daemon and a load
fresh() {
	end_load
	end_ours $daemon
	[ $host_serial -eq 0 ] || "$xensim" stop "$hv"
	host_serial=$((host_serial + 1))
	home=$work/$host_serial
	faults=$home/faults
	mkdir "$home" "$faults" "$home/new" "$home/other" && mkfifo "$faults/go"
	cp "$DAEMON" "$home/xenstored" && cp "$DAEMON" "$home/new/xenstored" &&
		cp "$DAEMON" "$home/other/xenstored" || return 1
	new=$home/new/xenstored
	hv=$home/hv
	daemon_log=$home/log
	daemon_env="env XENSTORED_FAULT=$faults $fresh_env"
	fault
	use_run "$home/run"
	"$xensim" serve "$hv" -d || return 1
	if [ -n "$fresh_limit" ]; then
		printf '#!/bin/sh\nulimit -f %s\nexec "$@"\n' "$fresh_limit" \
			>"$home/limited"
		chmod 755 "$home/limited"
		daemon_env="$home/limited $daemon_env"
	fi
	start_daemon "$home/xenstored" || return 1
	"$xensim" boot "$hv" 1-2 >/dev/null && load
}

load() {
	no_tx=
	guests= stats= ring_stats= sockets= socket_stats=
	start_guests 1 2 --hold-tx --timeout 90 --rate 1000
	start_sockets 1 300 2000
	pids="$pids $guests $sockets"
	answered 20
}

healthy() {
	[ -z "$row_failed" ] && [ -n "$guests" ] && kill -0 "$daemon" &&
		answered 5 && return
	row_failed=
	false
}

# served: every load is served, and nothing was lost since the row began
served() {
	kill -0 "$daemon" && answered 10 && sum now && bad row_start now &&
		equal "lost $bad_lost, duplicated $bad_dup, wrong $bad_wrong" \
			"lost 0, duplicated 0, wrong 0"
}

# recovers: an update without a fault succeeds
recovers() {
	update "$home/other/xenstored" || {
		cat "$work/reply"
		return 1
	}
	runs "$home/other/xenstored" && served
}

# runs FILE: the daemon's process now runs that binary
runs() {
	equal "$(readlink "/proc/$daemon/exe")" "$1"
}

# ---- with all clients stopped ----

# still: stops the load. With $no_tx set, at a moment when it has no
# transaction open: an update to the stock daemon would wait for that one. With
# no_tx=ox, no half message or unread reply either
still() {
	while halt; do
		xenstore-ls >/dev/null && xenstore-ls >/dev/null || return 1
		[ -n "$no_tx" ] && in_tx || return 0
		goes_on
	done
	false
}

# halt: stops all clients. A guest is paused, not stopped by a signal: that
# could hit it after it has put a request on its ring and before it has sent the
# event, and the daemon would find the request at any time in the next second
halt() {
	for halt_dom in 1 2; do
		"$xensim" pause "$hv" $halt_dom || return 1
	done
	[ -z "$sockets" ] || kill -STOP $sockets || return 1
	for halt_pid in $sockets; do
		polled stopped "$halt_pid" || return 1
	done
}

# stopped PID: the signal has stopped the process
stopped() {
	grep -q '^State:.T' "/proc/$1/status"
}

# in_tx: some client has a transaction open, or what else is waited for
in_tx() {
	in_tx_words=TRANSACTION_DATA
	[ "$no_tx" != ox ] || in_tx_words="$in_tx_words"'|CONN_(IN|OUT)PUT|CONNECTION_DATA .* conn-type=0 .*data="[^"]'
	xenstore-ls >/dev/null
	rm -f "$work/tx.image"
	"$ours" save-image "$work/tx.image" >/dev/null &&
		"$xs_image" show "$work/tx.image" |
		grep -aqE "^[0-9]+ @[0-9]+ ($in_tx_words)"
}

goes_on() {
	for halt_dom in 1 2; do
		"$xensim" unpause "$hv" $halt_dom
	done
	[ -z "$sockets" ] || kill -CONT $sockets
}

# snap NAME: saves nodes, watches, transactions, half-read and half-sent
# messages; open descriptors; memory
snap() {
	rm -f "$work/$1.image"
	"$ours" save-image "$work/$1.image" >/dev/null &&
		"$ours" memreport "$work/$1.report" >/dev/null || return 1
	sed -n 's/^all *//p' "$work/$1.report" >"$work/$1.memory"
	# while a client is served, the one before it is gone
	settled && soon_node / descriptors "$1.fds"
}

# settled: a thread frees the image of the last update and ends
settled() {
	polled one_thread
}

one_thread() {
	equal "$(ls "/proc/$daemon/task")" "$daemon"
}

# descriptors NAME: those of the daemon; the numbers of xensim's own pipes change
descriptors() {
	for descriptor in /proc/"$daemon"/fd/*; do
		readlink "$descriptor"
	done | sed 's/:\[.*//; s/ (deleted)$//' | sort >"$work/$1"
}

# same NAME NAME: expects the same state, except for the connection that saves
# it, the next connection id, durations and who had a turn just now. A mapped
# ring may wait to be mapped again, and a ring may be known to be idle (flag 8)
same() {
	"$xs_image" diff "$work/$1.image" "$work/$2.image" |
		sed -e 's/ next-conn-id=.*//' -e 's/ [a-z]*-ms=[0-9]*//' -e 's/ passes=.*//' \
			-e 's/^\([-+] CONN_STATE .* flags=\)8 /\10 /' \
			-e '/^[-+] \(RING_STATE\|RING_LOOK\|TURN_PLACE\) /d' -e '/^[-+] CONN.* flags=0 socket-fd=[0-9]* data=""$/d' \
			-e '/^[-+] CONN_STATE conn-id=[0-9]* flags=0 next-tx-id=1$/d' |
		awk '{ n[substr($0, 2)] += $1 == "+" ? 1 : -1 }
			END { for (line in n) if (n[line]) {
				print line; bad = 1
			} exit bad }' && return
	"$xs_image" diff "$work/$1.image" "$work/$2.image"
	false
}

# same_cost NAME NAME: expects the same descriptors and memory
same_cost() {
	diff "$work/$1.fds" "$work/$2.fds" &&
		diff "$work/$1.memory" "$work/$2.memory"
}

# ---- updates that fail ----

# refuses TEXT ARGUMENTS...: expects TEXT in the reply and nothing changed
refuses() {
	refuses_text=$1
	shift
	update "$@"
	equal $? 3 && has "$refuses_text" "$work/reply" &&
		grep -qE '^Setting update binary failed|nothing changed$' \
			"$work/reply" && kill -0 "$daemon" && return
	cat "$work/reply"
	false
}

# fails WORDS TEXT [ARGUMENTS...]: an update with such a fault, under load and
# three times with all clients stopped, the last two by the same process
fails() {
	fails_words=$1
	fails_text=$2
	shift 2
	[ $# -gt 0 ] || set -- "$new"
	echo "# $fails_words: $fails_text"
	fault "$fails_words"
	refuses "$fails_text" "$@" && served || return 1
	still
	snap before
	fault "$fails_words"
	refuses "$fails_text" "$@" && snap between &&
		fault "$fails_words" && refuses "$fails_text" "$@" &&
		snap after && same before between && same between after &&
		same_cost between after
	fails_rc=$?
	fault
	goes_on
	served && return $fails_rc
}

# the stock client's message when its connection was closed
lost_link="Bad file descriptor"

# every NAME MAX STEP TEXT [BEFORE]: updates with NAME=0, NAME=1 and so on
# until one succeeds; each failure must match TEXT (a regular expression)
every() {
	every_n=0
	while :; do
		fault "$1=$every_n $5"
		update "${every_to:-$new}"
		every_rc=$?
		[ $every_rc -ne 0 ] || break
		equal $every_rc 3 && grep -qE "$4" "$work/reply" &&
			grep -qE "nothing changed|^$lost_link" "$work/reply" &&
			kill -0 "$daemon" || {
			echo "$1=$every_n:"
			cat "$work/reply"
			return 1
		}
		every_n=$((every_n + $3))
		[ $every_n -le "$2" ] || {
			echo "$1: no end of it"
			return 1
		}
	done
	echo "# row $row: $1 0 to $((every_n - $3)), by $3" >>"$work/counts"
	[ $every_n -gt 0 ] && served
}

# ---- updates that wait at a point ----

# at NAME: waits until the daemon is at that point
at() {
	soon test -e "$faults/at-$1" && rm "$faults/at-$1"
}

go() {
	timeout 20 sh -c ": >'$faults/go'"
}

# behind ARGUMENTS...: starts an update in the background
behind() {
	rm -f "$work/reply.behind"
	timeout 90 "$control" live-update "$@" >"$work/reply.behind" 2>&1 &
	asker=$!
	pids="$pids $asker"
}

# worked, failed_with TEXT: expects the update in the background to have
worked() {
	wait "$asker" || {
		cat "$work/reply.behind"
		return 1
	}
}

failed_with() {
	wait "$asker"
	equal $? 3 && has "$1" "$work/reply.behind" &&
		has "nothing changed" "$work/reply.behind"
}
