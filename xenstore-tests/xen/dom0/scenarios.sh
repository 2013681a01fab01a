# SPDX-License-Identifier: GPL-2.0-or-later
#
# The scenarios; sourced after lib.sh by pv and pvh.
# shellcheck shell=sh disable=SC2034,SC2154

# Before a store runs: what xensim's documents say about Xen.
properties() {
	mount -t xenfs xen /proc/xen
	tally props evtchn
	domid=$(limited rig make)
	tally props domain "$domid" "rig revoke $domid" "rig grant $domid" \
		"rig stop $domid" "rig kill $domid"
}

started() {
	check "Debian's init script starts the daemon" \
		limited /etc/init.d/xen start || return
	check "... from the installed binary" daemon_is "$DAEMON" || return
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
	check "both make progress" all_well
}

# guests TYPE NAME...
guests() {
	type=$1
	shift
	for name; do
		check "xl create $name" create "$name" "$type" || return
	done
	check "they boot, and all loads make progress" all_well || return
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

# updates N: back and forth between the binaries of two compilers, by Debian's
# client and by ours
updates() {
	lsevtchn 0 >"$work/ports.before"
	n=0
	while [ $n -lt "$1" ]; do
		n=$((n + 1))
		check "update $n, all loads continue" updated "$OTHER" || return
		n=$((n + 1))
		check "update $n, all loads continue" updated_by_ours "$DAEMON" ||
			return
	done
	lsevtchn 0 >"$work/ports.after"
	check "dom0's event channels are the same" \
		diff "$work/ports.before" "$work/ports.after"
}

# besides N: the same with the successor loaded beside, in another process
besides() {
	lsevtchn 0 >"$work/ports.before"
	n=0
	while [ $n -lt "$1" ]; do
		n=$((n + 1))
		check "update $n, loaded beside, all loads continue" \
			updated_beside "$OTHER" || return
		n=$((n + 1))
		check "update $n, loaded beside, all loads continue" \
			updated_beside "$DAEMON" || return
	done
	lsevtchn 0 >"$work/ports.after"
	check "dom0's event channels are the same" \
		diff "$work/ports.before" "$work/ports.after"
}

updated_beside() {
	stock=$CONTROL
	CONTROL=$OUR_CONTROL
	before=$(daemon_pid)
	update --beside "$1"
	updated_rc=$?
	CONTROL=$stock
	[ $updated_rc = 0 ] && soon moved_to "$1" "$before" && all_well
}

# moved_to BINARY PID: its process is not PID
moved_to() {
	no equal "$(daemon_pid)" "$2" && daemon_is "$1"
}

# changing N UPDATES: updates while N domains come and go
changing() {
	timeout $LONG rig churn "$1" >"$work/churn" 2>&1 &
	churn=$!
	n=0
	while [ $n -lt "$2" ]; do
		n=$((n + 2))
		check "update, all loads continue" updated "$OTHER" || return
		check "update, all loads continue" updated "$DAEMON" || return
	done
	check "$1 domains came and went, each announced once" churned $churn
}

churned() {
	wait "$1"
	churn_rc=$?
	note=$(tail -n 1 "$work/churn")
	return $churn_rc
}

# Each load has four transactions open during an update.
held() {
	check "every load opens transactions" order "hold 1" || return
	check "an update while they are open" updated "$OTHER" || return
	check "they end as without it" order "end 1"
	check "all loads continue" all_well
}

order() {
	for load in $loads; do
		limited rig order "$load" "$1" || return 1
	done
}

# bad_binaries FAULT TEXT: TEXT is the reason given for the faulty binary
bad_binaries() {
	check "a file that is no program is refused" \
		refused "is not a program" "/bad/script"
	check "half of a binary is refused" \
		refused "signal" /bad/half
	check "another program is refused" \
		refused "is not an xenstored that can take over" /bin/busybox
	check "an unknown option is refused" \
		refused "unknown option" -c "--none" "$OTHER"
	check "a binary that fails after exec ($1): the old one returns" \
		refused "$2" "$FAULTY"
	check "a binary that is killed before main: the guard continues" \
		guarded loader-kill
	check "a binary that calls _exit(): the guard continues" \
		guarded restore-vanish=40
	check "an update still works after all that" updated "$DAEMON"
}

# killed_during DOMID BINARY: the guest dies between exec and restore, is
# announced once and leaves only its nodes, which the toolstack removes
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

# destroyed NAME DOMID: destroyed by the toolstack, announced once
destroyed() {
	forget "/local/domain/$2/data/load"
	limited rig releases 1 "xl destroy $1 && rig gone $2 && \
rig wait-none /local/domain/$2" && nothing_left "$2"
}

# killed NAME: the guest is gone afterwards
killed() {
	found "$1" || return
	check "killed between exec and restore, announced once" \
		killed_during "$domid" "$OTHER"
}

# dead_in_update TYPE: guest two is gone afterwards, and so is guest three
dead_in_update() {
	killed two || return
	check "... its toolstack has noticed" soon grep \
		"Domain $domid has been destroyed" /var/log/xen/xl-two.log
	check "another guest boots" create three "$1" 'on_crash="preserve"' ||
		return
	check "... its console is logged" soon grep -q "load: begins" \
		/var/log/xen/console/guest-three.log
	check "... all loads make progress" all_well
	check "crashed between exec and restore, announced once" \
		crashed_during "$domid" "$DAEMON"
	check "... the toolstack destroys it, announced once" \
		destroyed three "$domid"
	check "another guest boots" create four "$1" || return
	check "... all loads make progress" all_well
	check "killed during an update to a bad binary, announced once" \
		killed_during "$domid" "$FAULTY"
	check "the binary is still the old one" daemon_is "$DAEMON"
}

# panics BASE DOMID: its kernel panics; announced as shut down and as dead
panics() {
	forget "$1"
	limited rig releases 2 "rig tell $1 'crash 1' && rig gone $2 && \
rig wait-none /local/domain/$2" && nothing_left "$2" && all_well
}

# broken_ring TYPE
broken_ring() {
	check "a guest boots" create five "$1" || return
	check "... all loads make progress" all_well
	check "its ring is filled with wild indexes" scribbled five "$domid"
	check "update with the broken ring, all others continue" updated "$OTHER"
	check "it continues to run, and so do the others" eval \
		"limited xl unpause five && all_well"
	check "another update, all others continue" updated "$DAEMON"
	check "it is destroyed, announced once" destroyed five "$domid"
	check "a guest boots" create six "$1" || return
	check "... all loads make progress" all_well
	check "its kernel panics, announced as shut down and as dead" \
		panics "/local/domain/$domid/data/load" "$domid"
}

scribbled() {
	forget "/local/domain/$2/data/load"
	limited xl pause "$1" && limited rig scribble "$2"
}

# saved_and_restored: xl save into a file, and xl restore
saved_and_restored() {
	check "xl save" saved one || return
	check "update while the guest is in a file" updated "$OTHER"
	check "xl restore" restored one || return
	check "all loads continue" all_well || return
	check "update with the restored guest" updated "$DAEMON"
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

# with_store NAME: the same with the examples of tools/hooks. The guest keeps
# its domid and its state in the store, so the loads allow for nothing
with_store() {
	found "$1" || return
	was=$domid
	check "xl-save, with its store state appended to the file" save_with_store "$1" ||
		return
	check "update while the guest is in a file" updated "$OTHER"
	check "xl-restore, with the same domid, announced once" restore_with_store \
		"$1" || return
	check "all loads continue and saw nothing of it" all_well || return
	check "update, all loads continue" updated "$DAEMON"
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

# migrated NAME: to this same host; for a while two domains have its name
migrated() {
	check "xl migrate" migrate "$1" || return
	check "all loads continue" all_well || return
	check "update with the migrated guest" updated "$OTHER"
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

# ---- grant and event channel of a dead domain ----

# bare: introduces a domain without a kernel, $domid
bare() {
	pages=$(mapped)
	domid=$(limited rig make) && limited rig introduce "$domid" 1 &&
		ports "$domid" 1 && equal "$(mapped)" $((pages + 1))
}

# let_go: the daemon has unmapped and unbound all of the domain's
let_go() {
	no_port "$domid" && equal "$(mapped)" "$pages" && limited rig gone "$domid"
}

# dies_unseen: Xen keeps the domain as long as its page is mapped
dies_unseen() {
	limited rig releases 1 "kill -STOP $(daemon_pid); rig kill $domid &&
rig dying $domid; rc=\$?; kill -CONT $(daemon_pid); [ \$rc = 0 ] &&
rig gone $domid"
}

dies() {
	limited rig releases 1 "rig kill $domid; rig gone $domid"
}

grant_and_channel() {
	check "a domain: its ring is mapped and its event channel bound" bare ||
		return
	check "killed while the daemon is stopped: its grant keeps it" \
		dies_unseen
	check "... ring and event channel are released" let_go
	check "another domain" bare || return
	check "... its ring's grant is revoked" limited rig revoke "$domid"
	check "update without its ring, all loads continue" updated "$OTHER"
	check "it is killed, announced once" dies
	check "... ring and event channel are released" eval "pages=$pages; let_go"
	check "update, all loads continue" updated "$DAEMON"
}

# ---- leaks ----

# mapped: the number of guest pages that the daemon has mapped
mapped() {
	grep -c /dev/xen/gntdev "/proc/$(daemon_pid)/maps"
}

# the daemon's descriptors, ports and pages, and the number of domains
has_now() {
	find "/proc/$(daemon_pid)/fd" | wc -l
	lsevtchn 0 | wc -l
	mapped
	limited xl list | wc -l
}

# nodes except the loads', some of whose values have newlines
nodes_now() {
	xenstore-ls -f / | sed -n -e '/^\/local\/domain\/[0-9]*\/data/d' \
		-e 's/^\(\/.*\) = .*/\1/p'
}

# only_known: no new node; a toolstack may remove an old one late
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

# leaves_nothing KB WHAT COMMAND...: afterwards the daemon has the same
# resources, and at most KB more memory
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
	check "... descriptors, event channels and pages as before" \
		diff "$work/has.before" "$work/has.after"
	check "... no new node" only_known
	check "... memory as before" kept_small "$resident" "$leaves_kb"
}

# cycles TYPE N: create and destroy by xl; the first two fill caches
cycles() {
	check "create and destroy, twice to warm up" eval "cycle $1 && cycle $1"
	# leaking one domain's nodes ten times would exceed this
	leaves_nothing 64 "create and destroy, $2 times" many "$1" "$2"
	check "all loads continue" all_well
}

# churns N WARM: domains without kernels; the first WARM fill caches
churns() {
	check "$2 domains come and go, to warm up" churn "$2"
	# leaking one talloc allocation a thousand times would exceed this
	leaves_nothing 96 "$1 domains come and go, each announced once" churn "$1"
	check "all loads continue" all_well
	# it asks Xen for all domains at each event; xl waits 10 s for it
	check "xenconsoled has seen them all" soon idle "$(pidof xenconsoled)"
}

# idle PID: the process has used no time between two looks
idle() {
	used=$(cut -d ' ' -f 14-15 "/proc/$1/stat")
	sleep 0.5
	equal "$(cut -d ' ' -f 14-15 "/proc/$1/stat")" "$used"
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

# kept_small BEFORE KB: memory has grown by at most KB
kept_small() {
	after=$(resident)
	note="$1 kB, then $after kB"
	[ "$after" -le $(($1 + $2)) ]
}
