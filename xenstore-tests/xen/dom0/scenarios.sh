# SPDX-License-Identifier: GPL-2.0-or-later
#
# The scenarios; sourced after lib.sh by pv and pvh.
# shellcheck shell=sh disable=SC2034,SC2154

# Before there is a store: what xensim's documents say of Xen.
properties() {
	mount -t xenfs xen /proc/xen
	tally props evtchn
	domid=$(limited rig make)
	tally props domain "$domid" "rig revoke $domid" "rig grant $domid" \
		"rig stop $domid" "rig kill $domid"
}

started() {
	check "Debian's init script starts it" \
		limited /etc/init.d/xen start || return
	check "... which is the installed one" daemon_is "$DAEMON" || return
	check "... and xenconsoled" pidof xenconsoled
	check "Debian's clients write, read, list, remove" clients
	check "xl info" limited xl info
	check "xl list" limited xl list
}

clients() {
	xenstore-write /rig/a 1 /rig/b/c "two words" &&
		equal "$(xenstore-read /rig/b/c)" "two words" &&
		equal "$(xenstore-list /rig)" "a
b" && xenstore-chmod /rig/a r0 && xenstore-exists /rig/a &&
		xenstore-ls -fp /rig && equal "$(xenstore-ls -fp /rig |
			grep -c '^/rig/a = "1" *(r0)$')" 1 &&
		xenstore-rm /rig/b && no xenstore-exists /rig/b
}

dom0_loads() {
	dom0_load /dev/xen/xenbus ring
	dom0_load /run/xenstored/socket socket
	socket_load=$load_pid
	check "both go round" all_well
}

# guests TYPE NAME...
guests() {
	type=$1
	shift
	for name; do
		check "xl create $name" create "$name" "$type" || return
	done
	check "they boot, and all loads go round" all_well || return
	check "xl list shows them" listed "$@"
}

updated_by_ours() {
	stock=$CONTROL
	CONTROL=$OUR_CONTROL
	updated "$1"
	updated_rc=$?
	CONTROL=$stock
	return $updated_rc
}

listed() {
	limited xl list >"$work/list" || return 1
	for name; do
		grep "^$name " "$work/list" || return 1
	done
}

# updates N: to and fro between the compilers' binaries; asked for by Debian's
# client and by ours
updates() {
	lsevtchn 0 >"$work/ports.before"
	n=0
	while [ $n -lt "$1" ]; do
		n=$((n + 1))
		check "update $n, all loads go on" updated "$OTHER" || return
		n=$((n + 1))
		check "update $n, all loads go on" updated_by_ours "$DAEMON" ||
			return
	done
	lsevtchn 0 >"$work/ports.after"
	check "dom0's event channels are the same" \
		diff "$work/ports.before" "$work/ports.after"
}

# changing N UPDATES: while N domains come and go
changing() {
	timeout $LONG rig churn "$1" >"$work/churn" 2>&1 &
	churn=$!
	n=0
	while [ $n -lt "$2" ]; do
		n=$((n + 2))
		check "update, all loads go on" updated "$OTHER" || return
		check "update, all loads go on" updated "$DAEMON" || return
	done
	check "$1 domains came and went, each announced once" churned $churn
}

churned() {
	wait "$1"
	churn_rc=$?
	note=$(tail -n 1 "$work/churn")
	return $churn_rc
}

# Each load's holder has four transactions open over an update.
held() {
	check "every load opens transactions" order "hold 1" || return
	check "update while they are open" updated "$OTHER" || return
	check "they end as they would have without it" order "end 1"
	check "all loads go on" all_well
}

order() {
	for load in $loads; do
		limited rig order "$load" "$1" || return 1
	done
}

# bad_binaries FAULT TEXT: one that fails after exec, and what is said of it
bad_binaries() {
	check "a file that is no program: all goes on" \
		refused "is not a program" "/bad/script"
	check "half of a binary: all goes on" \
		refused "signal" /bad/half
	check "another program: all goes on" \
		refused "is not an xenstored that can take over" /bin/busybox
	check "an option that it does not know: all goes on" \
		refused "unknown option" -c "--none" "$OTHER"
	check "one that fails after exec ($1): the old one is back" \
		refused "$2" "$FAULTY"
	check "one that is killed before main: the guard is the old one" \
		guarded loader-kill
	check "one that ends without a word: so it is again" \
		guarded restore-vanish=40
	check "after all that an update works" updated "$DAEMON"
}

# killed_during DOMID BINARY: the guest dies between exec and restore, is
# announced once and leaves nothing but its nodes, which are the toolstack's
killed_during() {
	forget "/local/domain/$1/data/load"
	limited rig releases 1 "rig at-exec $(daemon_pid) kill $1 \
$CONTROL live-update $2; rig gone $1" && no_port "$1" && all_well
}

crashed_during() {
	forget "/local/domain/$1/data/load"
	limited rig releases 1 "rig at-exec $(daemon_pid) crash $1 \
$CONTROL live-update $2" && all_well
}

# destroyed NAME DOMID: by the toolstack, announced once
destroyed() {
	forget "/local/domain/$2/data/load"
	limited rig releases 1 "xl destroy $1 && rig gone $2 && \
rig wait-none /local/domain/$2" && nothing_left "$2"
}

# killed NAME: uses it up
killed() {
	found "$1" || return
	check "killed while the binaries change, announced once" \
		killed_during "$domid" "$OTHER"
}

# dead_in_update TYPE: uses up guest two, makes guest three and uses it up
dead_in_update() {
	killed two || return
	check "... its toolstack has heard of it" soon grep \
		"Domain $domid has been destroyed" /var/log/xen/xl-two.log
	check "another one boots" create three "$1" 'on_crash="preserve"' ||
		return
	check "... its console is logged" soon grep -q "load: begins" \
		/var/log/xen/console/guest-three.log
	check "... all loads go round" all_well
	check "it crashes while the binaries change, announced once" \
		crashed_during "$domid" "$DAEMON"
	check "... the toolstack destroys what is left, announced once" \
		destroyed three "$domid"
	check "another one boots" create four "$1" || return
	check "... all loads go round" all_well
	check "killed while a bad binary tries, announced once" \
		killed_during "$domid" "$FAULTY"
	check "the binary is still the old one" daemon_is "$DAEMON"
}

# panics BASE DOMID: by itself, told as stopped and as gone
panics() {
	forget "$1"
	limited rig releases 2 "rig tell $1 'crash 1' && rig gone $2 && \
rig wait-none /local/domain/$2" && nothing_left "$2" && all_well
}

# broken_ring TYPE
broken_ring() {
	check "a guest boots" create five "$1" || return
	check "... all loads go round" all_well
	check "its ring gets wild indexes" scribbled five "$domid"
	check "update with the broken ring, all others go on" updated "$OTHER"
	check "it runs on, the others as well" eval \
		"limited xl unpause five && all_well"
	check "update again, all others go on" updated "$DAEMON"
	check "it is destroyed, announced once" destroyed five "$domid"
	check "a guest boots" create six "$1" || return
	check "... all loads go round" all_well
	check "its kernel panics, announced as stopped and as gone" \
		panics "/local/domain/$domid/data/load" "$domid"
}

scribbled() {
	forget "/local/domain/$2/data/load"
	limited xl pause "$1" && limited rig scribble "$2"
}

# saved NAME: into a file and out of it
saved_and_restored() {
	check "xl save" saved one || return
	check "update while it is in a file" updated "$OTHER"
	check "xl restore" restored one || return
	check "all loads go on" all_well || return
	check "update of the restored one" updated "$DAEMON"
}

saved() {
	found "$1" && limited rig order "$base" "rest 1" || return 1
	forget "$base"
	limited xl save "$1" /tmp/saved
}

restored() {
	limited xl restore /tmp/saved && rm /tmp/saved && found "$1" || return 1
	loads="$loads $base"
	restored="$restored $base"
	restores=$((restores + 1))
	limited rig order "$base" "go 1"
}

# with_store NAME: the same with the examples of tools/hooks: it keeps its domid,
# and what it has in the store; so the loads allow nothing for it
with_store() {
	found "$1" || return
	was=$domid
	check "xl-save, its xenstore behind it in the file" save_with_store "$1" ||
		return
	check "update while it is in a file" updated "$OTHER"
	check "xl-restore, announced once: the same domid" restore_with_store \
		"$1" || return
	check "all loads go on, as if nothing had been" all_well || return
	check "update, all loads go on" updated "$DAEMON"
}

save_with_store() {
	limited rig order "$base" "rest 3" || return 1
	forget "$base"
	limited /opt/hooks/xl-save "$1" /tmp/with && nothing_left "$domid"
}

restore_with_store() {
	limited rig introduces 1 "/opt/hooks/xl-restore /tmp/with" &&
		rm /tmp/with && found "$1" && equal "$domid" "$was" || return 1
	loads="$loads $base"
	limited rig order "$base" "go 3"
}

# migrated NAME: to this same host, two domains of one name for a while
migrated() {
	check "xl migrate" migrate "$1" || return
	check "all loads go on" all_well || return
	check "update of the migrated one" updated "$OTHER"
}

migrate() {
	found "$1" && limited rig order "$base" "rest 2" || return 1
	forget "$base"
	limited xl migrate -s "" "$1" "xl migrate-receive" && found "$1" ||
		return 1
	loads="$loads $base"
	restored="$restored $base"
	restores=$((restores + 1))
	limited rig order "$base" "go 2"
}

stopped() {
	found one || return
	check "xl shutdown" shut_down one "$domid"
}

shut_down() {
	forget "/local/domain/$2/data/load"
	limited xl shutdown -w "$1" && nothing_left "$2" && all_well
}

# ---- grant and event channel of the dead ----

# bare: a domain without a kernel, introduced: $domid
bare() {
	pages=$(mapped)
	domid=$(limited rig make) && limited rig introduce "$domid" 1 &&
		ports "$domid" 1 && equal "$(mapped)" $((pages + 1))
}

# let_go: of all that was the domain's
let_go() {
	no_port "$domid" && equal "$(mapped)" "$pages" && limited rig gone "$domid"
}

# dies_unseen: Xen keeps it as long as its page is mapped
dies_unseen() {
	limited rig releases 1 "kill -STOP $(daemon_pid); rig kill $domid &&
rig dying $domid; rc=\$?; kill -CONT $(daemon_pid); [ \$rc = 0 ] &&
rig gone $domid"
}

dies() {
	limited rig releases 1 "rig kill $domid; rig gone $domid"
}

grant_and_channel() {
	check "a domain: its ring is mapped, its event channel bound" bare ||
		return
	check "killed while the daemon stands still, it is kept by its grant" \
		dies_unseen
	check "... all of it is let go" let_go
	check "another one" bare || return
	check "... revokes its ring's grant" limited rig revoke "$domid"
	check "update without its ring, all loads go on" updated "$OTHER"
	check "it is killed, announced once" dies
	check "... all of it is let go" eval "pages=$pages; let_go"
	check "update, all loads go on" updated "$DAEMON"
}

# ---- leaks ----

# mapped: so many pages of guests has the daemon
mapped() {
	grep -c /dev/xen/gntdev "/proc/$(daemon_pid)/maps"
}

# what the daemon has for what lives: descriptors, ports, pages; and what lives
has_now() {
	find "/proc/$(daemon_pid)/fd" | wc -l
	lsevtchn 0 | wc -l
	mapped
	limited xl list | wc -l
}

# its nodes but the loads', some of whose values have lines
nodes_now() {
	xenstore-ls -f / | sed -n -e '/^\/local\/domain\/[0-9]*\/data/d' \
		-e 's/^\(\/.*\) = .*/\1/p'
}

# only_known: none that was not there before; a toolstack may remove one late
only_known() {
	grep -q . "$work/nodes.before" && grep -q . "$work/nodes.after" &&
		no grep -vxFf "$work/nodes.before" "$work/nodes.after"
}

resident() {
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$(daemon_pid)/status"
}

cycle() {
	limited xl create -p /etc/guest.cfg 'name="brief"' "type=\"$1\"" &&
		found brief && limited xl destroy brief && nothing_left "$domid"
}

# leaves_nothing KB WHAT COMMAND...: what the daemon has is the same after it, and
# its memory but for the allocator's whims
leaves_nothing() {
	leaves_kb=$1
	leaves_what=$2
	shift 2
	has_now >"$work/has.before"
	nodes_now >"$work/nodes.before"
	resident=$(resident)
	check "$leaves_what" "$@" || return
	has_now >"$work/has.after"
	nodes_now >"$work/nodes.after"
	check "... descriptors, event channels, pages are as before" \
		diff "$work/has.before" "$work/has.after"
	check "... there is no node that was not there before" only_known
	check "... memory is, too" kept_small "$resident" "$leaves_kb"
}

# cycles TYPE N: by xl; after two that fill what is kept for reuse
cycles() {
	check "create and destroy, two to warm up" eval "cycle $1 && cycle $1"
	# one domain's nodes that stayed would be more for ten of them
	leaves_nothing 64 "create and destroy, $2 times" many "$1" "$2"
	check "all loads go on" all_well
}

# churns N WARM: without kernels; after some for the same reason
churns() {
	check "$2 domains come and go, to warm up" churn "$2"
	# an allocation of talloc's that stayed would be more for a thousand
	leaves_nothing 96 "$1 domains come and go, each announced once" churn "$1"
	check "all loads go on" all_well
}

churn() {
	timeout $LONG rig churn "$1"
}

many() {
	n=0
	while [ $n -lt "$2" ]; do
		n=$((n + 1))
		cycle "$1" || return 1
	done
}

# kept_small BEFORE KB: it has grown by no more
kept_small() {
	after=$(resident)
	note="$1 kB, then $after kB"
	[ "$after" -le $(($1 + $2)) ]
}
