#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The library that is built with the kernel's headers of before Linux 5.17, which do not
# know of names for memory, gives them all the same; with headers that contradict its own
# numbers it is not built. Needs a C compiler; looks at build/.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$(dirname "$0")/.." || exit 1

cat >"$scratch/named.c" <<'EOT'
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <tamalloc.h>

long __real_syscall(long, long, long, long, long, long, long);

long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	if (number == SYS_prctl)
		printf("%lx %lu %s\n", a, b, (char *)e);
	return __real_syscall(number, a, b, c, d, e, f);
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	tamalloc_set_backend(TAMALLOC_PROC);
	return !tamalloc_reserve(1 << 20) ||
	       system("grep -c anon:tamalloc /proc/$PPID/maps") < 0;
}
EOT
# mapping WITH: the object in question, with what stands in for the kernel's header.
mapping() {
	mkdir -p "$scratch/$1/linux"
	cat >"$scratch/$1/linux/prctl.h"
	"${CC:-cc}" -I"$scratch/$1" -Iinclude -Iinclude/uapi -std=gnu11 -Wall -Wextra -Werror \
		-c -o "$scratch/$1.o" lib/mapping.c 2>"$scratch/err"
}
# names OBJECT: what the library with this object tells the kernel, and how many regions
# have a name then: none, where the kernel does not keep them.
names() {
	find build/lib.d build/lib.d/allocator -maxdepth 1 -name '*.o' \
		! -name all.o ! -name mapping.o >"$scratch/objects"
	# shellcheck disable=SC2046 # a list
	"${CC:-cc}" -Iinclude -o "$scratch/named" "$scratch/named.c" "$1" \
		$(cat "$scratch/objects") -pthread -Wl,--wrap=syscall && "$scratch/named"
}

ok 'headers without names' mapping old <<'EOT'
EOT
is 'memory has its name, where the kernel keeps it' "$(names "$scratch/old.o")" \
	"$(names build/lib.d/mapping.o)"
is 'the number is that of Linux' "$(names "$scratch/old.o" | head -n 1)" '53564d41 0 tamalloc'
mapping wrong <<'EOT'
#define PR_SET_VMA 0x53564d61
#define PR_SET_VMA_ANON_NAME 0
EOT
is 'headers with other numbers are refused' $? 1

done_testing
