#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What programs that were linked against the library rely on: its symbols and
# their versions, its soname, the layout of its records. Needs binutils and a C
# compiler; looks at build/.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$(dirname "$0")/.." || exit 1

shared=build/libtamalloc.so
static=build/libtamalloc.a
preload=build/libtamalloc-preload.so

# The functions of the header, the same with the node of the map that each is
# in, and what the libraries have.
sed -n 's/^[a-z].*[ *]\(tam[a-z_]*\)(.*/\1/p' include/tamalloc.h |
	sort -u >"$scratch/header"
awk '
	$2 == "{" { node = $1; next }
	$1 ~ /^tam[a-z_]*;$/ { sub(/;/, "", $1); print $1 "@@" node }' \
	lib/libtamalloc.map | sort >"$scratch/map"
nm -D --defined-only --with-symbol-versions "$shared" |
	awk '$2 != "A" { print $3 }' | sort >"$scratch/exports"
nm -D --undefined-only --with-symbol-versions "$shared" >"$scratch/needs"
nm -g --defined-only "$static" | awk 'NF == 3 { print $3 }' | sort >"$scratch/globals"

ok 'the header has functions' [ -s "$scratch/header" ]
is 'the symbol map has the functions of the header' \
	"$(sed 's/@.*//' "$scratch/map")" "$(cat "$scratch/header")"
is 'the shared library exports what the symbol map has' \
	"$(cat "$scratch/exports")" "$(cat "$scratch/map")"
is 'the static library has no other global symbols' \
	"$(cat "$scratch/globals")" "$(cat "$scratch/header")"

is 'the shared library needs the C library only' \
	"$(readelf -d "$shared" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')" libc.so.6
is 'each symbol that it needs is of a version of the C library' \
	"$(awk '$1 == "U" && $2 !~ /@GLIBC_/' "$scratch/needs")" ''
# It may format into its own memory; it prints nothing, ends nothing, leaves signals
# alone and starts nothing, but for three objects: the one that ends a program which
# misuses a block, the one that starts the thread which a program has asked for, and the one that
# keeps signals waiting while it notes what the handler of one does to mappings.
effects='write|writev|pwrite(64)?|v?f?d?printf|f?puts|f?putc|putchar|perror|psignal|error|v?errx?|v?warnx?|v?syslog|fwrite|stdout|stderr|_?_?exit|_Exit|quick_exit|abort|__assert_fail|signal|sig[a-z]+|pthread_sigmask|pthread_kill|raise|t?g?kill|v?fork|clone3?|posix_spawnp?|system|popen|exec[lv][ep]*|pthread_create|thrd_create|setenv|putenv|unsetenv|setlocale'
# The symbols among these that an object needs: of "U SYMBOL[@VERSION]". What checks
# sizes besides, where _FORTIFY_SOURCE is set, goes by the name of what it checks.
effects_of() {
	awk '$1 == "U" {
		sub(/@.*/, "", $2)
		if (sub(/_chk$/, "", $2))
			sub(/^__/, "", $2)
		print $2
	}' | grep -Ex "$effects"
}
is 'it calls nothing that prints, ends, handles signals or starts threads but this' \
	"$(effects_of <"$scratch/needs" | sort -u | tr '\n' ' ')" \
	'abort pthread_create pthread_sigmask sigfillset write '
for source in lib/*.c lib/*/*.c; do
	object=${source#lib/}
	object=build/lib.d/${object%.c}.o
	if [ -e "$object" ]; then
		nm -u "$object" | effects_of | sed "s|^|$source |"
	else
		echo "$source has no object"
	fi
done | sort >"$scratch/effects"
# That of the preloaded library writes a report where a user asks for one, and what
# malloc_info(3) and malloc_stats(3) write.
is 'and this only there' "$(cat "$scratch/effects")" 'lib/allocator/background.c pthread_create
lib/allocator/background.c pthread_sigmask
lib/allocator/background.c sigfillset
lib/allocator/heap.c pthread_sigmask
lib/allocator/heap.c sigfillset
lib/allocator/misuse.c abort
lib/allocator/misuse.c write
lib/preload/info.c fprintf
lib/preload/info.c fputs
lib/preload/info.c stderr
lib/preload/report.c write'

# What takes the place of the C library's has no other name that a program may have.
is 'the preloaded library exports what its symbol map has' \
	"$(nm -D --defined-only "$preload" | awk '{ print $3 }' | sort)" \
	"$(sed -n 's/^	\([A-Za-z_0-9]*\);$/\1/p' lib/preload/preload.map | sort)"
is 'it needs the C library only' \
	"$(readelf -d "$preload" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')" libc.so.6

is 'the soname is libtamalloc.so.0' \
	"$(readelf -d "$shared" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')" libtamalloc.so.0
for library in "$shared" "$preload"; do
	is "there are no relocations in the code of ${library#build/}" \
		"$(readelf -d "$library" | grep -c TEXTREL)" 0
	matches "the stack of ${library#build/} is not executable" \
		"$(readelf -lW "$library" | grep GNU_STACK)" ' RW  *0x'
done

ok 'sizes, offsets and constants are those of the first version' \
	"${CC:-cc}" -std=c11 -Wall -Wextra -Werror -Iinclude -fsyntax-only tests/abi.c
sed -n 's/^#define \(TAMALLOC_[A-Z_]*\)[ 	].*/\1/p; s/^	\(TAMALLOC_[A-Z_]*\).*/\1/p' \
	include/tamalloc.h | while read -r constant; do
	grep -q "VALUE($constant," tests/abi.c || echo "$constant"
done >"$scratch/unasserted"
is 'every constant of the header is among them' "$(cat "$scratch/unasserted")" ''

done_testing
