# SPDX-License-Identifier: GPL-2.0-or-later
#
# A Debian host on the simulated Xen: its own /etc, /run, /sys and sockets, its
# init script, stock daemons and their paths. Sourced after common.sh by tests
# that change how a host starts its store.
#
#   STOCK=DIR   the stock programs
# shellcheck shell=sh disable=SC2034,SC2154,SC3045 # variables of the tests

# host_enter SCRIPT...: runs the script again with mounts and a network of its
# own; processes stay visible
host_enter() {
	[ -z "$IN_HOST" ] || return 0
	IN_HOST=1 exec unshare -m -n --propagation unchanged "$@"
}

# replace FILE: by what is on standard input, executable
replace() {
	replaced=$work/replaced.$(echo "$1" | tr / _)
	cat >"$replaced" && chmod 755 "$replaced" &&
		mount --bind "$replaced" "$1"
}

# host_begin: after begin
host_begin() {
	mount --make-rprivate / 2>/dev/null # fails in a chroot, which is private
	mkdir "$work/etc" && cp -a /etc/. "$work/etc" &&
		mount --bind "$work/etc" /etc || return 1
	for dir in /run /sys /var/lib /var/log; do
		mount -t tmpfs none $dir || return 1
	done
	host_xen
}

# host_xen: what is different on a Xen host; in such folders
host_xen() {
	mkdir -p /run/xenstored /run/lock /var/log/xen /run/fake-proc \
		/sys/hypervisor/version || return 1
	xen=${STOCK%/bin}
	xen=${xen##*-}
	echo xen >/sys/hypervisor/type
	echo "${xen%.*}" >/sys/hypervisor/version/major
	echo "${xen#*.}" >/sys/hypervisor/version/minor
	echo control_d >/run/fake-proc/capabilities
	sed -i 's|/proc/xen|/run/fake-proc|' /etc/init.d/xen
	# oxenstored raises the limit of open files to this
	ulimit -Hn >/run/nr_open
	mount --bind /run/nr_open /proc/sys/fs/nr_open || return 1
	# -n -1000 PROGRAM -- ARGUMENTS, as in the script
	replace /usr/bin/choom <<-END
		#!/bin/sh
		program=\$3
		shift 4
		exec "$xensim" run "$hv" -- "\$program" "\$@"
	END
	echo '#!/bin/sh' | replace "$STOCK/xenconsoled"
	replace "$STOCK/xen-init-dom0" <<-END
		#!/bin/sh
		xenstore-write /local/domain/0/name Domain-0
	END
	run=/run/xenstored
	unset XENSTORED_RUNDIR XENSTORED_PATH
}

# with_systemd: the host runs systemd; only Environment= of drop-ins counts
unit_d=/etc/systemd/system/xen.service.d
with_systemd() {
	mkdir -p /run/systemd/system
	replace "$(command -v systemctl)" <<-END
		#!/bin/sh
		echo "\$*" >>"$work/systemctl"
		[ "\$1" != show ] || echo Environment=\$(cat $unit_d/*.conf |
			sed -n 's/^Environment=//p' | tail -n 1)
	END
}

# service WORD: the init script, as the service manager runs it
service() {
	# shellcheck disable=SC2046 # one word for each variable
	env -i PATH="$PATH" SYSTEMCTL_SKIP_REDIRECT=1 \
		$([ ! -d /run/systemd/system ] ||
			systemctl show | sed 's/^Environment=//') \
		timeout 100 /etc/init.d/xen "$1" </dev/null >"$work/service" 2>&1
	service_rc=$?
	cat "$work/service"
	daemon=$(cat /run/xenstore.pid)
	pids="$pids $daemon"
	return $service_rc
}
