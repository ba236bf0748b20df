# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034,SC2154
#
# The guest's files: an archive with busybox and init, made once, and one with
# what this run adds. Needs lib.sh.

# pack ROOT: prints the directory ROOT as an archive that the kernel unpacks.
pack()
{
	(cd "$1" && find . | LC_ALL=C sort | busybox cpio -o -H newc -R 0:0 2>/dev/null)
}

# Sets base, the archive of what every guest has.
make_base()
{
	tools=$(command -v busybox)
	base=$cache/guest/$({
		cat "$vm/init.c" "$vm/guest.sh" "$tools"
		gcc -v 2>&1
	} | sha256sum | cut -c 1-16).cpio
	[ ! -e "$base" ] || return 0
	make_directory "$cache/guest"
	root=$work/base
	mkdir -p "$root/bin" "$root/dev" "$root/proc" "$root/root" "$root/sys" \
		"$root/tmp" "$root/usr/local/bin" "$root/vm"
	cp "$tools" "$root/bin/busybox"
	for tool in $("$tools" --list); do
		[ -e "$root/bin/$tool" ] || ln -s busybox "$root/bin/$tool"
	done
	gcc -std=gnu11 -O2 -Wall -Wextra -static -o "$root/init" "$vm/init.c" >&2 ||
		fail "init.c does not compile"
	pack "$root" >"$base.$$" || fail "cannot write $base.$$"
	mv "$base.$$" "$base"
}

# add_file FILE: FILE and the shared libraries that it loads at its start.
add_file()
{
	name=${1##*/}
	place=$work/root/usr/local/bin/$name
	[ ! -e "$place" ] || bad_usage "--add: there are two files with the name $name"
	mkdir -p "$work/root/usr/local/bin"
	cp -L "$1" "$place" || fail "cannot copy $1"
	if ! libraries=$(ldd "$1" 2>/dev/null); then
		return 0
	fi
	case $libraries in
	*'not found'*) fail "--add: $1 needs $(echo "$libraries" | sed -n 's/^[[:space:]]*\(.*\) => not found/\1/p' | tr '\n' ' ')" ;;
	esac
	printf '%s\n' "$libraries" | sed -n 's,^.* => ,,; s,^[[:space:]]*\(/.*\) (0x.*,\1,p' |
	while read -r library; do
		mkdir -p "$work/root${library%/*}"
		cp -L "$library" "$work/root$library"
	done || fail "cannot copy the libraries of $1"
}

# make_guest [COMMAND...]: sets initrd, the whole archive.
make_guest()
{
	make_base
	mkdir -p "$work/root/vm"
	if [ $# -gt 0 ]; then
		printf '%s\0' "$@" >"$work/root/vm/argv"
	else
		stty size >"$work/root/vm/size"
	fi
	printf '%s\0' PATH=/usr/local/bin:/bin:/sbin HOME=/root \
		"TERM=${TERM:-dumb}" >"$work/root/vm/env"
	initrd=$work/initrd
	{ cat "$base" && pack "$work/root"; } >"$initrd" || fail "cannot write $initrd"
}
