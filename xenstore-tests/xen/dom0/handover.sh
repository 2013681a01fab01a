# SPDX-License-Identifier: GPL-2.0-or-later
#
# Scenarios in which the store passes from one daemon to another without an
# update between our binaries: to the stock daemon and back, through a file,
# and one domain alone. Sourced after scenarios.sh by pv and pvh.
# shellcheck shell=sh disable=SC2034,SC2154

# ---- to the stock daemon and back ----

# relayed N: N times to the stock daemon and back. It takes over when no
# transaction is open; the loads' are short.
relayed() {
	n=0
	while [ $n -lt "$1" ]; do
		n=$((n + 1))
		stocks=$((stocks + 1))
		check "$n: the stock daemon takes over, all loads continue" \
			updated "$STOCK" || return
		check "... a death is announced and xl list works" serves
		check "$n: our daemon takes over, all loads continue" \
			updated "$DAEMON" || return
		check "... a death is announced and xl list works" serves
	done
	check "a stock daemon exits instead of serving: the guard continues" \
		outlived "$LATE"
	check "... a death is announced and xl list works" serves
	check "update between our binaries, all loads continue" updated "$OTHER"
}

# serves: a domain is created and dies, announced once
serves() {
	domid=$(limited rig make) && limited rig introduce "$domid" 1 &&
		ports "$domid" 1 &&
		limited rig releases 1 "rig kill $domid; rig gone $domid" &&
		no_port "$domid" && limited xl list
}

# ---- through a file ----

IMAGE=/var/lib/xen/image

# restarted GUEST: when the daemon ends its clients' sockets close, and with
# them the programs that use them exit: the load there, xenconsoled and the xl
# of each guest. Rings remain. First the daemon saves and exits by itself while
# messages are half sent. Then it is killed while all loads are stopped;
# otherwise its image would be too old.
restarted() {
	forget /local/domain/0/data/socket
	kill "$socket_load"
	check "every load opens transactions" order "hold 4" || return
	check "the daemon saves its state and exits" ended_with_image || return
	check "... another daemon starts from the image" begins || return
	check "... the transactions end as without it" order "end 4"
	check "all loads continue, the kernel's, too" all_well || return
	check "xenconsoled is restarted" limited /etc/init.d/xen restart
	check "a death is announced and xl list works" serves
	check "all loads are stopped, and the state is saved" still_saved "$1" ||
		return
	check "... the daemon is killed" killed_daemon || return
	check "... another daemon starts from the image" begins || return
	check "... all loads continue, the kernel's, too" stirs "$1" || return
	check "xenconsoled is restarted" limited /etc/init.d/xen restart
	dom0_load /run/xenstored/socket again
	check "a load on the socket makes progress, too" all_well
	check "a death is announced and xl list works" serves
	check "update, all loads continue" updated "$OTHER"
}

ended_with_image() {
	before=$(daemon_pid)
	limited "$OUR_CONTROL" save-image --exit $IMAGE &&
		soon no test -e "/proc/$before" && xs-image verify $IMAGE
}

# begins: starts as the init script does, with the image
begins() {
	limited "$DAEMON" --pid-file "$PIDFILE" \
		--trace-file /var/log/xen/xenstored.log --restore $IMAGE &&
		daemon_is "$DAEMON" && no equal "$(daemon_pid)" "$before"
}

# still_saved GUEST: after one more reply on the ring, all of the load's are
# there
still_saved() {
	limited xl pause "$1" || return
	# shellcheck disable=SC2046 # words
	kill -STOP $(pidof load)
	XENSTORED_PATH=/dev/xen/xenbus limited xenstore-exists / &&
		limited "$OUR_CONTROL" save-image $IMAGE
}

killed_daemon() {
	before=$(daemon_pid)
	kill -9 "$before" && soon no test -e "/proc/$before"
}

stirs() {
	# shellcheck disable=SC2046 # words
	kill -CONT $(pidof load)
	limited xl unpause "$1" && all_well
}

# ---- one domain ----

# away_and_back NAME: saved and restored on the same host, with transactions
# open
away_and_back() {
	found "$1" || return
	check "every load opens transactions" order "hold 3" || return
	check "its state is saved, its ring frozen, its connection given up" \
		goes_away "$domid" || return
	check "... all others continue" all_well
	check "it is restored, and not announced" comes_back "$domid" ||
		return
	check "it is introduced like any domain, announced once" \
		introduced "$domid"
	check "... the transactions end as without it" order "end 3"
	check "all loads continue" all_well || return
	check "update, all loads continue" updated "$OTHER"
}

# goes_away DOMID: the guest runs, but gets no replies
goes_away() {
	forget "/local/domain/$1/data/load"
	limited "$OUR_CONTROL" migrate-save --freeze "$1" $IMAGE &&
		xs-image verify $IMAGE &&
		limited "$OUR_CONTROL" migrate-forget --keep-nodes "$1" &&
		xenstore-exists "/local/domain/$1/data" && ports "$1" 1
}

comes_back() {
	limited rig introduces 0 "$OUR_CONTROL migrate-restore $IMAGE" || return
	loads="$loads /local/domain/$1/data/load"
	ports "$1" 2
}

introduced() {
	limited rig introduces 1 \
		"rig introduce $1 $(xenstore-read "/local/domain/$1/store/port")" &&
		ports "$1" 2
}

# ports DOMID N: dom0 has N ports to it: xenconsoled's and the daemon's
ports() {
	lsevtchn 0 >"$work/ports" &&
		equal "$(grep -c "Remote Domain $1," "$work/ports")" "$2"
}
