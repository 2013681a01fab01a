# SPDX-License-Identifier: GPL-2.0-or-later
#
# Rows of the table of faults: a stock daemon as successor. Sourced by faults.
# shellcheck shell=sh disable=SC2034,SC2086,SC2154 # lists of words are split

# without_tx: a load without long transactions, as an update to the stock
# daemon needs it, with the daemon that the host started with
without_tx() {
	end_load && { runs "$home/xenstored" || update "$home/xenstored"; } &&
		start_guests 1 2 --timeout 90 --rate 500 \
		--modes counters,watches,nul && pids="$pids $guests" &&
		answered 20 && sum row_start && no_tx=yes
}

with_tx() {
	end_load && load && sum row_start
}

row_52() {
	fails "" "give others with -c" -c "-N --none-such" "$stock" &&
		fails "" "prints no usage with -H" "$tests_bin/stock-exits" &&
		fails "" "did not finish its rehearsal in time" -t 1 \
			"$tests_bin/stock-hangs"
}

row_53() {
	talk_begin && say "a -f $stock" "a: OK" && hold_tx &&
		say "a -s -t 1" "Domains with long running transactions" &&
		end_tx && talk_end && served
}

# hold_tx, end_tx: a client that keeps a transaction open, or does another
# story
hold_tx() {
	rm -f "$work/tx.in" "$work/tx.out"
	mkfifo "$work/tx.in"
	timeout 120 "$tests_bin/raw" ${*:-tx} <"$work/tx.in" >"$work/tx.out" 2>&1 &
	holder=$!
	exec 5>"$work/tx.in"
	soon has ready "$work/tx.out"
}

end_tx() {
	echo go >&5
	exec 5>&-
	wait $holder || {
		cat "$work/tx.out"
		return 1
	}
}

# waits: an update to a stock daemon waits for a transaction
waits() {
	hold_tx && talk_begin && say "a -f $stock" "a: OK" &&
		say "a> -s -t 30" && polled waiting
}

waiting() {
	say "b -r" "state wait"
}

row_54() {
	: >"$daemon_log"
	waits && say "b -f $new" "b: $active" && say "b -s" "b: $active" &&
		say "b -a" "b: $active" || return 1
	talk_killed
	soon has "the requesting client disconnected; nothing changed" "$daemon_log" &&
		end_tx && served
}

row_55() {
	without_tx && fault no-room &&
		refuses "No space left on device" "$stock" &&
		no test -e "$run/state_dump" && no test -e "$run/state_dump.new" &&
		served && mkdir "$run/state_dump" && fault &&
		refuses "Is a directory" "$stock" && served &&
		rmdir "$run/state_dump" && with_tx
}

row_56() {
	without_tx && "$xensim" boot "$hv" 7 >/dev/null && talk_begin &&
		say "w@ @releaseDomain t" "w: OK" &&
		say "w<" "w: @releaseDomain" &&
		fails exec ": Can not access" "$stock" &&
		fault "exec exec-pause" || return 1
	behind "$stock"
	at exec && "$xensim" destroy "$hv" 7 && go &&
		failed_with ": Can not access" &&
		say "w<" "w: @releaseDomain" && talk_end &&
		no test -e "$run/state_dump" && served && with_tx
}

row_57() {
	every_to=$stock
	without_tx && every go-memory 20000 1 \
		"$no_memory|$lost_link"
	row_57_rc=$?
	every_to=
	[ $row_57_rc -eq 0 ] && back_again
}

# back_again: from the stock daemon to ours, with the usual load
back_again() {
	runs "$stock" && equal "$(children "$daemon")" "" &&
		polled no guard && end_load && fresh && sum row_start
}

row_58() {
	without_tx && cp "$stock" "$home/stock" && fault go-pause || return 1
	behind "$home/stock"
	at go && cp /bin/true "$home/stock" && go &&
		failed_with "it was changed since the update began" &&
		served && with_tx
}

row_59() {
	without_tx && rm -f "$home"/trace* &&
		"$control" logfile "$home/trace" &&
		fault "exec exec-pause" || return 1
	behind "$stock"
	at exec && mv "$home/trace" "$home/trace.1" && kill -HUP "$daemon" &&
		go && failed_with "cannot run" &&
		soon test -e "$home/trace" && served &&
		fault exec-pause || return 1
	behind "$stock"
	at exec && kill -HUP "$daemon" && kill -PIPE "$daemon" && go &&
		worked && runs "$stock" && answered 10 && back_again
}

row_60() {
	without_tx && fault short-write && update "$stock" && runs "$stock" &&
		answered 10 && back_again
}

row_61() {
	without_tx && fails no-guard "no guard for the update" "$stock" || return 1
	# a file in its place: otherwise the daemon would listen there again
	ln "$run/socket" "$run/elsewhere" && : >"$run/file" &&
		mv "$run/file" "$run/socket" || return 1
	XENSTORED_PATH=$run/elsewhere
	fails "" "cannot connect to its own socket" "$stock"
	row_61_rc=$?
	XENSTORED_PATH=$run/socket
	mv "$run/elsewhere" "$run/socket" && [ $row_61_rc -eq 0 ] && with_tx
}

late=$tests_bin/stock-late

row_62() {
	without_tx || return 1
	for how in exits crashes kill; do
		lost "" "$ended" update "$late-$how" || return 1
	done
	# a kernel that has no pidfd
	lost no-pidfd "$ended" update "$late-exits" || return 1
	# half-sent messages continue
	for how in half-header half-payload; do
		hold_tx $how &&
			comes_back "$ended" update "$late-exits" && end_tx ||
			return 1
	done
	with_tx
}

# by_ours ARGUMENTS...: for options that the stock client does not have
by_ours() {
	timeout 90 "$ours" live-update "$@" >"$work/reply" 2>&1
}

row_63() {
	without_tx && lost "" "$ended" by_ours --dialect xen2 "$stock" &&
		with_tx
}

hung="did not serve in time"

row_64() {
	without_tx && lost short-timer "$hung" update "$late-hangs" &&
		lost short-timer "$hung" update "$late-stop" &&
		lost "short-timer no-pidfd" "$hung" \
			update "$late-stop" && with_tx
}

# other_pid: another process has written the pid file
other_pid() {
	[ -s "$run/pid" ] && [ "$(cat "$run/pid")" != "$daemon" ]
}

# begun TEXT COMMAND...: an update to a stock daemon that accepted a client and
# then failed: the requesting client gets no reply, the report has the reason
begun() {
	begun_text=$1
	shift
	: >"$daemon_log"
	"$@" && return 1
	polled other_pid && ! running "$daemon" || return 1
	daemon=$(cat "$run/pid")
	pids="$pids $daemon"
	has "$lost_link" "$work/reply" && runs "$home/xenstored" &&
		has "had begun to serve" "$daemon_log" &&
		"$ours" live-update -r >"$work/report" &&
		has "$begun_text" "$work/report"
}

row_65() {
	without_tx && fault && begun "$ended" update "$late-takes" &&
		served && fault short-timer &&
		begun "$hung" update "$late-holds" && served && fault &&
		hold_tx half-payload && begun "$ended" update "$late-takes" &&
		equal "$(grep -c "closed, because the other" "$daemon_log")" 2 &&
		no end_tx && served && with_tx
}

row_66() {
	without_tx && "$xensim" boot "$hv" 7 >/dev/null && : >"$daemon_log" &&
		fault && comes_back "$ended" update "$late-moves" &&
		has "domain 7: the other daemon has moved its ring" \
			"$daemon_log" &&
		no grep -q "domain [12]: the other" "$daemon_log" &&
		"$xensim" destroy "$hv" 7 && served && with_tx
}

# guard: the process that waits while a stock daemon starts
guard() {
	for process in /proc/[0-9]*; do
		[ "$(readlink "$process/exe")" = "$home/xenstored" ] &&
			[ "${process#/proc/}" != "$daemon" ] &&
			echo "${process#/proc/}" && return
	done
	false
}

# A daemon that closes a client's connection but continues counts as working.
row_67() {
	without_tx && end_load && fault short-timer || return 1
	behind "$late-turns"
	polled runs "$late-turns" && guarded_by=$(guard) &&
		ended "$guarded_by" && runs "$late-turns" && kill "$daemon" &&
		ended "$daemon" && no wait "$asker" && fresh && sum row_start
}

row_68() {
	ends_to=$stock
	ends TERM exec && ends USR1 exec
	row_68_rc=$?
	ends_to=
	[ $row_68_rc -eq 0 ] && without_tx || return 1
	# a signal after the exec: to the new process alone; then to the guard,
	# too
	behind "$late-hangs"
	polled runs "$late-hangs" && kill "$daemon" && failed_with "$ended" &&
		daemon=$(cat "$run/pid") && pids="$pids $daemon" &&
		runs "$home/xenstored" && served && end_load || return 1
	behind "$late-hangs"
	polled runs "$late-hangs" && guarded_by=$(guard) &&
		kill "$guarded_by" "$daemon" && ended "$guarded_by" &&
		no wait "$asker" && nobody_serves && fresh && sum row_start
}

row_69() {
	without_tx && "$xensim" boot "$hv" 7 >/dev/null && talk_begin &&
		say "w@ @releaseDomain t" "w: OK" &&
		say "w<" "w: @releaseDomain" && fault || return 1
	behind "$late-hangs"
	polled runs "$late-hangs" && "$xensim" destroy "$hv" 7 &&
		kill -KILL "$daemon" && failed_with "$ended" &&
		daemon=$(cat "$run/pid") && pids="$pids $daemon" &&
		say "w<" "w: @releaseDomain" && talk_end && served && with_tx
}
