# SPDX-License-Identifier: GPL-2.0-or-later
#
# The package's life where something fails: the daemon that served before still
# serves, dpkg is not left half-way, and a line says so.  Sourced by scenarios,
# after life.sh, with the stock daemon running under load and no package.
# shellcheck shell=sh disable=SC2016 # eval expands variables later

fault() {
	echo "$*" >$faults/fault
}

# said TEXT: dpkg's output has one line of the package with TEXT; so has the log
said() {
	equal "$(grep -c '^xenstored: ' $work/deb)" 1 && has "$1" $work/deb &&
		soon has "$1" $work/syslog && : >$work/syslog
}

python3 -c 'import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("/dev/log")
while True:
    with open("'$work/syslog'", "ab") as f: f.write(s.recv(65536) + b"\n")' &
pids="$pids $!"
: >$work/syslog
kept="$own (deleted)"

echo "# a new daemon that crashes"
check "dpkg -i" deb -i "$DEBS/first.deb"
check "xenstored-takeover --yes" xenstored-takeover --yes
check "dpkg -i of a daemon that crashes: dpkg succeeds" deb -i "$DEBS/crashes.deb"
check "... the package is installed" version_is crashes
check "... a line says what happened" said "was not updated and keeps serving"
check "... the old daemon runs, and all is fine" eval 'runs "$kept" && fine'
check "... the status: ours" xenstored-takeover --status
check "service xen restart" service restart
check "... the old daemon runs, and all is fine" eval 'runs "$kept" && fine'
check "dpkg --configure -a: nothing to do" deb --configure -a
check "dpkg -r: the old daemon hands back" deb -r xenstored
check "... the stock daemon runs, and all is fine" eval 'runs $stock && fine'
check "dpkg -i of a daemon that works" deb -i "$DEBS/first.deb"
check "xenstored-takeover --yes" xenstored-takeover --yes

echo "# a new daemon that crashes when it has taken over"
fault restore-segv
check "dpkg -i: dpkg succeeds" deb -i "$DEBS/late.deb"
check "... a line says what happened" said "was not updated and keeps serving"
check "... the old daemon is back, its file deleted" runs "$kept"
check "... all is fine" fine
fault
check "the command of that line" xenstored-control live-update $own
check "... the new daemon runs, and all is fine" eval 'runs $own && fine'
check "dpkg -i of the next revision" deb -i "$DEBS/good.deb"
check "... it runs, and all is fine" eval 'runs $own && fine'

echo "# dpkg fails or is interrupted"
check "a package whose preinst fails: dpkg fails" no deb -i "$DEBS/preinst.deb"
check "... the installed one stays" version_is good
check "... it runs, and all is fine" eval 'runs $own && fine'
check "unpacked, not configured" deb --unpack "$DEBS/first.deb"
check "... the old daemon runs, and all is fine" eval 'runs "$kept" && fine'
check "dpkg --configure -a" deb --configure -a
check "... the new daemon runs, and all is fine" eval 'runs $own && fine'
check "unpacked, not configured" deb --unpack "$DEBS/good.deb"
check "... dpkg -r, which runs no prerm then" deb -r xenstored
check "... says that the daemon still runs" \
	has "process $daemon still serves this host" $work/deb
check "... it does, and all is fine" eval 'runs "$kept" && fine'
check "... the boot is as before" untouched
check "... what it says to do hands back" \
	eval 'xenstore-control live-update $STOCK/xenstored && runs $STOCK/xenstored'
check "installed again, takeover" \
	eval 'deb -i "$DEBS/first.deb" && xenstored-takeover --yes'

echo "# UPDATE_AT_UPGRADE=no"
echo UPDATE_AT_UPGRADE=no >>/etc/default/xenstored
check "dpkg -i" deb -i "$DEBS/good.deb"
check "... a line says what to do" said "to update it: xenstored-control"
check "... the setting is kept" has UPDATE_AT_UPGRADE=no /etc/default/xenstored
check "... the old daemon runs, and all is fine" eval 'runs "$kept" && fine'
sed -i '$d' /etc/default/xenstored

echo "# libraries of another Xen"
"$xensim" mismatch $hv control
check "dpkg -i: dpkg succeeds" deb -i "$DEBS/first.deb"
check "... a line says what does not match" said "does not match the hypervisor"
check "... the old daemon runs, and all is fine" eval 'runs "$kept" && fine'
"$xensim" mismatch $hv
check "dpkg -i" deb -i "$DEBS/good.deb"
check "... the new daemon runs, and all is fine" eval 'runs $own && fine'

echo "# removal without a stock daemon"
chmod a-x $STOCK/xenstored $STOCK/oxenstored
check "dpkg -r: refused" no deb -r xenstored
check "... with the reason" has "no stock daemon for Xen $XEN" $work/deb
check "... and what to do" has "The package is not removed" $work/deb
check "... it is still installed" version_is good ri
check "... it runs, and all is fine" eval 'runs $own && fine'
chmod a+x $STOCK/xenstored $STOCK/oxenstored
check "no client has reported an error" end_load

echo "# a reboot, and removal where no daemon runs"
kill "$daemon"
check "ours ends" ended "$daemon"
rm -rf /run/xenstored /run/xenstore.pid
check "service xen start" service start
find_daemon
check "... ours runs" runs $own
kill "$daemon"
check "it ends" ended "$daemon"
check "dpkg --purge" deb --purge xenstored
check "... the boot is as before" untouched
check "... no file is left, none is changed" \
	eval 'files $work/files.after && diff $work/files.before $work/files.after'
check "service xen start" service start
find_daemon
check "... the stock daemon runs" runs "$stock"
