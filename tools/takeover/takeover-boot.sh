# SPDX-License-Identifier: GPL-2.0-or-later
#
# Which store daemon this host's start script starts, and how to make it ours;
# sourced by xenstored-takeover after takeover-find.sh. Needs $launcher.
# boot_find sets boot_style, which says how this host starts its store:
#
#   debian       /etc/init.d/xen starts $XENSTORED, which /etc/default/xen sets
#                or, if that does not, a drop-in for xen.service
#   xencommons   launch-xenstore or /etc/init.d/xencommons; only the file counts
#   unknown
#
# Debian's script recognises a running daemon by its file. So it does not
# recognise ours, and starts $XENSTORED beside it. The launcher exits then.
# shellcheck shell=sh disable=SC2154 # variables of the other file

begin_mark="# begin of xenstored-takeover (xenstored-takeover --back removes this)"
end_mark="# end of xenstored-takeover"
drop_in=/etc/systemd/system/xen.service.d/xenstored-takeover.conf

boot_find() {
	boot_style=unknown conf='' systemd=''
	[ ! -d /run/systemd/system ] || systemd=yes
	if [ -e /etc/init.d/xen ] && grep -q XENSTORED /etc/init.d/xen; then
		boot_style=debian conf=/etc/default/xen
		return
	fi
	for conf in /etc/default/xencommons /etc/sysconfig/xencommons \
		/etc/conf.d/xencommons ''; do
		[ ! -e "$conf" ] || break
	done
	[ -z "$conf" ] || boot_style=xencommons
}

# conf_value NAME: as the host's script reads it: the file is a shell script
conf_value() {
	# shellcheck disable=SC1090,SC2016 # the file is the host's
	[ ! -r "$conf" ] ||
		sh -c 'unset XENSTORED; . "$1" >/dev/null 2>&1; eval "echo \"\$$2\""' \
			sh "$conf" "$1"
}

# boot_binary: what the next start runs
boot_binary() {
	value=$(conf_value XENSTORED)
	[ "$boot_style" != debian ] || [ -n "$value" ] || [ -z "$systemd" ] ||
		value=$(systemctl show -p Environment xen.service |
			sed -n 's/.*[= ]XENSTORED=\([^ ]*\).*/\1/p')
	[ "$boot_style" != xencommons ] || [ -n "$value" ] ||
		value=$(sed -n 's/^XENSTORED=//p' /etc/xen/scripts/launch-xenstore)
	[ -n "$value" ] || value=$(stock_files | head -n 1)
	echo "$value"
}

# boot_kind: of the daemon that boot_binary is or starts
boot_kind() {
	case $(boot_binary) in
	"$launcher") echo ours ;;
	*) kind_of "$(boot_binary)" ;;
	esac
}

# boot_way: how the launcher becomes $XENSTORED
boot_way() {
	if [ "$boot_style" = unknown ]; then
		echo none
	elif [ "$(boot_kind)" = ours ]; then
		echo set
	elif [ "$boot_style" = debian ] && [ -n "$systemd" ] &&
		[ -z "$(conf_value XENSTORED)" ]; then
		echo drop-in
	else
		echo conf
	fi
}

boot_plan() {
	case $(boot_way) in
	none)
		echo "Boot: not changed, as it is not known how this host starts its store."
		echo "Make it start $launcher."
		return
		;;
	set)
		echo "Boot: not changed, as this daemon starts already."
		return
		;;
	drop-in) echo "Boot: this file is created: $drop_in" ;;
	conf) echo "Boot: a line is added to $conf: XENSTORED=$launcher" ;;
	esac
	echo "From the next boot on this daemon starts. Until then the host's script starts"
	echo "no second daemon beside it."
}

reload() {
	[ -z "$systemd" ] || systemctl daemon-reload
}

boot_set() {
	case $(boot_way) in
	none) return 1 ;;
	set) return 0 ;;
	drop-in)
		mkdir -p "${drop_in%/*}" && {
			echo "# written by xenstored-takeover; --back removes it"
			echo "[Service]"
			echo "Environment=XENSTORED=$launcher"
		} >$drop_in && reload
		;;
	conf)
		conf_edit conf_append && boot_unset_drop_in
		;;
	esac
}

# conf_edit COMMAND: replaces the file by what the command writes; as a whole,
# with its owner and mode
conf_edit() {
	real_conf=$(readlink -f "$conf")
	if [ -e "$real_conf" ]; then
		cp -p "$real_conf" "$real_conf.takeover-new" || return 1
	fi
	if "$1" >"$real_conf.takeover-new"; then
		mv "$real_conf.takeover-new" "$real_conf"
	else
		rm -f "$real_conf.takeover-new"
		return 1
	fi
}

conf_append() {
	if [ -e "$real_conf" ]; then
		cat "$real_conf" || return 1
	fi
	printf '%s\n' "$begin_mark" "XENSTORED=$launcher" "$end_mark"
}

conf_remove() {
	awk -v begin="$begin_mark" -v end="$end_mark" '
		$0 == begin { inside = 1 }
		!inside
		$0 == end { inside = 0 }' "$real_conf"
}

boot_is_set() {
	[ -e $drop_in ] || { [ -r "$conf" ] && grep -qxF "$begin_mark" "$conf"; }
}

boot_unset_drop_in() {
	[ -e $drop_in ] || return 0
	rm -f $drop_in && reload
	rmdir "${drop_in%/*}" 2>/dev/null
	return 0
}

# boot_unset: removes what boot_set wrote, and nothing else
boot_unset() {
	boot_unset_drop_in
	[ -r "$conf" ] && grep -qxF "$begin_mark" "$conf" || return 0
	conf_edit conf_remove
}
