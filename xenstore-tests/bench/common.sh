# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the bench scripts share: a daemon on a simulated host, and a client
# that measures.  Sourced; sets top, sim, bench, stock, ours, control, tmp.
top=$(cd "$(dirname "$0")/../.." && pwd)
stock=${STOCK:-/usr/lib/xen-4.17/bin/xenstored}
control=${CONTROL:-/usr/lib/xen-4.17/bin/xenstore-control}
ours=${OURS:-$top/tools/xenstore/xenstored}
sim=$top/tools/xensim/xensim
guest=$top/tools/xensim/xensim-guest
bench=${BENCH:-$top/build/bench/xsbench}
tmp=$(mktemp -d)
export XENSTORED_RUNDIR=$tmp/run XENSTORED_PATH=$tmp/run/socket
daemon= hypervisor= load=

cleanup() {
	[ -z "$load" ] || kill "$load" 2>/dev/null || true
	[ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
	[ -z "$hypervisor" ] || "$sim" stop "$tmp/hv" >/dev/null 2>&1 || true
	rm -rf "$tmp"
}
trap cleanup EXIT

begin() {	# begin BINARY
	rm -rf "$tmp/run" "$tmp/hv"; mkdir -p "$tmp/run"
	"$sim" serve "$tmp/hv" -d >/dev/null; hypervisor=1
	"$sim" run "$tmp/hv" -- "$1" -N --pid-file "$tmp/pid" \
		>"$tmp/log" 2>&1 &
	daemon=$!
	"$sim" wait "$XENSTORED_PATH"
}

end() {
	kill "$daemon"; wait "$daemon" 2>/dev/null || true; daemon=
	"$sim" stop "$tmp/hv" >/dev/null; hypervisor=
}

rss() { awk '/VmRSS/ {print $2}' "/proc/$daemon/status"; }
b() { "$bench" "$XENSTORED_PATH" "$@"; }

gap() {		# longest time without an answer while BINARY takes over, us
	local in
	mkfifo "$tmp/in"
	b gap <"$tmp/in" >"$tmp/gap" & holder=$!
	exec {in}>"$tmp/in"
	timeout "${LIMIT:-300}" "$control" live-update "$1" >&2
	b read >/dev/null
	exec {in}>&-
	wait "$holder"
	rm -f "$tmp/in"
	tail -n 1 "$tmp/gap"
}
