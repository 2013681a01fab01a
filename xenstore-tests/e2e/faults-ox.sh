# SPDX-License-Identifier: GPL-2.0-or-later
#
# Rows of the table of faults: oxenstored as successor. Sourced by faults.
# shellcheck shell=sh disable=SC2034,SC2086,SC2154 # lists of words are split

ox=$STOCK/oxenstored
ox_late=$tests_bin/ox-late

# host_ox: a host on which oxenstored finds this daemon's run directory
host_ox() {
	fresh_env=$here/ox-host
	fresh
	host_ox_rc=$?
	fresh_env=
	[ $host_ox_rc -eq 0 ] && without_tx && no_tx=ox
}

# no_dump COMMAND...: it succeeds and leaves no dump
no_dump() {
	"$@" && no test -e "$run/db"
}

row_75() {
	host_ox && fails "" "does not accept the arguments" \
		-c "--none-such" "$ox" &&
		fails "" "does not accept the arguments" "$tests_bin/ox-exits" &&
		fails "" "did not finish its rehearsal in time" -t 1 \
			"$tests_bin/ox-hangs" && with_tx
}

# drains: the attempts begin again and again
drains() {
	say "b -r" "state wait"
}

row_76() {
	host_ox && hold_tx half-payload && : >"$daemon_log" && talk_begin &&
		say "a -f $ox" "a: OK" && say "a> -s -t 30" && polled drains &&
		answered 500 || return 1
	talk_killed
	soon has "the requesting client disconnected; nothing changed" \
		"$daemon_log" && end_tx && served && hold_tx unread 200 &&
		refuses "does not read its replies" -t 2 "$ox" && end_tx &&
		hold_tx tx && refuses "Domains with long running" -t 2 "$ox" &&
		end_tx && served && with_tx
}

row_77() {
	host_ox && fault no-room &&
		no_dump refuses "No space left on device" "$ox" && served &&
		fault exec && no_dump refuses ": Can not access" "$ox" &&
		served && "$xensim" boot "$hv" 7 >/dev/null && talk_begin &&
		say "w@ @releaseDomain t" "w: OK" &&
		say "w<" "w: @releaseDomain" && fault "exec exec-pause" ||
		return 1
	behind "$ox"
	at exec && "$xensim" destroy "$hv" 7 && go &&
		no_dump failed_with ": Can not access" &&
		say "w<" "w: @releaseDomain" && talk_end && served && with_tx
}

row_78() {
	every_to=$ox
	host_ox && every go-memory 20000 1 "$no_memory|$lost_link"
	row_78_rc=$?
	every_to=
	[ $row_78_rc -eq 0 ] && runs "$ox" && polled no guard && end_load &&
		fresh && sum row_start
}

row_79() {
	host_ox || return 1
	for how in exits kill; do
		lost "" "$ended" update "$ox_late-$how" || return 1
	done
	lost no-pidfd "$ended" update "$ox_late-exits" &&
		lost short-timer "$hung" update "$ox_late-hangs" && with_tx
}

row_80() {
	host_ox && fault && begun "$ended" update "$ox_late-takes" && served &&
		: >"$daemon_log" && "$xensim" boot "$hv" 7 >/dev/null &&
		comes_back "$ended" update "$ox_late-moves" &&
		has "domain 7: the other daemon has moved its ring" \
			"$daemon_log" &&
		"$xensim" destroy "$hv" 7 && served && with_tx
}
