# SPDX-License-Identifier: GPL-2.0-or-later
#
# Rows of the table of faults: RESTORE and the way back. Sourced by faults.
# shellcheck shell=sh disable=SC2034,SC2086,SC2154 # lists of words are split

# comes_back TEXT COMMAND...: the command updates to a binary whose process
# dies; the guard process continues in its place
comes_back() {
	comes_text=$1
	shift
	"$@"
	comes_rc=$?
	comes_by=$(cat "$run/pid")
	[ "$comes_by" != "$daemon" ] && ! running "$daemon" || {
		echo "still process $daemon"
		cat "$work/reply"
		return 1
	}
	daemon=$comes_by
	pids="$pids $daemon"
	equal $comes_rc 3 && has "$comes_text; nothing changed" "$work/reply" &&
		runs "$home/xenstored" && no test -e "$run/state_dump" &&
		settled && equal "$(children "$daemon")" ""
}

# running PID: the process exists and is no zombie
running() {
	grep -qs '^State:.[^Z]' "/proc/$1/status"
}

# lost WORDS TEXT COMMAND...: comes_back under load and with all clients
# stopped, the second time by a daemon that came back
lost() {
	echo "# $*"
	lost_words=$1
	shift
	fault "$lost_words"
	comes_back "$@" && served || return 1
	still
	snap before
	fault "$lost_words"
	comes_back "$@" && snap after && same before after &&
		diff "$work/before.fds" "$work/after.fds"
	lost_rc=$?
	fault
	goes_on
	served && return $lost_rc
}

# guarded WORDS TEXT: lost, with an update to our own daemon
guarded() {
	fault && { runs "$home/xenstored" || update "$home/xenstored"; } &&
		lost "$1" "$2" update "$new"
}

ended="ended before it could serve"

row_35() {
	for how in segv exit vanish kill; do
		guarded "loader-$how" "$ended" || return 1
	done
	guarded "loader-hang short-timer" "$ended" &&
		guarded "loader-deaf short-timer" "did not serve in time"
}

row_36() {
	every restore-error 3000 1 "record [0-9]* .*made to fail" &&
		fails restore-error=0 "record 0" &&
		fails restore-error=7 "record 7" &&
		fails restore-error=150 "record 150"
}

row_37() {
	every restore-segv 30000 11 "killed by signal 11" || return 1
	for crash in segv=0:11 stack=5:11 bus=3:7 fpe=9:8 ill=20:4 abort=60:6; do
		fails "restore-${crash%:*}" "killed by signal ${crash#*:}" ||
			return 1
	done
}

row_38() {
	for record in 0 30 80; do
		fault "restore-hang=$record short-timer"
		refuses "killed by signal 14" "$new" && served || return 1
	done
	# with the real time limit
	fault restore-hang=9
	refuses "killed by signal 14" "$new" && served &&
		fails "restore-hang=9 short-timer" "killed by signal 14"
}

row_39() {
	every restore-memory 30000 1 "$no_memory" &&
		fails restore-memory=40 "no memory"
}

row_40() {
	fails restore-open "cannot open Xen's control interface" &&
		fails restore-adopt "made to fail to adopt"
}

row_41() {
	fails restore-digest "has digest" &&
		fails restore-counts "the writer had"
}

row_43() {
	fails restore-exit=12 "ended by itself"
}

row_44() {
	for how in kill=0 kill=40 vanish=12 vanish=130; do
		guarded "restore-$how" "$ended" || return 1
	done
	guarded "restore-deaf=20 short-timer" "did not serve in time"
}

row_45() {
	rotates restore && rotates restore restore-error=3
}

row_46() {
	ends TERM restore && ends USR2 restore restore-error=60
}

# gone_in_restore WORDS REPORT: the requesting client is killed during the
# restore
gone_in_restore() {
	talk_begin && fault "restore-pause $1" && say "a -f $new" "a: OK" &&
		say "a> -s" && at restore || return 1
	talk_killed
	go && served && talk_begin && say "b -r" "$2" && talk_end
}

row_47() {
	gone_in_restore "" "last ok" && runs "$new" && fault && recovers &&
		gone_in_restore restore-error=5 "made to fail" &&
		runs "$home/other/xenstored"
}

# The daemon's own file is deleted or replaced, as by a package upgrade.
row_48() {
	for how in deleted replaced; do
		cp "$DAEMON" "$home/old" && fault && update "$home/old" &&
			fault restore-pause\ restore-segv=40 || return 1
		behind "$new"
		at restore && rm "$home/old" || return 1
		[ $how = deleted ] || cp /bin/true "$home/old" || return 1
		go && failed_with "killed by signal 11" &&
			runs "$home/old (deleted)" && served &&
			fails restore-error=11 "record 11" &&
			fails exec "cannot run" &&
			runs "$home/old (deleted)" || return 1
	done
}

row_49() {
	"$xensim" boot "$hv" 7 >/dev/null && talk_begin &&
		say "w@ @releaseDomain t" "w: OK" &&
		say "w<" "w: @releaseDomain" && fault "restore-pause restore-error=30" || return 1
	behind "$new"
	at restore && "$xensim" destroy "$hv" 7 && go &&
		failed_with "record 30" && say "w<" "w: @releaseDomain" &&
		talk_end && served
}

row_50() {
	for how in segv exit vanish kill; do
		guarded "restore-error=9 back-$how" "$ended" || return 1
	done
	guarded "restore-segv=30 back-deaf short-timer" "did not serve in time"
}
