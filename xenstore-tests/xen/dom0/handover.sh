# SPDX-License-Identifier: GPL-2.0-or-later
#
# Scenarios in which the store goes from one daemon to another otherwise than by
# an update among ours: to and from the stock daemon, through a file, and one
# domain alone.  Sourced after scenarios.sh by pv and pvh.
# shellcheck shell=sh disable=SC2034,SC2154

# ---- ours, the stock daemon, ours ----

# relayed N: N times to the stock daemon and back.  It takes over when no
# transaction is open; the loads' are short.
relayed() {
	n=0
	while [ $n -lt "$1" ]; do
		n=$((n + 1))
		stocks=$((stocks + 1))
		check "$n: the stock daemon takes over, all loads go on" \
			updated "$STOCK" || return
		check "... a death is announced, xl list works" serves
		check "$n: ours takes over, all loads go on" \
			updated "$DAEMON" || return
		check "... a death is announced, xl list works" serves
	done
	check "a stock daemon that ends instead: the guard is the old one" \
		outlived "$LATE"
	check "... a death is announced, xl list works" serves
	check "update among ours, all loads go on" updated "$OTHER"
}

# serves: a domain comes and goes, announced once
serves() {
	domid=$(limited rig make) && limited rig introduce "$domid" 1 &&
		ports "$domid" 1 &&
		limited rig releases 1 "rig kill $domid; rig gone $domid" &&
		no_port "$domid" && limited xl list
}

# ---- through a file ----

IMAGE=/var/lib/xen/image

# restarted GUEST: with the daemon its clients' sockets go, and so do the
# programs that have them: the load there, xenconsoled and the xl of each guest.
# Rings remain.  First the daemon ends by itself, while rings are in the middle
# of something; then it is killed, while all stands still, as its image would be
# too old otherwise.
restarted() {
	forget /local/domain/0/data/socket
	kill "$socket_load"
	check "every load opens transactions" order "hold 4" || return
	check "it saves its state and ends" ended_with_image || return
	check "... another begins with the image" begins || return
	check "... transactions end as they would have without it" order "end 4"
	check "all loads go on, the kernel's as well" all_well || return
	check "xenconsoled begins anew" limited /etc/init.d/xen restart
	check "a death is announced, xl list works" serves
	check "all stands still, and the state is saved" still_saved "$1" ||
		return
	check "... the daemon is killed" killed_daemon || return
	check "... another begins with the image" begins || return
	check "... all loads go on, the kernel's as well" stirs "$1" || return
	check "xenconsoled begins anew" limited /etc/init.d/xen restart
	dom0_load /run/xenstored/socket again
	check "a load on its socket goes round, too" all_well
	check "a death is announced, xl list works" serves
	check "update, all loads go on" updated "$OTHER"
}

ended_with_image() {
	before=$(daemon_pid)
	limited "$OUR_CONTROL" save-image --exit $IMAGE &&
		soon no test -e "/proc/$before" && xs-image verify $IMAGE
}

# begins: as the init script starts it, and with the image
begins() {
	limited "$DAEMON" --pid-file "$PIDFILE" \
		--trace-file /var/log/xen/xenstored.log --restore $IMAGE &&
		daemon_is "$DAEMON" && no equal "$(daemon_pid)" "$before"
}

# still_saved GUEST: of the ring's load every answer has come when one more has
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

# away_and_back NAME: from this host to this host, with transactions open
away_and_back() {
	found "$1" || return
	check "every load opens transactions" order "hold 3" || return
	check "its state is saved, its ring frozen, its connection forgotten" \
		goes_away "$domid" || return
	check "... all others go on" all_well
	check "it is taken in again, not announced" comes_back "$domid" ||
		return
	check "it is introduced as any domain, announced once" \
		introduced "$domid"
	check "... transactions end as they would have without it" order "end 3"
	check "all loads go on" all_well || return
	check "update, all loads go on" updated "$OTHER"
}

# goes_away DOMID: it runs, but nobody answers it
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

# ports DOMID N: so many has dom0 to it: xenconsoled's and the store's
ports() {
	lsevtchn 0 >"$work/ports" &&
		equal "$(grep -c "Remote Domain $1," "$work/ports")" "$2"
}
