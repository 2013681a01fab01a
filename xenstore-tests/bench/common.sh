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
daemon= hypervisor= load= group=

cleanup() {
	[ -z "$load" ] || kill "$load" 2>/dev/null || true
	[ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
	[ -z "$hypervisor" ] || "$sim" stop "$tmp/hv" >/dev/null 2>&1 || true
	[ -z "$group" ] || rmdir "$group" 2>/dev/null || true
	rm -rf "$tmp"
}
trap cleanup EXIT

begin() {	# begin BINARY
	rm -rf "$tmp/run" "$tmp/hv"; mkdir -p "$tmp/run"
	"$sim" serve "$tmp/hv" -d >/dev/null; hypervisor=1
	(
		[ -z "$group" ] || echo "$BASHPID" >"$group/cgroup.procs"
		exec "$sim" run "$tmp/hv" -- "$1" -N --pid-file "$tmp/pid"
	) >"$tmp/log" 2>&1 &
	daemon=$!
	"$sim" wait "$XENSTORED_PATH"
}

end() {
	kill "$daemon"; wait "$daemon" 2>/dev/null || true; daemon=
	"$sim" stop "$tmp/hv" >/dev/null; hypervisor=
}

# A memory cgroup for the daemon and its children, where one can be made: it
# knows the most that they ever had at once.
group_make() {
	local dir
	for dir in /sys/fs/cgroup/memory /sys/fs/cgroup; do
		group=$(mktemp -d "$dir/xs-bench.XXXXXX" 2>/dev/null) || continue
		[ -z "$(ls "$group" | grep -xE "$peak_files")" ] || return 0
		rmdir "$group"
	done
	group=
}
peak_files="memory\.max_usage_in_bytes|memory\.peak"

peak_begin() {	# from now on; a kernel that cannot forget has it from the start
	[ -z "$group" ] || echo 0 2>/dev/null \
		>"$group/$(ls "$group" | grep -xE "$peak_files")" || true
}

peak() {	# kB, or - where nobody knows
	[ -n "$group" ] || { echo -; return; }
	awk '{print int($1 / 1024)}' \
		"$group/$(ls "$group" | grep -xE "$peak_files")"
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
