#!/bin/sh
# SPDX-License-Identifier: MIT
#
# There is one version, that of the file VERSION, and one soname. install.t looks
# at what pkg-config says.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$(dirname "$0")/.." || exit 1

version=$(cat VERSION)

matches 'VERSION is three numbers' "$version" '^[0-9]+\.[0-9]+\.[0-9]+$'
is 'the newest entry of NEWS is of this version' \
	"$(sed -n 's/^## //p' NEWS | head -n 1)" "$version"
is 'tam --version' "$(tam --version)" "tam $version"

cat >"$scratch/version.c" <<'EOF'
#include <stdio.h>
#include <tamalloc.h>

int main(void)
{
	return puts(tamalloc_version()) < 0;
}
EOF
for library in build/libtamalloc.a build/libtamalloc.so; do
	"${CC:-cc}" -Iinclude -Wl,-rpath,"$PWD/build" -o "$scratch/version" \
		"$scratch/version.c" "$library"
	is "tamalloc_version() of $library" "$("$scratch/version")" "$version"
done

# Symbols keep the node of the version that brought them: none is of a later one.
sed -n 's/^TAMALLOC_\([0-9.]*\) {$/\1/p' lib/libtamalloc.map >"$scratch/nodes"
ok 'the symbol map has nodes' [ -s "$scratch/nodes" ]
is 'no node of the symbol map is of a later version' \
	"$({ cat "$scratch/nodes"; echo "$version"; } | sort -V | tail -n 1)" "$version"
# Nodes go with the first two numbers; the file of a library with all three.
is 'the soname is that of the first number' \
	"$(readelf -d "build/libtamalloc.so.$version" |
		sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')" "libtamalloc.so.${version%%.*}"

done_testing
