# SPDX-License-Identifier: GPL-2.0-or-later
#
# The package's life on a Debian host, guests under load; sourced after
# scenarios.sh and handover.sh by package-*. The host is a Debian with Xen's
# packages; /rig has the package and its upgrades.
# shellcheck shell=sh disable=SC2034,SC2154

OX=$XEN_BIN/oxenstored
QEMU=/usr/libexec/xen-qemu-system-i386
BACKEND=/local/domain/0/backend/qdisk

# boots DAEMON [LINE]: Debian's own start, with that line in /etc/default/xen
boots() {
	stock=$1
	[ -z "$2" ] || echo "$2" >>/etc/default/xen
	echo 'XENCONSOLED_ARGS="--log=guest"' >>/etc/default/xen
	check "service xen start" limited service xen start || return
	check "... $stock runs" daemon_is "$stock" || return
	check "... xenconsoled and QEMU run" helpers_run
	check "xl list" limited xl list
	cp -a /etc /etc.before
}

helpers_run() {
	helpers=$(pidof xenconsoled) && pidof "${QEMU##*/}"
}

# guest_with_disk TYPE: guest one, whose disk QEMU serves
guest_with_disk() {
	truncate -s 1M /rig/disk.one /rig/disk.two
	check "xl create one, with a disk" create one "$1" \
		"disk=[\"$(disk one xvda)\"]" || return
	check "it boots, and all loads make progress" all_well || return
	check "... QEMU serves its disk" limited rig wait \
		"$BACKEND/$domid/51712/state" 4
	qemus=$(pidof "${QEMU##*/}")
	one=$domid
}

disk() {
	echo "format=raw,vdev=$2,access=rw,backendtype=qdisk,target=/rig/disk.$1"
}

# alive TYPE: what depends on the store works as before
alive() {
	check "... all loads continue" all_well
	check "... xenconsoled and QEMU are the same processes" same_helpers
	check "... QEMU serves another disk, and stops" another_disk
	check "... xl create and destroy, with a console" eval "cycle $1"
}

same_helpers() {
	equal "$(pidof xenconsoled)" "$helpers" &&
		equal "$(pidof "${QEMU##*/}")" "$qemus"
}

another_disk() {
	limited xl block-attach one "$(disk two xvdb)" &&
		limited rig wait "$BACKEND/$one/51728/state" 4 &&
		limited xl block-detach one xvdb &&
		limited rig wait-none "$BACKEND/$one/51728"
}

# runs FILE: that file, in the process of before
runs() {
	daemon_is "$1" && equal "$(daemon_pid)" "$before"
}

# deb WORDS...: dpkg; its output is in $work/deb
deb() {
	before=$(daemon_pid)
	limited dpkg "$@" >"$work/deb" 2>&1
	deb_rc=$?
	cat "$work/deb"
	return $deb_rc
}

installed() {
	check "dpkg -i" deb -i /rig/first.deb || return
	check "... the stock daemon still runs" runs "$stock"
	check "... all loads continue" all_well
	check "... no other setting is changed" equal "$(settings)" ""
}

# settings: names those in /etc that differ from before, except the package's
settings() {
	diff -rq /etc.before /etc | grep -v -e /etc/default/xenstored \
		-e ': xenstored$' -e ld.so.cache
}

# taken_over TYPE
taken_over() {
	before=$(daemon_pid)
	check "xenstored-takeover --yes" limited xenstored-takeover --yes ||
		return
	check "... this package's daemon runs, in the same process" \
		runs "$DAEMON" || return
	alive "$1"
	check "... the boot is set" grep -rqs xenstored-boot /etc/default/xen
	check "... the status says so" limited xenstored-takeover --status
	check "service xen start" limited service xen start
	check "... starts no other daemon" runs "$DAEMON"
	check "... all loads continue" all_well
}

# upgraded TYPE
upgraded() {
	check "dpkg -i of a second revision" deb -i /rig/good.deb
	check "... it runs, in the same process" runs "$DAEMON"
	check "... what was carried over is shown" grep "carried over" \
		"$work/deb"
	alive "$1"
}

# survived NAME TYPE: dpkg succeeds, the old daemon serves, and one line says so
survived() {
	check "dpkg -i of a revision whose daemon fails ($1) succeeds" \
		deb -i "/rig/$1.deb"
	check "... the old daemon runs, in the same process" \
		runs "$DAEMON (deleted)"
	check "... one line says so" equal \
		"$(grep -c "^xenstored: .*keeps serving" "$work/deb")" 1
	alive "$2"
}

# broken TYPE
broken() {
	survived crashes "$1"
	survived late "$1"
	check "dpkg -i of the good revision" deb -i /rig/good.deb
	check "... it runs, in the same process" runs "$DAEMON"
	check "... all loads continue" all_well
}

# removed TYPE: the stock daemon fires each watch once
removed() {
	stocks=$((stocks + 1))
	check "dpkg -r" deb -r xenstored
	check "... the stock daemon runs, in the same process" runs "$stock" ||
		return
	alive "$1"
	check "... the boot is as before" equal "$(settings)" ""
	check "dpkg --purge" deb --purge xenstored
	check "... nothing is left" equal "$(find /etc /usr /var/lib -path \
		'*xenstored-takeover*' -o -path '/usr/lib/xenstored*')" ""
	check "service xen restart" limited service xen restart
	check "... the stock daemon runs, in the same process" runs "$stock"
	check "... all loads continue" all_well
}

# life TYPE
life() {
	scenario "dom0's own loads, on its kernel's ring and on a socket" \
		dom0_loads || give_up
	scenario "a guest boots" guest_with_disk "$1" || give_up
	scenario "the package is installed" installed || give_up
	scenario "takeover" taken_over "$1" || give_up
	scenario "upgrade" upgraded "$1"
	scenario "upgrades that fail" broken "$1"
	scenario "removal" removed "$1"
	end
}
