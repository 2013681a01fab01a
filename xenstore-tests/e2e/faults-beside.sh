# SPDX-License-Identifier: GPL-2.0-or-later
#
# Rows of the table "Beside: steps, faults, results". Sourced by beside.
# shellcheck shell=sh disable=SC2034,SC2086,SC2154 # lists of words are split

pid_is_new() {
	[ "$(cat "$run/pid")" != "$old" ]
}

# follows FILE: another process serves and runs FILE; the old one has ended
follows() {
	old=$daemon
	ended "$old" && polled pid_is_new || return 1
	daemon=$(cat "$run/pid")
	pids="$pids $daemon"
	runs "$1" && equal "$(children "$daemon")" ""
}

# besides FILE: an update beside that succeeds
besides() {
	update --beside "$1" || {
		cat "$work/reply"
		return 1
	}
	follows "$1"
}

# same_pid FILE: the daemon is still this process, with no child
same_pid() {
	equal "$(cat "$run/pid")" "$daemon" && runs "$1" &&
		polled alone_now
}

alone_now() {
	equal "$(children "$daemon")" ""
}

# fails_beside WORDS TEXT [ARGUMENTS...]: as fails, loaded beside
fails_beside() {
	fails_b_words=$1
	fails_b_text=$2
	shift 2
	[ $# -gt 0 ] || set -- "$new"
	fails "$fails_b_words" "$fails_b_text" --beside "$@" && polled alone_now
}

# every_beside NAME MAX STEP TEXT: updates with NAME=0, NAME=1 and so on until
# eight in a row have succeeded: some faults do no harm. Each failure must match
# TEXT (a regular expression)
every_beside() {
	every_n=0
	every_good=0
	every_bad=0
	while [ $every_good -lt 8 ]; do
		fault "$1=$every_n"
		update --beside "$new"
		every_rc=$?
		if [ $every_rc -eq 0 ]; then
			follows "$new" || return 1
			every_good=$((every_good + 1))
		else
			every_good=0
			every_bad=$((every_bad + 1))
			every_failed "$1" "$4" || return 1
		fi
		every_n=$((every_n + $3))
		[ $every_n -le "$2" ] || {
			echo "$1: no end of it"
			return 1
		}
	done
	echo "# row $row: $1 0 to $every_n, by $3, $every_bad failures" \
		>>"$work/counts"
	[ $every_bad -gt 0 ] && served && back
}

every_failed() {
	equal $every_rc 3 && grep -qE "$2" "$work/reply" &&
		grep -qE "nothing changed|closed" "$work/reply" &&
		running "$daemon" || {
		echo "$1=$every_n:"
		cat "$work/reply"
		return 1
	}
}

# back: the daemon runs its first binary again
back() {
	fault
	runs "$home/xenstored" || besides "$home/xenstored"
}

running() {
	[ -e "/proc/$1" ] && ! grep -q '^State:.Z' "/proc/$1/status"
}

# successor: sets $successor, the process that is being loaded
successor() {
	successor=$(children "$daemon")
	successor=${successor% }
	[ -n "$successor" ]
}

# paused POINT [WORDS]: an update in the background stops at that point
paused() {
	fault "$1-pause $2" || return 1
	behind --beside "$new"
	at "$1" && successor
}

# let_go: it does not stop again
let_go() {
	fault && go
}

done_by() {
	worked && follows "$new" && served && back
}

# ---- ARMED ----

# refused TEXT FILE: before anything is tried
refused() {
	update --beside "$2"
	equal $? 3 && has "$1, which cannot be loaded beside" "$work/reply" &&
		has "Nothing changed." "$work/reply" && served
}

row_B1() {
	refused "is an older version" "$tests_bin/exits" &&
		refused "is a stock xenstored" "$stock" &&
		update --in-place "$new" && runs "$new"
}

# ---- LOAD ----

row_B2() {
	fails_beside no-fork "cannot" && fails_beside no-stream "" &&
		every_beside prepare-memory 3000 1 "$no_memory"
}

row_B3() {
	fails_beside "" "unknown option --none" -c "-N --none" "$new" &&
		fails_beside "" "trace file /none/such" -c "-N -T /none/such" \
			"$new" &&
		mismatched evtchn "refused an event channel"
}

# mismatched LIBRARY TEXT: the new binary loads a LIBRARY that does not match
mismatched() {
	"$xensim" mismatch "$hv" "$1" && fails_beside "" "$2"
	mismatched_rc=$?
	"$xensim" mismatch "$hv"
	return $mismatched_rc
}

row_B4() {
	fails_beside "" "exited with status 7" "$tests_bin/beside-exits" &&
		fails_beside "" "signal 6" "$tests_bin/beside-crashes" ||
		return 1
	for how in loader-segv beside-start-exit beside-start-segv \
		beside-piece-kill beside-map-segv beside-loaded-vanish; do
		echo "# $how"
		fails_beside $how "" || return 1
	done
}

row_B5() {
	every_beside restore-error 3000 1 "record [0-9]* .*made to fail" &&
		every_beside restore-segv 3000 7 "killed by signal 11"
}

row_B6() {
	fails_beside "" "was not loaded in time" -t 1 "$tests_bin/beside-hangs" &&
		fails_beside beside-loaded-hang "was not loaded in time" -t 1 \
			"$new" &&
		paused beside-piece && kill -STOP "$successor" && served &&
		{ wait "$asker" & } && kill -CONT "$successor" && let_go && done_by
}

# The daemon fails at a megabyte here.
row_B7() {
	paused beside-start short-window || return 1
	much=$(printf '%2000s' "" | tr ' ' x)
	seq 1200 | sed "s|.*|/much/x $much|" | xargs -n 100 xenstore-write
	failed_with "the new binary reads too slowly: " && served &&
		ended "$successor" && same_pid "$home/xenstored" &&
		xenstore-rm /much
}

# starved LIMIT USUAL: the successor has no more than that from a point on; if it
# serves all the same, it gets the usual limit back
starved() {
	for starved_at in beside-start beside-piece beside-loaded; do
		echo "# $1 at $starved_at"
		paused $starved_at && prlimit --pid "$successor" "$1:" && let_go &&
			if wait "$asker"; then
				follows "$new" && prlimit --pid "$daemon" \
					"$2:" && back
			else
				has "nothing changed" "$work/reply.behind" &&
					same_pid "$home/xenstored"
			fi && served || return 1
	done
}

row_B8() {
	starved --as=8000000 --as=unlimited &&
		starved --nofile=6 --nofile=1024 &&
		every_beside beside-memory 3000 3 "$no_memory"
}

row_B9() {
	every_beside load-memory 300 1 "$no_memory"
}

row_B10() {
	for point in beside-start beside-piece beside-loaded; do
		talk_begin && fault $point-pause && say "a -f $new" "a: OK" &&
			say "a> -s --beside" && at $point && successor &&
			served || return 1
		: >"$daemon_log"
		talk_killed
		soon has "the requesting client disconnected; nothing changed" \
			"$daemon_log" && ended "$successor" && served &&
			same_pid "$home/xenstored" || return 1
	done
}

active="live-update session already active."
not_active="live-update session not active."

row_B11() {
	paused beside-piece && talk_begin && say "b -f $new" "b: $active" &&
		say "b -s --beside" "b: $active" && say "b -a" "b: $active" &&
		say "b -r" "state load" && say "b -r" "nodes-sent " &&
		say "b -r" "lag-bytes " && served && let_go && worked &&
		follows "$new" && say "b -r" "last ok" &&
		say "b -r" "how beside" && say "b -r" "pause-us " && talk_end &&
		back
}

row_B12() {
	talk_begin && fault beside-piece-pause && say "a -f $new" "a: OK" &&
		say "a> -s --beside" && say "a> -a" && at beside-piece &&
		served && let_go && say "a<" "a: OK" &&
		say "a<" "a: $not_active" && follows "$new" && talk_end && back
}

# Guests come and go, and one begins its ring again, while the successor is
# loaded.
row_B13() {
	"$xensim" boot "$hv" 7-8 >/dev/null && talk_begin &&
		say "w@ @releaseDomain t" "w: OK" &&
		say "w<" "w: @releaseDomain" && paused beside-piece &&
		"$xensim" destroy "$hv" 7 && say "w<" "w: @releaseDomain" &&
		"$xensim" boot "$hv" 9 >/dev/null &&
		"$xensim" destroy "$hv" 8 && say "w<" "w: @releaseDomain" &&
		"$xensim" boot "$hv" 8 >/dev/null && served && let_go && worked &&
		follows "$new" && served && no xenstore-exists /local/domain/7/data &&
		xenstore-exists /local/domain/8/domid /local/domain/9/domid &&
		"$xensim" destroy "$hv" 8 && say "w<" "w: @releaseDomain" &&
		"$xensim" destroy "$hv" 9 && say "w<" "w: @releaseDomain" &&
		talk_end && back
}

# frozen rings stay frozen
row_B14() {
	"$xensim" boot "$hv" 7 >/dev/null && "$ours" migrate-freeze 7 &&
		besides "$new" && served && paused beside-piece &&
		"$ours" migrate-thaw 7 && "$ours" migrate-freeze 7 && let_go &&
		worked && follows "$new" && "$ours" migrate-thaw 7 &&
		"$xensim" destroy "$hv" 7 && served && back
}

# nobody_serves: not even later
nobody_serves() {
	no timeout 20 xenstore-exists /tool
}

# ends_beside SIGNAL POINT: the signal ends the daemon at that point of an
# update; the successor ends, too
ends_beside() {
	running "$daemon" || fresh || return 1
	end_load
	echo "# $1 at $2"
	paused "$2" && kill -"$1" "$daemon" && ended "$daemon" || return 1
	case $2 in beside-swap | beside-serves) return ;; esac
	let_go
	ended "$successor" && no wait "$asker" && nobody_serves
}

row_B15() {
	for point in beside-start beside-piece beside-loaded; do
		ends_beside TERM $point && ends_beside KILL $point || return 1
	done
	fresh && sum row_start
}

row_B16() {
	rm -f "$home"/trace*
	"$control" logfile "$home/trace" && paused beside-piece &&
		mv "$home/trace" "$home/trace.1" && kill -PIPE "$daemon" &&
		kill -HUP "$daemon" && soon test -e "$home/trace" && let_go &&
		done_by
}

# ---- CUT ----

row_B17() {
	for how in beside-cut-segv beside-cut-exit beside-cut-kill \
		beside-swap-segv beside-swap-kill beside-serves-kill; do
		echo "# $how"
		fails_beside $how "" || return 1
	done
}

row_B18() {
	fails_beside "beside-cut-hang short-timer" "did not serve in time" &&
		fails_beside "beside-swap-deaf short-timer" \
			"did not serve in time" &&
		fault "beside-cut-pause short-timer" || return 1
	behind --beside "$new"
	at beside-cut && successor && kill -STOP "$successor" &&
		failed_with "did not serve in time" && ended "$successor" &&
		served && fault beside-cut-hang &&
		refuses "did not serve in time" --beside "$new" && served
}

row_B19() {
	fails_beside restore-digest "has digest" &&
		fails_beside restore-counts "the writer had"
}

row_B20() {
	every_beside go-memory 3000 1 "$no_memory|closed" &&
		every_beside beside-cut-memory 3000 1 "$no_memory"
}

row_B21() {
	fails_beside short-timer "did not serve in time" \
		"$tests_bin/beside-lies" &&
		fails_beside "" "has not taken over" "$tests_bin/beside-claims"
}

row_B22() {
	for point in beside-cut beside-swap; do
		talk_begin && fault $point-pause && say "a -f $new" "a: OK" &&
			say "a> -s --beside" && at $point || return 1
		talk_killed
		let_go && follows "$new" && served && talk_begin &&
			say "b -r" "last ok" && talk_end && back || return 1
	done
}

# An end of the daemon that is requested in the pause ends the next one.
row_B23() {
	end_load
	for point in beside-cut beside-swap beside-serves; do
		running "$daemon" || fresh && end_load || return 1
		echo "# TERM at $point"
		paused $point && kill -TERM "$daemon" && let_go &&
			ended "$daemon" && ended "$successor" &&
			nobody_serves || return 1
		wait "$asker"
	done
	fresh && sum row_start
}

row_B24() {
	for point in beside-cut beside-swap beside-serves; do
		end_load
		running "$daemon" || fresh && end_load || return 1
		echo "# KILL at $point"
		paused $point && kill -KILL "$daemon" && let_go &&
			follows "$new" && load && back || return 1
	done
	sum row_start
}

row_B25() {
	talk_begin && fault beside-cut-pause && say "a -f $new" "a: OK" &&
		say "a> -s --beside" && say "a> -a" && at beside-cut && fault &&
		say "b> -f $new" && say "b> -a" && let_go && say "a<" "a: OK" &&
		say "a<" "a: $not_active" && say "b<" "b: OK" &&
		say "b<" "b: OK" && follows "$new" && talk_end && served && back
}
