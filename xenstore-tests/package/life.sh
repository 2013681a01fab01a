# SPDX-License-Identifier: GPL-2.0-or-later
#
# The package's life where all goes well.  Sourced by scenarios.
# shellcheck shell=sh

cp /etc/default/xen $work/default.xen
check "service xen start: the stock daemon" service start
find_daemon
check "... it runs" runs "$stock"
[ $failed -eq 0 ] || {
	counted
	exit 1
}
check "guests boot" "$xensim" boot $hv 1-4
start_guests 1 4 --tolerate-refire --timeout 90 --rate 500
start_sockets 2 0 2000
check "guests and clients get answers" answered 20
sum before
files $work/files.before

echo "# installation"
check "dpkg -i" deb -i "$DEBS/first.deb"
check "... the stock daemon still runs" runs "$stock"
check "... no file of Xen's packages is changed" untouched
check "... the boot is as before" no grep -rqs xenstored-boot /etc
check "... all is fine" fine
check "the status: the stock daemon" \
	equal "$(xenstored-takeover --status >/dev/null; echo $?)" 6
check "man pages: xenstored, xenstored-control, xenstored-takeover" \
	man -w xenstored xenstored-control xenstored-takeover xs-image
check "service xen start" service start
check "... the stock daemon still runs" runs "$stock"

echo "# takeover"
check "xenstored-takeover --yes" xenstored-takeover --yes
check "... this package's daemon runs, in the same process" runs $own
check "... all is fine" fine
check "the status: ours" xenstored-takeover --status
for word in start stop start restart; do
	check "service xen $word" service $word
	check "... ours runs, and all is fine" eval 'runs $own && fine'
done

echo "# upgrade"
check "dpkg -i of revision 2" deb -i "$DEBS/good.deb"
check "... it is installed" version_is good
check "... it runs, in the same process" runs $own
check "... it is the new file" cmp $own "/proc/$daemon/exe"
check "... what was carried over is shown" has "carried over" $work/deb
check "... all is fine" fine
check "the same revision again" deb -i "$DEBS/good.deb"
check "... the new file runs, and all is fine" eval 'runs $own && fine'
check "downgrade" deb -i "$DEBS/first.deb"
check "... the old revision runs, and all is fine" \
	eval 'version_is first && runs $own && fine'

echo "# an upgrade of Xen's packages beside it"
check "dpkg -i of xenstore-utils, xen-utils-common, xen-utils-$XEN" \
	deb -i "$DEBS"/xen/*.deb
check "... ours runs, and all is fine" eval 'runs $own && fine'
check "... our files are not changed" \
	equal "$(dpkg --verify xenstored)" ""
check "... the next boot is still ours" grep -rqs xenstored-boot /etc
check "service xen restart" service restart
check "... ours runs, and all is fine" eval 'runs $own && fine'

echo "# removal"
check "dpkg -r" deb -r xenstored
check "... the stock daemon runs, in the same process" runs "$stock"
check "... the boot is as before" untouched
check "... all is fine" fine
check "service xen restart" service restart
check "... the stock daemon runs, and all is fine" eval 'runs $stock && fine'
check "installed again" deb -i "$DEBS/first.deb"
check "... nothing happens" eval 'runs $stock && fine'
check "takeover" xenstored-takeover --yes
check "dpkg --purge while ours runs" deb --purge xenstored
check "... the stock daemon runs, and all is fine" eval 'runs $stock && fine'
files $work/files.after
check "... no file is left, none is changed" \
	diff $work/files.before $work/files.after
