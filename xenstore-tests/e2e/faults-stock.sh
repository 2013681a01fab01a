# SPDX-License-Identifier: GPL-2.0-or-later
#
# Rows of the table of faults: a stock daemon as successor.  Sourced by faults.
# shellcheck shell=sh disable=SC2034,SC2086,SC2154 # lists of words are split

# without_tx: a load that has none open for long, as a stock daemon wants it
without_tx() {
	end_load && start_guests 1 2 --timeout 90 --rate 500 \
		--modes counters,watches,nul && pids="$pids $guests" &&
		answered 20 && sum row_start
}

with_tx() {
	end_load && load && sum row_start
}

row_52() {
	fails "" "give others with -c" -c "-N --none-such" "$stock" &&
		fails "" "does not say how to use it" "$tests_bin/stock-exits" &&
		fails "" "did not finish its rehearsal in time" -t 1 \
			"$tests_bin/stock-hangs"
}

row_53() {
	talk_begin && say "a -f $stock" "a: OK" && hold_tx &&
		say "a -s -t 1" "Domains with long running transactions" &&
		end_tx && talk_end && served
}

# hold_tx, end_tx: a transaction that somebody keeps open
hold_tx() {
	rm -f "$work/tx.in" "$work/tx.out"
	mkfifo "$work/tx.in"
	timeout 120 "$tests_bin/raw" tx <"$work/tx.in" >"$work/tx.out" 2>&1 &
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
	soon has "who asked for it is gone; nothing changed" "$daemon_log" &&
		end_tx && served
}

row_55() {
	without_tx && ln -s /dev/full "$run/state_dump" &&
		refuses "No space left on device" "$stock" &&
		no test -e "$run/state_dump" && served || return 1
	mkdir "$run/state_dump"
	fails "" "Is a directory" "$stock"
	rmdir "$run/state_dump" && with_tx
}

row_56() {
	without_tx && "$xensim" boot "$hv" 7 >/dev/null && talk_begin &&
		say "w@ @releaseDomain t" "w: OK" &&
		say "w<" "w: @releaseDomain" &&
		fails exec "cannot be run: Can not access" "$stock" &&
		fault "exec exec-pause" || return 1
	behind "$stock"
	at exec && "$xensim" destroy "$hv" 7 && go &&
		failed_with "cannot be run: Can not access" &&
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

# back_again: from the stock daemon to ours, with a load as ever
back_again() {
	runs "$stock" && end_load && fresh && sum row_start
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
		go && failed_with "cannot be run" &&
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
