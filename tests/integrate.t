#!/bin/sh
# SPDX-License-Identifier: MIT
#
# kernel/integrate on the parts that it touches of real kernel trees, named in
# TREES: prepared trees, as vm/tree prints them.
set -u

here=$(cd "$(dirname "$0")" && pwd)
integrate=$here/../kernel/integrate
hooks=$here/../kernel/hooks
# shellcheck source=tests/tap.sh
. "$here/tap.sh"

# verdict STATUS NAME: a test, with what is kept in $scratch/output when it fails.
verdict()
{
	ok "$2" [ "$1" -eq 0 ]
	[ "$1" -eq 0 ] || sed 's/^/# /' "$scratch/output" 2>/dev/null
}

# The result of a command, kept for the report should the test fail.
try()
{
	"$@" >"$scratch/output" 2>&1
}

# A tree of just the files that integrate reads, without tamalloc.
small_tree()
{
	rm -rf "$scratch/tree" "$scratch/pristine"
	mkdir "$scratch/tree"
	(cd "$hooks" && find . -type f) | while read -r file; do
		mkdir -p "$scratch/tree/${file%/*}"
		cp -p "$1/$file" "$scratch/tree/$file"
	done
	mkdir -p "$scratch/tree/include/uapi/linux"
	cp -p "$1/Makefile" "$1/Kbuild" "$scratch/tree"
	"$integrate" --revert "$scratch/tree"
	cp -rp "$scratch/tree" "$scratch/pristine"
}

same()
{
	try diff -r "$scratch/pristine" "$scratch/tree"
}

# Runs integrate, which must refuse with status 2, say $2 and change nothing.
refuses()
{
	cp -rp "$scratch/tree" "$scratch/before"
	try "$integrate" "$scratch/tree"
	[ $? -eq 2 ] && grep -q -e "$2" "$scratch/output" &&
		diff -r "$scratch/before" "$scratch/tree" >>"$scratch/output"
	verdict $? "$1"
	rm -rf "$scratch/tree" "$scratch/before"
	cp -rp "$scratch/pristine" "$scratch/tree"
}

if [ -z "${TREES-}" ]; then
	echo "1..0"
	echo "TREES names no kernel tree" >&2
	exit 1
fi

for source in $TREES; do
	small_tree "$source" || exit
	tree=$scratch/tree
	version=$(sed -n 's/^VERSION = //p' "$tree/Makefile").$(
		sed -n 's/^PATCHLEVEL = //p' "$tree/Makefile")

	! grep -rq 202000173 "$scratch/pristine"
	verdict $? "$version: --revert leaves no trace"

	try "$integrate" --check "$tree"
	[ $? -eq 1 ] && same
	verdict $? "$version: --check of a tree without tamalloc exits 1, changes nothing"

	try "$integrate" "$tree" && ! same && try "$integrate" --check "$tree"
	verdict $? "$version: a tree that was integrated passes --check"

	grep -c '^55[012][[:space:]]common[[:space:]]_202000173_' \
		"$tree/arch/x86/entry/syscalls/syscall_64.tbl" | grep -qx 3
	verdict $? "$version: the table has the three calls, of type common"

	find "$tree" -type f -exec touch -d '2001-01-01' {} +
	try "$integrate" "$tree" && [ -z "$(find "$tree" -type f -newermt 2001-01-02)" ]
	verdict $? "$version: doing it again touches no file"

	echo '/* older */' >>"$tree/mm/tamalloc/walk.c"
	: >"$tree/mm/tamalloc/gone.c"
	try "$integrate" --check "$tree"
	[ $? -eq 1 ] && try "$integrate" "$tree" && try "$integrate" --check "$tree" &&
		[ ! -e "$tree/mm/tamalloc/gone.c" ]
	verdict $? "$version: an older tamalloc is brought up to date"

	sed -i '1i /* of an older hook */' "$tree/mm/tamalloc/.hooks/kernel/sys_ni.c"
	sed -i 's,^COND_SYSCALL(_202000173_tamalloc);,/* of an older hook */\n&,' \
		"$tree/kernel/sys_ni.c"
	try "$integrate" "$tree" && try "$integrate" --check "$tree" &&
		! grep -q older "$tree/kernel/sys_ni.c"
	verdict $? "$version: hooks that have changed since are replaced"

	"$integrate" --patch "$tree" >"$scratch/from-integrated"
	try "$integrate" --revert "$tree" && same
	verdict $? "$version: --revert restores the tree to the byte"

	try "$integrate" --revert "$tree" && same
	verdict $? "$version: --revert again changes nothing"

	"$integrate" --patch "$tree" >"$scratch/patch" && same &&
		try cmp "$scratch/patch" "$scratch/from-integrated"
	verdict $? "$version: --patch changes nothing and does not depend on the tree's state"

	(cd "$tree" && GIT_DIR=/nonexistent try git apply "$scratch/patch") &&
		try "$integrate" --check "$tree"
	verdict $? "$version: git apply takes the patch, to the same result"

	script=$tree/tools/testing/selftests/tamalloc/run.sh
	[ -x "$script" ] && ! [ -x "${script%/*}/common.h" ]
	verdict $? "$version: what is executable here is so in the tree"

	chmod -x "$script"
	try "$integrate" --check "$tree"
	[ $? -eq 1 ] && try "$integrate" "$tree" && [ -x "$script" ]
	verdict $? "$version: also when it was not before"
	try "$integrate" --revert "$tree"

	for pretend in 6.5 6.18 6.19 7.0; do
		sed -i "s/^VERSION = .*/VERSION = ${pretend%.*}/
			s/^PATCHLEVEL = .*/PATCHLEVEL = ${pretend#*.}/" "$tree/Makefile"
		try "$integrate" "$tree"
		verdict $? "$version: Linux $pretend is accepted"
		rm -rf "$tree"
		cp -rp "$scratch/pristine" "$tree"
	done

	for pretend in 6.0 5.15 7.1 8.0; do
		sed -i "s/^VERSION = .*/VERSION = ${pretend%.*}/
			s/^PATCHLEVEL = .*/PATCHLEVEL = ${pretend#*.}/" "$tree/Makefile"
		refuses "$version: Linux $pretend is refused" "this is Linux $pretend"
	done

	(cd "$hooks" && find . -type f | sed 's,^\./,,') >"$scratch/hooked"
	while read -r file; do
		rm "$tree/$file"
		if [ "$file" = tools/testing/selftests/Makefile ]; then
			try "$integrate" "$tree" && try "$integrate" --check "$tree" &&
				[ ! -e "$tree/tools/testing/selftests/tamalloc" ] &&
				try "$integrate" --revert "$tree" && [ ! -e "$tree/mm/tamalloc" ]
			verdict $? "$version: a tree without selftests is taken, without ours"
			rm -rf "$tree"
			cp -rp "$scratch/pristine" "$tree"
			continue
		fi
		refuses "$version: refused without $file" "$file"
		[ "$file" = arch/x86/entry/syscalls/syscall_64.tbl ] && continue
		sed -i '/DAMON\|damon\|home_node\|TARGETS += sysctl\|abis := x32/d' "$tree/$file"
		refuses "$version: refused when the place in $file is gone" "$file"
	done <"$scratch/hooked"

	printf '551\tcommon\tother\tsys_other\n' >>"$tree/arch/x86/entry/syscalls/syscall_64.tbl"
	refuses "$version: refused when a number is taken" "taken.*551"

	printf '#' >>"$tree/mm/Makefile"
	refuses "$version: refused when a file does not end with a newline" newline

	mkdir -p "$tree/mm/tamalloc"
	echo 'obj-y += other.o' >"$tree/mm/tamalloc/Makefile"
	refuses "$version: refused when mm/tamalloc is somebody else's" "not tamalloc's"

	try "$integrate" "$tree"
	sed -i '/^551/d' "$tree/arch/x86/entry/syscalls/syscall_64.tbl"
	refuses "$version: refused when its own lines were edited" syscall_64.tbl
done

try "$integrate" "$scratch/nowhere"
[ $? -eq 2 ] && grep -q "no such directory" "$scratch/output"
verdict $? "a directory that is not there is refused by name"

mkdir "$scratch/empty"
try "$integrate" "$scratch/empty"
[ $? -eq 2 ] && grep -q "not a Linux source tree" "$scratch/output"
verdict $? "a directory that is no source tree is refused"

for wrong in "" "--frobnicate $scratch/tree" "--check --revert $scratch/tree" "a b"; do
	# shellcheck disable=SC2086 # the words are the arguments
	try "$integrate" $wrong
	[ $? -eq 2 ]
	verdict $? "wrong usage exits 2: integrate $wrong"
done

done_testing
