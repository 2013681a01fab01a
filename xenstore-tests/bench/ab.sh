set -eu
. xenstore-tests/bench/common.sh
one() {
	begin "$1"
	"$sim" boot "$tmp/hv" 1-8 --bare >/dev/null 2>&1 || true
	"$sim" boot "$tmp/hv" 9 >/dev/null
	for d in 1 16; do
	"$guest" "$tmp/hv" 9 --seconds 2 --modes counters --depth $d 2>&1 | sed 's|.*; \([0-9]*\) requests/s|\1|' | tr '\n' ' '
	done
	end
	echo
}
for i in 1 2 3 4 5; do echo -n "old "; one /tmp/oldhead/tools/xenstore/xenstored; echo -n "new "; one tools/xenstore/xenstored; done
