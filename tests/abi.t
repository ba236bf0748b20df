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

# The functions of the header, the same with the node of the map that each is
# in, and what the libraries have.
sed -n 's/^[a-z].*[ *]\(tamalloc_[a-z_]*\)(.*/\1/p' include/tamalloc.h |
	sort >"$scratch/header"
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
# It may format into its own memory; it prints nothing, ends nothing, leaves
# signals alone and starts nothing.
is 'it calls nothing that prints, ends, handles signals or starts threads' \
	"$(awk '{ sub(/@.*/, "", $2); print $2 }' "$scratch/needs" | grep -Ex \
		'v?f?d?printf|__f?printf_chk|f?puts|putchar|perror|fwrite|stdout|stderr|_?_?exit|_Exit|abort|__assert_fail|signal|sig[a-z]+|raise|kill|fork|pthread_create|setenv|setlocale')" ''

is 'the soname is libtamalloc.so.0' \
	"$(readelf -d "$shared" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')" libtamalloc.so.0
is 'there are no relocations in its code' \
	"$(readelf -d "$shared" | grep -c TEXTREL)" 0
matches 'its stack is not executable' \
	"$(readelf -lW "$shared" | grep GNU_STACK)" ' RW  *0x'

ok 'sizes, offsets and constants are those of the first version' \
	"${CC:-cc}" -std=c11 -Wall -Wextra -Werror -Iinclude -fsyntax-only tests/abi.c
sed -n 's/^#define \(TAMALLOC_[A-Z_]*\)[ 	].*/\1/p; s/^	\(TAMALLOC_[A-Z_]*\).*/\1/p' \
	include/tamalloc.h | while read -r constant; do
	grep -q "VALUE($constant," tests/abi.c || echo "$constant"
done >"$scratch/unasserted"
is 'every constant of the header is among them' "$(cat "$scratch/unasserted")" ''

done_testing
