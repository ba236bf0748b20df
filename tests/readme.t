#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The README shows what ./run shows, figures apart, names files that exist, and its
# example runs.
set -u
cd "$(dirname "$0")/.." || exit
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Without figures, and the blanks that line them up. A leading blank in the
# table is padding of the pid.
shape()
{
	sed 's/0x[0-9a-f]*/N/g; s/[0-9][0-9.]*/N/g; s/^  *//; s/  */ /g'
}

awk '/^```/ { block++; next } block == 1' README.md | shape >"$work/shown"
vm/demonstrate --kernel "${KERNELS%% *}" </dev/null >"$work/output" 2>"$work/error"
status=$?
shape <"$work/output" | sed '$ { /^$/d; }' >"$work/real"
if [ $status -eq 0 ] && diff -u "$work/shown" "$work/real" >"$work/diff"; then
	echo "ok 1 - the README shows what ./run shows"
else
	echo "not ok 1 - the README shows what ./run shows"
	cat "$work/diff" "$work/error" | sed 's/^/# /'
fi

# shellcheck disable=SC2016 # no expansion
missing=$(grep -ho '](\([^)#]*\))\|`[a-z]*/[a-z./_-]*`' README.md README.es.md |
	sed 's/^](//; s/)$//; s/`//g' | sort -u | while read -r path; do
	[ -e "$path" ] || echo "$path"
done)
if [ -z "$missing" ]; then
	echo "ok 2 - the files that the README names exist"
else
	echo "not ok 2 - the files that the README names exist"
	printf '%s\n' "$missing" | sed 's/^/# /'
fi

awk '/^```c$/ { inside = 1; next } /^```/ { inside = 0 } inside' README.md >"$work/example.c"
if cc -Wall -Wextra -Werror -Iinclude -o "$work/example" "$work/example.c" build/libtamalloc.a &&
	"$work/example" >"$work/output" && grep -q '^[1-9][0-9]* bytes committed$' "$work/output"; then
	echo "ok 3 - the example of the README runs"
else
	echo "not ok 3 - the example of the README runs"
fi
echo 1..3
