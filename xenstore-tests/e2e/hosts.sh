# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two hosts, A and B, each a simulated Xen with a daemon, and the steps a
# toolstack takes to move a domain from one to the other. Sourced after
# common.sh by the migration tests and the demo.
#
#   CLIENT=FILE   this tree's xenstore-control
# shellcheck shell=sh disable=SC2034,SC2086 # lists of words are split

ours=${CLIENT:-$top/tools/xenstore-control/xenstore-control}
image=

# on HOST: what follows concerns that host
on() {
	hv=$work/$1.hv
	daemon_log=$work/$1.log
	use_run "$work/$1.run"
}

# begin_hosts BINARY: starts both, each with a daemon; sets $daemon_A,
# $daemon_B
begin_hosts() {
	begin
	other_hvs="$hv $work/A.hv $work/B.hv"
	image=$work/image
	for name in A B; do
		on $name
		"$xensim" serve "$hv" -d && start_daemon "$1" || return 1
		eval "daemon_$name=\$daemon"
	done
}

# where DOMID: sets $from, the host it is on, and $to, the other one
where() {
	eval "from=\${at_$1:-A}"
	if [ "$from" = A ]; then to=B; else to=A; fi
}

# ctl WORDS...: runs our control client; reply in $work/reply
ctl() {
	timeout 60 "$ours" "$@" >"$work/reply" 2>&1
	ctl_rc=$?
	[ $ctl_rc -eq 0 ] || {
		echo "xenstore-control $*: exit code $ctl_rc:"
		cat "$work/reply"
		return 1
	}
}

now_ms() {
	date +%s%N | sed 's/......$//'
}

# related DOMID: lists this host's nodes that move with it, with permissions
related() {
	for path in /local/domain/$1 /libxl/$1 \
		"/vm/$(printf '58656e53-696d-4000-8000-%012u' "$1")" \
		"/local/domain/0/backend/vif/$1"; do
		if xenstore-exists "$path"; then
			xenstore-ls -fp "$path" | sed "s|^|$path: |" | sort
		fi
	done
}

# listing HOST DOMID NAME: saves the list of its nodes there
listing() {
	on "$1"
	related "$2" >"$work/$3.ls"
}

# same WHAT: expects the lists "before" and "after" to be equal
same() {
	cmp -s "$work/before.ls" "$work/after.ls" || {
		echo "$1 differ before and after:"
		diff "$work/before.ls" "$work/after.ls"
		return 1
	}
}

# The steps of a move: each says what failed.

# freeze DOMID: pauses it and saves its state in $image
freeze() {
	where "$1"
	on $from
	still_since=$(now_ms)
	"$xensim" pause "$hv" "$1" && ctl migrate-save --freeze "$1" "$image"
}

# copy DOMID OPTIONS...: copies the domain to the other host
copy() {
	"$xensim" move "$work/$from.hv" "$work/$to.hv" "$@" --copy
}

# restore OPTIONS...: the other host's daemon restores $image
restore() {
	on $to
	ctl migrate-restore "$@" "$image"
}

# introduced DOMID: INTRODUCE, as a toolstack sends it for a restored domain
introduced() {
	"$xensim" introduce "$1" \
		"$("$xensim" list "$hv" | awk -v d="$1" '$1 == d { print $4 }')"
}

# finish DOMID: continues there, and is destroyed here
finish() {
	on $to
	"$xensim" move "$work/$from.hv" "$work/$to.hv" "$1" --finish &&
		introduced "$1" && "$xensim" unpause "$hv" "$1" || return 1
	still_ms=$(($(now_ms) - still_since))
	[ $still_ms -le "${still_max:-0}" ] || still_max=$still_ms
	eval "at_$1=$to"
}

# forget DOMID: the daemon here forgets it
forget() {
	on $from
	ctl migrate-forget "$1"
}

# drop DOMID: gives up the copy on the other host
drop() {
	"$xensim" destroy "$work/$to.hv" "$1"
}

# thaw DOMID: it continues here
thaw() {
	on $from
	ctl migrate-thaw "$1" && "$xensim" unpause "$hv" "$1"
}
