# SPDX-License-Identifier: GPL-2.0-or-later
#
# Shared by the demo and the end-to-end tests: a simulated Xen with a daemon,
# loads, updates and their counts. Sourced; needs $top (the top of the tree).
# begin creates $work, a private folder that is removed at exit.
#
#   STOCK=DIR   the stock programs (default: Debian's path)
#   KEEP=1      keep $work
#   MANAGE=1    the daemon that uses libxenmanage (tools/Rules.mk)
# shellcheck shell=sh disable=SC2034,SC2086 # lists of words are split

xensim=$top/tools/xensim/xensim
guest=$top/tools/xensim/xensim-guest
tests_bin=$top/build/e2e
STOCK=${STOCK:-$("$top/tools/stock" dir)}
control=$STOCK/xenstore-control
pids=
other_hvs= # more hypervisors to be stopped at the end
as=${MANAGE:+-manage} # which of its builds
daemon_env= # a command before the daemon, to set its environment

# end_ours PID...: ends these processes if they belong to this run. A PID may
# have been reused since; ours have $work in their environment
end_ours() {
	for pid; do
		! grep -qsaF "$work" "/proc/$pid/environ" || kill "$pid" 2>/dev/null
	done
}

cleanup() {
	end_ours $pids
	for dir in $hv $other_hvs; do
		"$xensim" stop "$dir" 2>/dev/null
	done
	[ -n "$KEEP" ] || rm -rf "$work"
}

# begin: creates the folder and a hypervisor in it
begin() {
	work=$(mktemp -d) || exit 2
	trap cleanup EXIT
	trap 'exit 2' INT TERM
	trap : PIPE # a client that exits must not end the test
	hv=$work/hv
	daemon_log=$work/daemon.log
	use_run "$work/run"
	"$xensim" serve "$hv" -d || exit 2
}

# use_run DIR: from here on clients talk to the daemon of that run directory
use_run() {
	run=$1
	mkdir -p "$run" || exit 2
	XENSTORED_RUNDIR=$run
	XENSTORED_PATH=$run/socket
	export XENSTORED_RUNDIR XENSTORED_PATH
}

# start_daemon BINARY: in the foreground; sets $daemon to its pid
start_daemon() {
	: >"$daemon_log" # opened for appending, so it can be truncated
	$daemon_env "$xensim" run "$hv" -- "$1" -N --pid-file "$run/pid" \
		>>"$daemon_log" 2>&1 &
	daemon=$!
	pids="$pids $daemon"
	"$xensim" wait "$run/socket" $patience
}

# start_guests FIRST LAST OPTIONS...: adds their pids to $guests
start_guests() {
	domid=$1
	last=$2
	shift 2
	while [ "$domid" -le "$last" ]; do
		rm -f "$work/guest.$domid.stats"
		"$guest" "$hv" "$domid" --stats "$work/guest.$domid.stats" "$@" \
			>"$work/guest.$domid.out" 2>&1 &
		guests="$guests $!"
		stats="$stats $work/guest.$domid.stats"
		ring_stats="$ring_stats $work/guest.$domid.stats"
		domid=$((domid + 1))
	done
}

# start_sockets N HOLD-MS PAUSE-US [FIRST [DOMID]]: starts clients of
# libxenstore on the socket, numbered from FIRST (1). Domain DOMID (1) exists
# all the time
start_sockets() {
	client=${4:-1}
	last=$((client + $1 - 1))
	while [ "$client" -le "$last" ]; do
		rm -f "$work/socket.$client.stats"
		"$tests_bin/xs-load" "$client" "$work/socket.$client.stats" \
			"$2" "$3" "${5:-1}" >"$work/socket.$client.out" 2>&1 &
		sockets="$sockets $!"
		stats="$stats $work/socket.$client.stats"
		socket_stats="$socket_stats $work/socket.$client.stats"
		client=$((client + 1))
	done
}

# end_load: ends all loads; succeeds if no guest or client reported an error
end_load() {
	end_rc=0
	for pid in $guests $sockets; do
		kill "$pid" 2>/dev/null
	done
	for pid in $guests $sockets; do
		wait "$pid" || end_rc=1
	done
	[ $end_rc -eq 0 ] || cat "$work"/guest.*.out "$work"/socket.*.out >&2
	guests= sockets= stats= ring_stats= socket_stats=
	return $end_rc
}

# sum NAME: saves the counts of all loads in $work/NAME
sum() {
	"$xensim" stats $stats >"$work/$1"
}

# grew FIELD FROM TO: how much a count grew between two sums
grew() {
	awk -v f="$1" '$1 == f { v[FILENAME] = $2 }
		END { print v[ARGV[2]] - v[ARGV[1]] }' \
		"$work/$2" "$work/$3"
}

# gap_ms FILE...: longest gap in ms since the last reset
gap_ms() {
	"$xensim" stats "$@" |
		awk '$1 == "gap_max_us" { printf "%.1f\n", $2 / 1000 }'
}

# bad FROM TO: replies lost, duplicated and wrong between two sums
bad() {
	bad_lost=$(($(grew lost "$1" "$2") + $(grew tx_lost "$1" "$2") +
		$(grew events_lost "$1" "$2")))
	bad_dup=$(grew duplicated "$1" "$2")
	bad_wrong=$(grew wrong "$1" "$2")
}

# answered N: waits until each load got N more replies
answered() {
	"$xensim" stats --wait answered "$1" $stats && return
	cat "$work"/guest.*.out "$work"/socket.*.out
	false
}

# took_over: the daemon's log line about the last update
took_over() {
	grep 'took over' "$daemon_log" | tail -n 1
}

# before WORD: the number in front of WORD in the text on stdin
before() {
	sed -n "s/.* \([0-9][0-9]*\) $1.*/\1/p"
}

# ---- a client driven by hand ----

talk_begin() {
	talk_end
	rm -f "$work/in" "$work/talk"
	mkfifo "$work/in"
	timeout 120 "$tests_bin/talk" <"$work/in" >>"$work/talk" 2>&1 &
	talker=$!
	exec 4>"$work/in"
	soon has ready "$work/talk"
}

# say LINE [ANSWER]: sends a line; with ANSWER, expects that reply
say() {
	: >"$work/talk"
	echo "$1" >&4
	[ -z "$2" ] || heard "$2"
}

# heard TEXT: waits for a reply and expects TEXT in it
heard() {
	soon test -s "$work/talk" && has "$1" "$work/talk"
}

talk_end() {
	[ -n "$talker" ] || return 0
	exec 4>&-
	wait $talker
	talk_rc=$?
	talker=
	return $talk_rc
}

# talk_killed: kills the client with SIGKILL
talk_killed() {
	kill -KILL "$(children $talker)"
	exec 4>&-
	wait $talker 2>/dev/null
	talker=
}

children() {
	cat "/proc/$1/task/$1/children"
}

# ---- a client in the middle of a story ----

# begin_story STORY...: runs raw up to the middle; descriptor 4 is its input
begin_story() {
	rm -f "$work/in" "$work/out"
	mkfifo "$work/in"
	timeout 60 "$tests_bin/raw" "$@" <"$work/in" >"$work/out" 2>&1 &
	story=$!
	exec 4>"$work/in"
	soon has ready "$work/out"
}

end_story() {
	echo go >&4
	exec 4>&-
	wait "$story" || {
		cat "$work/out"
		return 1
	}
}

# ---- checks: one line each, the last line has the counts ----

passed=0
failed=0
alone="xenstore-tests/e2e/run ${0##*/}" # the command that runs this part alone

# check WHAT COMMAND...: prints whether the command succeeds
check() {
	check_what=$1
	shift
	if "$@" >"$work/check.out" 2>&1; then
		echo "ok $check_what"
		passed=$((passed + 1))
	else
		echo "not ok $check_what"
		sed 's/^/#   /' "$work/check.out"
		echo "#   failed: $*"
		echo "#   run alone: $alone"
		failed=$((failed + 1))
	fi
}

# no COMMAND...: expects the command to fail
no() {
	"$@" || return 0
	echo "expected to fail, but succeeded: $*"
	return 1
}

equal() {
	[ "$1" = "$2" ] || {
		echo "expected \"$2\", seen \"$1\""
		return 1
	}
}

# has TEXT FILE: expects TEXT in the file
has() {
	grep -qF -e "$1" "$2" || {
		echo "expected \"$1\" in $2, which has:"
		cat "$2"
		return 1
	}
}

# upon SOURCE... -- COMMAND...: runs the command after each line of the
# source's output, until it succeeds or the source ends
upon() {
	rm -f "$work/upon"
	mkfifo "$work/upon" || return 1
	upon_source=
	while [ "$1" != -- ]; do
		upon_source="$upon_source $1"
		shift
	done
	shift
	$upon_source >"$work/upon" 2>/dev/null &
	upon_pid=$!
	upon_rc=1
	while read -r _; do
		if "$@" >"$work/upon.out" 2>&1 </dev/null; then
			upon_rc=0
			break
		fi
	done <"$work/upon"
	kill $upon_pid 2>/dev/null
	wait $upon_pid 2>/dev/null
	[ $upon_rc -eq 0 ] || cat "$work/upon.out"
	return $upon_rc
}

# What hangs fails after so many seconds, which no busy host takes
patience=60

# soon COMMAND... FILE: retries after each write to the file
soon() {
	for soon_file; do :; done
	upon "$tests_bin/await" changes "$soon_file" $patience -- "$@"
}

# soon_node PATH COMMAND...: retries after each change of the node
soon_node() {
	soon_path=$1
	shift
	upon timeout $patience xenstore-watch "$soon_path" -- "$@"
}

# polled COMMAND...: retries on a timer, for changes without a notification:
# the binary of a process, a count in memory
polled() {
	polled_tries=0
	until "$@" >"$work/polled.out" 2>&1; do
		polled_tries=$((polled_tries + 1))
		if [ $polled_tries -gt $((patience * 20)) ]; then
			cat "$work/polled.out"
			return 1
		fi
		sleep 0.05
	done
}

# ended PID: expects the process to end
ended() {
	"$tests_bin/await" end "$1" $patience
}

# update BINARY OPTIONS...: a live update by xenstore-control; reply in
# $work/reply
update() {
	timeout 90 "$control" live-update "$@" >"$work/reply" 2>&1
}

# nothing_lost FROM: expects nothing lost, duplicated or wrong since that sum;
# saves the current sum as "after"
nothing_lost() {
	sum after
	bad "$1" after
	equal "lost $bad_lost, duplicated $bad_dup, wrong $bad_wrong" \
		"lost 0, duplicated 0, wrong 0"
}

counted() {
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}
