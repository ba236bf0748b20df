# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034,SC2154
#
# Source trees in the cache: unpacked or copied once, with tamalloc put in.
# Needs lib.sh, progress.sh and like.sh.

# name_tree KERNEL VARIANT: sets tree and tree_id, and archive or origin, where
# the tree comes from. KERNEL is a version that Debian packs, or a directory.
# Each variant has a tree of its own: a build locks its tree, and a debug build
# takes long.
name_tree()
{
	archive='' origin=''
	case $1 in
	*/* | .) origin=$1 ;;
	[0-9]*) archive=$sources/linux-source-$1.tar.xz ;;
	*) bad_usage "--kernel: $1 is neither a version, as 6.12, nor a path with a slash in it" ;;
	esac
	if [ -n "$archive" ]; then
		[ -r "$archive" ] || fail "there is no $archive; install it with: apt-get install linux-source-$1"
		tree_id=$(dpkg-query -W -f '${Version}' "linux-source-$1" 2>/dev/null || stat -L -c "$1-%s-%Y" "$archive")
	else
		[ -f "$origin/mm/mmap.c" ] ||
			bad_usage "--kernel: $origin is not a Linux source tree"
		origin=$(cd "$origin" && pwd -P)
		tree_id=path-$(printf '%s' "$origin" | sha256sum | cut -c 1-16)
	fi
	[ "$2" = plain ] || tree_id=$tree_id-$2
	tree=$cache/tree/$tree_id
}

lock_tree()
{
	lock "$cache/lock/$tree_id"
}

# What is to go into the tree, and for a tree of the user's what is in it.
tree_state()
{
	content_of selftests vm/unneeded
	kernel_state
}

# As much of it as the kernel is built from.
kernel_state()
{
	content_of kernel/hooks kernel/mm include/uapi
	[ -z "$origin" ] || list_origin | sha256sum
}

# Every file of the user's tree with what changes when it changes.
list_origin()
{
	find "$origin" \( -name .git -o -name '*.o' -o -name '*.cmd' \) -prune -o \
		\( -type f -o -type l \) -printf '%P\t%s %T@ %m %l\n' | LC_ALL=C sort
}

# Under lock_tree: the tree as it must be now. The mark is there only while the
# tree is whole.
prepare_tree()
{
	end_likeness
	mark=$tree.state
	state=$(tree_state)
	if [ -d "$tree" ] && [ "$state" = "$(cat "$mark" 2>/dev/null)" ]; then
		return
	fi
	rm -f "$mark"
	if [ -n "$archive" ]; then
		[ -d "$tree" ] && cmp -s "$vm/unneeded" "$tree.unneeded" || unpack
	else
		update_copy
	fi
	"$project/kernel/integrate" "$tree" >&2 || fail "kernel/integrate refuses the tree $tree"
	[ "$state" = "$(tree_state)" ] || fail "the sources changed while they were put into the tree; try again"
	printf '%s\n' "$state" >"$mark" || fail "cannot write $mark"
}

unpack()
{
	rm -rf "$tree.new"
	make_directory "$tree.new"
	# shellcheck disable=SC2016 # the inner shell's variables
	step "unpacking ${archive##*/}" "$tree.log" 0 0 sh -c '
		xz -T0 -dc "$1" | tar -x -C "$2" --strip-components=1 -X "$3" &&
		test -f "$2/Kbuild"' sh "$archive" "$tree.new" "$vm/unneeded"
	rm -rf "$tree"
	mv "$tree.new" "$tree"
	cp "$vm/unneeded" "$tree.unneeded"
}

# Brings the copy of the user's tree up to date: takes what changed, removes
# what is gone, leaves the rest, so that a build has little to do.
update_copy()
{
	make_directory "$tree"
	list_origin >"$tree.list.new" || fail "cannot list $origin"
	# What tamalloc edits would be compiled again, with all that includes it.
	! cmp -s "$tree.list" "$tree.list.new" || return 0
	[ ! -f "$tree.list" ] || "$project/kernel/integrate" --revert "$tree" >&2 ||
		fail "kernel/integrate does not revert $tree; remove it"
	[ -f "$tree.list" ] || : >"$tree.list"
	# shellcheck disable=SC2016 # the inner shell's variables
	step "copying $origin" "$tree.log" 0 0 sh -c '
		cut -f 1 "$3.list" >"$3.old"
		cut -f 1 "$3.list.new" | LC_ALL=C sort >"$3.now"
		LC_ALL=C sort "$3.old" | LC_ALL=C comm -23 - "$3.now" |
			(cd "$2" && tr "\n" "\0" | xargs -0r rm -f --) &&
		LC_ALL=C comm -13 "$3.list" "$3.list.new" | cut -f 1 |
			tar -c -C "$1" --verbatim-files-from -T - | tar -x -C "$2"' sh "$origin" "$tree" "$tree"
	if [ -f "$tree/.config" ] || [ -d "$tree/include/config" ]; then
		step "cleaning the copy of $origin" "$tree.log" 0 0 make -C "$tree" mrproper
	fi
	mv "$tree.list.new" "$tree.list"
}
