# SPDX-License-Identifier: GPL-2.0-or-later
#
# Shared by the bench scripts: a daemon on a simulated host, and a client that
# measures. Sourced; sets top, sim, bench, stock, ours, control, tmp.
top=$(cd "$(dirname "$0")/../.." && pwd)
stock=${STOCK:-$("$top/tools/stock" dir)/xenstored}
control=${CONTROL:-$("$top/tools/stock" dir)/xenstore-control}
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
		case $1 in */oxenstored) exec_ocaml "$1";; esac
		exec $pin "$sim" run "$tmp/hv" $run_options -- "$1" -N \
			--pid-file "$tmp/pid"
	) >"$tmp/log" 2>&1 &
	daemon=$!
	"$sim" wait "$XENSTORED_PATH"
}
pin= run_options=	# commands before the daemon; options of xensim run

# The OCaml daemon has its paths compiled in, so it gets another /run. It also
# tries to raise the limit of open files to the system's.
exec_ocaml() {
	ulimit -Hn >"$tmp/nr_open"
	cat >"$tmp/ocaml.conf" <<-end
		pid-file = $tmp/pid
		xenstored-log-file = $tmp/ocaml.log
		persistent = false
		xenstored-kva = /proc/xen/xsd_kva
		xenstored-port = /proc/xen/xsd_port
	end
	# shellcheck disable=SC2016 # the inner shell's own
	exec $pin unshare -m --propagation private sh -c '
		mount --bind "$1/nr_open" /proc/sys/fs/nr_open
		mount -t tmpfs none /run && mkdir /run/xenstored &&
		mount --bind "$1/run" /run/xenstored &&
		exec "$2" run "$1/hv" $3 -- "$4" --no-fork --no-access-log \
			--config-file "$1/ocaml.conf"' \
		sh "$tmp" "$sim" "$run_options" "$1"
}

now() { daemon=$(cat "$tmp/pid"); }	# after an update it may be another process

end() {
	kill "$daemon"; wait "$daemon" 2>/dev/null || true; daemon=
	"$sim" stop "$tmp/hv" >/dev/null; hypervisor=
}

# A memory cgroup for the daemon and its children, if one can be made: it
# counts the most memory they had at once.
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

peak_begin() {	# from now on; or from the start if the kernel cannot reset it
	[ -z "$group" ] || echo 0 2>/dev/null \
		>"$group/$(ls "$group" | grep -xE "$peak_files")" || true
}

peak() {	# kB, or - if not counted
	[ -n "$group" ] || { echo -; return; }
	awk '{print int($1 / 1024)}' \
		"$group/$(ls "$group" | grep -xE "$peak_files")"
}

rss() { awk '/VmRSS/ {print $2}' "/proc/$daemon/status"; }
b() { "$bench" "$XENSTORED_PATH" "$@"; }

gap() {		# longest time without a reply while BINARY takes over, us
	local in how=("$control" live-update)
	[ -z "${2:-}" ] || how=("$top/tools/xenstore-control/xenstore-control" live-update "$2")
	mkfifo "$tmp/in"
	b gap <"$tmp/in" >"$tmp/gap" & holder=$!
	exec {in}>"$tmp/in"
	timeout "${LIMIT:-300}" "${how[@]}" "$1" >&2
	b read >/dev/null
	exec {in}>&-
	wait "$holder"
	rm -f "$tmp/in"
	tail -n 1 "$tmp/gap"
}
