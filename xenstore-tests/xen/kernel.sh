# SPDX-License-Identifier: GPL-2.0-or-later
#
# What image and debian share: the kernel, the hypervisor and the guest. Sourced;
# expects $top, $out, $cache, $work and $xen.
# shellcheck shell=bash disable=SC2154

missing() {
	echo "$*"
	exit 3
}

# package: the name of the kernel's package; not the cloud kernel's, which
# cannot be a dom0
package() {
	apt-cache depends linux-image-amd64 2>/dev/null |
		sed -n 's/.*Depends: \(linux-image-[0-9][^ ]*\)$/\1/p' |
		head -n 1
}

# download: fetches the newest one; sets $kernel
download() {
	local package
	package=$(package)
	[ -n "$package" ] || {
		echo "apt knows no linux-image-amd64"
		return 1
	}
	kernel=$cache/$package
	[ ! -e "$kernel/vmlinux" ] || return 0
	rm -rf "$kernel"
	mkdir -p "$kernel"
	(cd "$kernel" && apt-get -q download "$package" >log 2>&1) || {
		tail -n 1 "$kernel/log"
		return 1
	}
}

# kernel: apt's lists may be missing or older than the archive. Without an
# archive a kernel in CACHE will do. Xen gets the plain ELF file, which saves
# unpacking it under emulation.
kernel() {
	local image had
	download || {
		apt-get -q update && download
	} || {
		had=$(find "$cache" -name vmlinux | sort | tail -n 1)
		[ -n "$had" ] || missing "the kernel cannot be downloaded: $(
			download | tail -n 1)"
		kernel=${had%/vmlinux}
	}
	[ ! -e "$kernel/vmlinux" ] || return 0
	dpkg-deb -x "$kernel"/*.deb "$kernel/files"
	rm "$kernel"/*.deb
	image=$(echo "$kernel"/files/boot/vmlinuz-*)
	unpack "$image" >"$kernel/vmlinux.new"
	mv "$kernel/vmlinux.new" "$kernel/vmlinux"
}

# number FILE OFFSET SIZE: prints a little-endian number
number() {
	od -An -v -t "u$3" -j "$2" -N "$3" "$1" | tr -d ' '
}

# unpack BZIMAGE: its header says where the compressed kernel is, which is
# followed by four bytes with the unpacked length
unpack() {
	local setup offset len begin
	setup=$(number "$1" $((0x1f1)) 1)
	offset=$(((setup + 1) * 512 + $(number "$1" $((0x248)) 4)))
	len=$(number "$1" $((0x24c)) 4)
	begin=$(od -An -v -t x1 -j $offset -N 4 "$1" | tr -d ' ')
	tail -c +$((offset + 1)) "$1" | head -c $((len - 4)) |
		case $begin in
		fd377a58) xz -dc ;;
		28b52ffd) zstd -dcq ;;
		*)
			echo "$1: neither xz nor zstd: begins with $begin" >&2
			return 1
			;;
		esac
}

pack() {
	(cd "$1" && find . | busybox cpio -o -H newc 2>/dev/null) >"$2"
}

guest() {
	local root=$work/guest
	install -D "$top/build/xen-programs/load" "$root/init"
	mkdir -p "$root/sbin"
	ln -s /init "$root/sbin/poweroff"
	modules "$root" '*/xen-blkfront.ko*'
	pack "$root" "$work/guest.cpio"
}

# modules DIR [PATH]: Xen's drivers, or those, unpacked: busybox's insmod
# takes no others
modules() {
	local file name
	find "$kernel/files" -path "${2:-*/drivers/xen/*}" -name '*.ko*' |
		while read -r file; do
			name=${file##*/}
			case $name in
			*.xz) xz -dc "$file" >"$1/${name%.xz}" ;;
			*.zst) zstd -dcq "$file" >"$1/${name%.zst}" ;;
			*) cp "$file" "$1/" ;;
			esac
		done
}

# hypervisor: Xen and dom0's kernel, as QEMU loads them
hypervisor() {
	gzip -dc "/boot/xen-$xen-amd64.gz" >"$out/xen" # the ELF file
	ln -f "$kernel/vmlinux" "$out/vmlinux"
}
