#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What the kernel asks of code that goes into it: checkpatch --strict, sparse,
# kernel-doc, no warning of the compiler. On the prepared trees that TREES
# names; builds below BUILD.
set -u

here=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$here/.." && pwd)
sources="mm/tamalloc/*.[ch] mm/tamalloc/*/*.c include/uapi/linux/tamalloc.h"
# shellcheck source=tests/tap.sh
. "$here/tap.sh"

# verdict STATUS NAME: a test, with what is kept in $scratch/output when it fails.
verdict()
{
	ok "$2" [ "$1" -eq 0 ]
	[ "$1" -eq 0 ] || sed 's/^/# /' "$scratch/output"
}

# Compiles mm/tamalloc of the tree with the options on stdin; the log is kept.
compile()
{
	mkdir -p "$build"
	{
		make -s -C "$tree" O="$build" tinyconfig
		cat >>"$build/.config"
		make -s -C "$tree" O="$build" olddefconfig
		make -s -j"$(nproc)" -C "$tree" O="$build" prepare
	} >"$scratch/output" 2>&1 &&
		make -j"$(nproc)" -C "$tree" O="$build" W=1 C=2 mm/tamalloc/ \
			>"$scratch/log" 2>&1
}

# As its own tests build it (kunit.py), with all that asks to be in.
user_mode_linux()
{
	mkdir -p "$build-um"
	make="make -C $tree O=$build-um ARCH=um"
	{
		$make -s tinyconfig
		printf '%s\n' CONFIG_64BIT=y CONFIG_TAMALLOC=y >>"$build-um/.config"
		$make -s olddefconfig
		$make -s -j"$(nproc)" vmlinux
	} >"$scratch/output" 2>&1 &&
		! grep -q TAMALLOC=y "$build-um/.config"
}

quiet()
{
	! grep -E 'mm/tamalloc.*(warning|error)|tamalloc\.h.*(warning|error)' \
		"$scratch/log" >"$scratch/output"
}

if [ -z "${TREES-}" ] || [ -z "${BUILD-}" ]; then
	echo "1..0"
	echo "TREES names no kernel tree, or BUILD no directory" >&2
	exit 1
fi

for tree in $TREES; do
	version=$(make -s -C "$tree" kernelversion)
	build=$BUILD/$version
	cd "$tree" || exit

	for file in $sources mm/tamalloc/Kconfig mm/tamalloc/Makefile; do
		perl scripts/checkpatch.pl --strict --terse --no-summary -f "$file" \
			>"$scratch/output" 2>&1 && [ ! -s "$scratch/output" ]
		verdict $? "$version: checkpatch --strict: $file"
	done

	"$project/kernel/integrate" --patch . | awk '
		/^diff|^--- / { skip = 0 }
		/^--- / { held = $0; next }
		held != "" { skip = /tools\/testing/; if (!skip) print held; held = "" }
		!skip' | perl scripts/checkpatch.pl --strict --terse --no-summary \
		--no-signoff --ignore FILE_PATH_CHANGES - >"$scratch/output" 2>&1 &&
		[ ! -s "$scratch/output" ]
	verdict $? "$version: checkpatch --strict: the patch as a whole"

	# shellcheck disable=SC2086 # patterns
	perl scripts/kernel-doc -none -Werror $sources >"$scratch/output" 2>&1
	verdict $? "$version: kernel-doc"

	compile <<-EOF && quiet && [ -e "$build/mm/tamalloc/tests/tamalloc_kunit.o" ]
	CONFIG_64BIT=y
	CONFIG_SMP=y
	CONFIG_PROC_FS=y
	CONFIG_SYSCTL=y
	CONFIG_PRINTK=y
	CONFIG_ADVISE_SYSCALLS=y
	CONFIG_ANON_VMA_NAME=y
	CONFIG_KUNIT=y
	CONFIG_TAMALLOC=y
	CONFIG_TAMALLOC_KUNIT_TEST=y
	EOF
	verdict $? "$version: gcc W=1 and sparse"

	compile <<-EOF && quiet && [ -e "$build/mm/tamalloc/walk.o" ]
	CONFIG_64BIT=y
	CONFIG_TAMALLOC=y
	EOF
	verdict $? "$version: the same on one CPU, without sysctl, names and printk"

	# No security module of a virtual machine denies anything.
	compile <<-EOF && nm "$build/mm/tamalloc/view.o" | grep -q ' U security_task_getscheduler$'
	CONFIG_64BIT=y
	CONFIG_TAMALLOC=y
	CONFIG_MULTIUSER=y
	CONFIG_SYSFS=y
	CONFIG_SECURITY=y
	EOF
	verdict $? "$version: security modules are asked"

	printf '#!/bin/sh\ncase " $* " in\n*" -m32 "* | *" -mx32 "*) exit 1 ;;\nesac\nexec gcc "$@"\n' >"$scratch/cc"
	chmod +x "$scratch/cc"
	make -s -C "$tree/tools/testing/selftests/tamalloc" OUTPUT="$scratch" CC="$scratch/cc" \
		COLLECTION=. emit_tests >"$scratch/output" 2>&1 &&
		grep -q ':layout_64$' "$scratch/output" && ! grep -q ':layout_.*32$' "$scratch/output"
	verdict $? "$version: without a compiler for 32 bits the selftests do without those layouts"

	# Of one version: it takes more than a minute.
	[ "$tree" = "${TREES%%[[:space:]]*}" ] || continue
	user_mode_linux
	verdict $? "$version: User Mode Linux builds, without tamalloc"
done

done_testing
