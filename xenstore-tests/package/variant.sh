# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes upgrades of a package, good and bad ones.  Sourced by run, and by the
# tests on real Xen; expects $package, $place, and $version and $VERSION_ID of
# the package.
# shellcheck shell=sh disable=SC2154

# variant NUMBER NAME [BINARY [PREINST]]: the package as revision NUMBER, with
# another daemon
variant() {
	tree=$place/$2
	rm -rf "$tree"
	dpkg-deb -R "$package" "$tree" &&
		sed -i "s/^Version: .*/Version: $version-$1+deb$VERSION_ID/" \
			"$tree/DEBIAN/control" || return 1
	file=usr/lib/xenstored/xenstored
	[ -z "$3" ] || cp "$3" "$tree/$file" || return 1
	echo "revision $1" >>"$tree/$file"
	(cd "$tree" && md5sum $file) >"$place/sum" || return 1
	sed -i -e "/ ${file##*/}$/d" -e '/ usr.lib.xenstored.xenstored$/d' \
		"$tree/DEBIAN/md5sums"
	cat "$place/sum" >>"$tree/DEBIAN/md5sums"
	if [ -n "$4" ]; then
		printf '#!/bin/sh\n%s\n' "$4" >"$tree/DEBIAN/preinst" &&
			chmod 755 "$tree/DEBIAN/preinst" || return 1
	fi
	dpkg-deb --root-owner-group -b "$tree" "$place/$2.deb" >/dev/null &&
		rm -rf "$tree"
}
