# SPDX-License-Identifier: GPL-2.0-or-later
#
# Rows of the table of faults: ARMED, REHEARSE and GO. Sourced by faults.
# shellcheck shell=sh disable=SC2034,SC2086,SC2154 # lists of words are split

# ---- ARMED ----

row_1() {
	cp "$new" "$home/no-x" && chmod 644 "$home/no-x" &&
		fails "" "File not accessible." "$home/none" &&
		fails "" "File not accessible." "$home/new" &&
		fails "" "File not executable." "$home/no-x"
}

row_2() {
	printf '#!/bin/sh\nexit 0\n' >"$home/script"
	head -c 40 "$DAEMON" >"$home/stump"
	# e_machine, bytes 18 and 19 of an ELF header: 243 is RISC-V
	cp "$new" "$home/riscv"
	printf '\363\000' | dd of="$home/riscv" bs=1 seek=18 conv=notrunc 2>&1
	chmod 755 "$home/script" "$home/stump"
	fails "" "is not a program" "$home/script" &&
		fails "" "is not a program" "$home/stump" &&
		fails "" "for another machine type" "$home/riscv" &&
		fails "" "is not an xenstored that can take over" /bin/true &&
		fails "" "hands over in version 99" "$tests_bin/later"
}

active="live-update session already active."

row_3() {
	talk_begin && say "a -f $new" "a: OK" &&
		say "b -f $new" "b: $active" && say "b -s" "b: $active" &&
		say "b -a" "b: $active" && say "b -c -N" "b: $active" &&
		say "b -r" "state armed" && served && say "a -s" "a: OK" &&
		runs "$new" && say "b -f $new" "b: OK" && say "b -a" "b: OK" &&
		talk_end
}

not_active="live-update session not active."

row_4() {
	talk_begin && say "a -a" "a: $not_active" && say "a -f $new" "a: OK" &&
		say "a -a" "a: OK" && say "a -s" "a: $not_active" &&
		say "a -f $new" "a: OK" && say "a -c --none" "a: OK" &&
		say "a -a" "a: OK" && say "a -f $new" "a: OK" &&
		say "a -s" "a: OK" && runs "$new" && talk_end
}

row_5() {
	talk_begin && say "a -f $new" "a: OK" && say "ax" "a is closed" &&
		soon has "the requesting client disconnected; nothing changed" \
			"$daemon_log" && say "b -f $new" "b: OK" || return 1
	: >"$daemon_log"
	talk_killed
	soon has "the requesting client disconnected; nothing changed" "$daemon_log" &&
		served
}

row_6() {
	cp "$DAEMON" "$home/better" && talk_begin && say "a -f $new" "a: OK" &&
		mv "$home/better" "$new" && say "a -s" "a: OK" && talk_end &&
		runs "$new"
}

# instead FILE TEXT: replaces the binary by FILE after the daemon has checked
# it
instead() {
	cp "$DAEMON" "$home/victim" && talk_begin &&
		say "a -f $home/victim" "a: OK" || return 1
	if [ -n "$1" ]; then
		cp "$1" "$home/put" && mv "$home/put" "$home/victim"
	else
		rm "$home/victim"
	fi
	say "a -s" "$2" && heard "nothing changed" && talk_end && served
}

row_7() {
	printf '#!/bin/sh\nexit 0\n' >"$home/script" && chmod 755 "$home/script"
	instead "" "cannot open" &&
		instead "$home/script" "is not a program" &&
		instead /bin/true "is not an xenstored" &&
		instead "$stock" "is another kind of xenstored than when"
}

row_8() {
	many=$(yes -- -N | head -n 70 | tr '\n' ' ')
	fails "" "more than 64 arguments" -c "$many" "$new" || return 1
	end_load
	fresh_env=$(i=0; while [ $i -lt 300 ]; do echo "X$i=x"; i=$((i + 1)); done)
	fresh
	fresh_rc=$?
	fresh_env=
	sum row_start
	[ $fresh_rc -eq 0 ] && fails "" "a failed update could not return to it" &&
		fresh && sum row_start
}

# ---- REHEARSE ----

row_9() {
	fails no-fork "cannot start the rehearsal"
}

row_10() {
	every prepare-memory 3000 1 \
		"$no_memory" &&
		fails prepare-memory=1 "memory"
}

row_11() {
	fails rehearsal-no-image "cannot create a memory file" &&
		fails rehearsal-image-write=0 "No space left on device"
}

row_12() {
	fault short-write
	update "$new" && runs "$new" && served
}

row_13() {
	strip -o "$home/whole" "$DAEMON"
	head -c "$(($(wc -c <"$home/whole") / 2))" "$home/whole" >"$home/half"
	chmod 755 "$home/half"
	fails "" "signal" "$home/half" &&
		fails "" "exited with status 7" "$tests_bin/exits" &&
		fails "" "signal 6" "$tests_bin/crashes" &&
		fails rehearsal-segv "killed by signal 11" &&
		fails rehearsal-stack "killed by signal 11" &&
		fails rehearsal-exit "exited with status 7" &&
		fails rehearsal-kill "was killed in its rehearsal"
}

# limit_of PID BYTES: the kernel kills the process if it needs more. Returns 2
# where such a limit cannot be set.
limit_of() {
	for limit_dir in /sys/fs/cgroup/memory /sys/fs/cgroup; do
		limit=$(mktemp -d "$limit_dir/xs-faults.XXXXXX" 2>/dev/null) ||
			continue
		for file in memory.limit_in_bytes memory.max; do
			[ -e "$limit/$file" ] && echo "$1" \
				>"$limit/cgroup.procs" &&
				echo "$2" >"$limit/$file" && return
		done
		rmdir "$limit"
	done
	return 2
}

# much N: N nodes of 2 KB
much() {
	much=$(printf '%2000s' "" | tr ' ' x)
	seq "$1" | sed "s|.*|/much/& $much|" | xargs -n 100 xenstore-write
}

# The daemon has as much memory, but the kernel must choose the child. 3 MB of
# nodes do not fit into the limit.
row_71() {
	much 1500 && fault rehearsal-image-pause || return 1
	behind "$new"
	at rehearsal-image && child=$(children "$daemon") &&
		equal "$(cat "/proc/${child% }/oom_score_adj")" 1000 &&
		equal "$(cat "/proc/$daemon/oom_score_adj")" \
			"$(cat /proc/self/oom_score_adj)" || return 1
	limit_of "${child% }" 1500000
	case $? in
	0)
		go && failed_with "was killed in its rehearsal" && served &&
			rmdir "$limit"
		;;
	2)
		echo "faults: skipped: row 71: no cgroup limits memory here" \
			>>"$work/counts"
		go && worked
		;;
	*) false ;;
	esac && xenstore-rm /much
}

row_72() {
	for n in 0 7 50; do
		fault no-buffers=$n && served && update "$new" && served ||
			return 1
	done
}

row_14() {
	fails rehearsal-hang "did not finish its rehearsal in time" \
		-t 1 "$new" &&
		fails "" "did not finish its rehearsal in time" \
			-t 1 "$tests_bin/hangs"
}

row_15() {
	fails "" "in its rehearsal, without a result" "$tests_bin/lies" &&
		fails "" "in its rehearsal, without a result" -c --help "$new"
}

row_16() {
	fails "" "unknown option --none" -c "-N --none" "$new" &&
		fails "" "trace file /none/such" -c "-N -T /none/such" "$new"
}

# mismatched LIBRARY TEXT: the new binary loads a LIBRARY that does not match
mismatched() {
	"$xensim" mismatch "$hv" "$1" && fails "" "$2"
	mismatched_rc=$?
	"$xensim" mismatch "$hv"
	return $mismatched_rc
}

row_74() {
	if [ "$as" ]; then
		mismatched manage "refused the state of domain 0: Permission denied; Xen $("$top/tools/stock" version) is running"
	else
		mismatched control "refused the list of domains: Permission denied; Xen $("$top/tools/stock" version) is running"
	fi &&
		mismatched evtchn "refused an event channel: Inappropriate ioctl" &&
		mismatched gnttab "cannot open Xen's grant device: No such device"
}

row_17() {
	fails rehearsal-digest "has digest" &&
		fails rehearsal-refuses "made to refuse" &&
		every rehearsal-error 3000 1 "record [0-9]* .*made to fail"
}

row_18() {
	every rehearsal-memory 30000 1 \
		"$no_memory" &&
		fails rehearsal-memory=40 "no memory"
}

row_19() {
	talk_begin && fault rehearsal-pause && say "a -f $new" "a: OK" &&
		say "a> -s" && at rehearsal && served || return 1
	child=$(children "$daemon")
	: >"$daemon_log"
	talk_killed
	soon has "the requesting client disconnected; nothing changed" "$daemon_log" &&
		ended "$child" && served
}

row_20() {
	fault rehearsal-pause
	behind "$new"
	at rehearsal && talk_begin && say "b -f $new" "b: $active" &&
		say "b -s" "b: $active" && say "b -a" "b: $active" &&
		say "b -c -N" "b: $active" && say "b -r" "state rehearse" &&
		served && go && worked && runs "$new" &&
		say "b -r" "last ok" && talk_end
}

row_21() {
	talk_begin && fault rehearsal-pause && say "a -f $new" "a: OK" &&
		say "a> -s" && say "a> -a" && at rehearsal && served && go &&
		say "a<" "a: OK" && say "a<" "a: $not_active" && runs "$new" &&
		fault "rehearsal-pause rehearsal-refuses" &&
		say "a -f $new" "a: OK" && say "a> -s" && say "a> -a" &&
		at rehearsal && go && say "a<" "made to refuse" &&
		say "a<" "a: $not_active" && talk_end && served
}

row_22() {
	for how in deleted replaced; do
		cp "$DAEMON" "$home/victim" && fault rehearsal-pause || return 1
		behind "$home/victim"
		at rehearsal && rm "$home/victim" || return 1
		[ $how = deleted ] || cp /bin/true "$home/victim" || return 1
		go && worked && runs "$home/victim (deleted)" && served &&
			fails restore-segv=3 "killed by signal 11" || return 1
	done
}

row_23() {
	cp "$DAEMON" "$home/victim" && fault rehearsal-pause || return 1
	behind "$home/victim"
	at rehearsal && no cp -T /bin/true "$home/victim" && go && worked &&
		runs "$home/victim" && served
}

# nobody_serves: not even later; a socket that a process still holds takes
# connections, but no reply may come
nobody_serves() {
	no timeout 20 xenstore-exists /tool
}

# ends SIGNAL PLACE [FAULT]: the signal ends the daemon at that point of an
# update, and nothing of the update is left
ends() {
	kill -0 "$daemon" || fresh || return 1
	end_load && fault "$2-pause $3" || return 1
	echo "# $1 at $2 $3"
	behind "${ends_to:-$new}"
	at "$2" && left=$(children "$daemon") && kill -"$1" "$daemon" || return 1
	case $2 in
	rehearsal) [ -n "$left" ] && ended "$left" || return 1 ;;
	exec | restore) go || return 1 ;;
	esac
	ended "$daemon" && no wait "$asker" && nobody_serves &&
		no test -e "$run/state_dump" && fresh && sum row_start
}

row_24() {
	ends TERM rehearsal && ends USR1 rehearsal && ends KILL rehearsal
}

# rotates PLACE: a SIGHUP at that point takes effect later, a SIGPIPE is
# ignored
rotates() {
	echo "# $1"
	rm -f "$home"/trace*
	"$control" logfile "$home/trace" && fault "$1-pause $2" || return 1
	behind "$new"
	at "$1" && mv "$home/trace" "$home/trace.1" && kill -PIPE "$daemon" &&
		kill -HUP "$daemon" && go || return 1
	if [ -n "$2" ]; then failed_with "made to fail"; else worked; fi &&
		soon test -e "$home/trace" && served
}

row_25() {
	rotates rehearsal
}

# ---- GO ----

row_26() {
	talk_begin && fault go-pause && say "a -f $new" "a: OK" &&
		say "a> -s" && at go || return 1
	talk_killed
	go && served
}

row_27() {
	fails no-image "cannot create a memory file" &&
		fails image-write=0 "No space left on device"
}

row_28() {
	every go-memory 3000 1 "$no_memory|$lost_link" &&
		fails go-memory=3 "memory"
}

row_29() {
	end_load
	fresh_limit=8 # of 512 bytes
	fresh
	fresh_rc=$?
	fresh_limit=
	sum row_start
	[ $fresh_rc -eq 0 ] && refuses "File too large" "$new" && served &&
		refuses "File too large" "$new" && served && fresh &&
		sum row_start
}

row_30() {
	cp "$DAEMON" "$home/victim" && fault go-pause || return 1
	behind "$home/victim"
	at go && cp /bin/true "$home/victim" && go &&
		failed_with "it was changed since the update began" &&
		served || return 1
	# changes one byte in the middle and restores the time stamp
	cp "$DAEMON" "$home/victim" && touch -r "$home/victim" "$home/when" &&
		fault go-pause || return 1
	behind "$home/victim"
	at go && printf X | dd of="$home/victim" bs=1 seek=4000 \
		conv=notrunc 2>/dev/null && touch -r "$home/when" \
		"$home/victim" && go &&
		failed_with "it was changed since the update began" && served
}

row_31() {
	fails no-guard "no guard for the update" &&
		fails exec ": Can not access"
}

row_32() {
	talk_begin && fault exec-pause && say "a -f $new" "a: OK" &&
		say "a> -s" && say "a> -a" && at exec && fault &&
		say "b> -f $new" && say "b> -s" && go && say "a<" "a: OK" &&
		say "a<" "a: $not_active" && say "b<" "b: OK" &&
		say "b<" "b: OK" && fault "exec-pause restore-error=3" &&
		say "a -f $new" "a: OK" && say "a> -s" && say "a> -a" &&
		at exec && say "b> -f $new" && say "b> -a" && go &&
		say "a<" "made to fail" && say "a<" "a: $not_active" &&
		say "b<" "b: OK" && say "b<" "b: OK" && talk_end && served
}

row_33() {
	rotates go && rotates exec && rotates exec restore-error=3
}

row_34() {
	ends TERM go && ends USR1 exec && ends TERM exec restore-segv=20
}

# stayed: at the point "go" a child with memory of its own exists; sets $stayed
stayed() {
	fault "go-pause $1" || return 1
	behind "$new"
	at go && stayed=$(children "$daemon") && stayed=${stayed% } &&
		has "[heap]" "/proc/$stayed/maps"
}

# all_cpus: the daemon may use all CPUs again; for the exec it was bound to one
all_cpus() {
	equal "$(grep Cpus_allowed: "/proc/$daemon/status")" \
		"$(grep Cpus_allowed: /proc/self/status)"
}

# After a rehearsal with more than 4 MB of nodes the child stays.
row_73() {
	much 2300 && stayed && go && worked && ended "$stayed" && served &&
		all_cpus && stayed && kill -KILL "$stayed" && go && worked &&
		served && stayed exec && go && failed_with "cannot run" &&
		ended "$stayed" && served && all_cpus &&
		fails exec "cannot run" &&
		equal "$(children "$daemon")" "" &&
		fails restore-segv=9 "killed by signal 11" && all_cpus &&
		end_load && stayed && kill -KILL "$daemon" &&
		ended "$stayed" && ended "$daemon" && no wait "$asker" &&
		fresh && sum row_start
}
