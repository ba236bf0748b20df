#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Every record of the library may grow: a program that was compiled when the records were
# shorter runs with a library that knows more, and one that was compiled when they were
# longer with a library that knows less. The later library is today's, with fields at the
# end of each record. Needs a C compiler and make; looks at build/.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$(dirname "$0")/.." || exit 1

records='process oom_domain oom_victim total region statistics system'
later=$scratch/later
mkdir -p "$later/include"
for name in Makefile VERSION bench lib packaging po tam tests; do
	ln -s "$PWD/$name" "$later/$name"
done
ln -s "$PWD/include/uapi" "$later/include/uapi"
awk -v records="$records" '
	BEGIN { count = split(records, names); for (i in names) grows["tamalloc_" names[i]] }
	$1 == "struct" && $3 == "{" && $2 in grows { inside = 1; grown++ }
	inside && $0 == "};" { print "\tchar later[40];"; inside = 0 }
	{ print }
	END { exit grown != count }' include/tamalloc.h >"$later/include/tamalloc.h"
is 'every record can be made longer' $? 0
is 'and there are no others that callers have room for' \
	"$(sed -n 's/^struct tamalloc_\([a-z_]*\) {$/\1/p' include/tamalloc.h | sort | tr '\n' ' ')" \
	"$(printf '%s\n' $records | sort | tr '\n' ' ')"
# Not of the make that may run this.
ok 'a library that knows more' env -u MAKEFLAGS -u MAKELEVEL \
	make -s -C "$later" "build/libtamalloc.so.$(cat VERSION)"
ok 'a program of today' "${CC:-cc}" -std=gnu11 -Wall -Wextra -Werror -Iinclude \
	-o "$scratch/today" tests/records.c -Lbuild -ltamalloc
ok 'a program that knows more' "${CC:-cc}" -std=gnu11 -Wall -Wextra -Werror -DLATER \
	-I"$later/include" -o "$scratch/knows-more" tests/records.c -Lbuild -ltamalloc

# runs NAME PROGRAM LIBRARY
runs() {
	runs_out=$(LD_LIBRARY_PATH=$3 "$2" 2>&1)
	ok "$1" [ $? -eq 0 ]
	printf '%s\n' "$runs_out" | sed 's/^/#   /'
}
runs 'today with today' "$scratch/today" build
runs 'an older program with a newer library' "$scratch/today" "$later/build"
runs 'a newer program with an older library' "$scratch/knows-more" build
runs 'a newer program with that library' "$scratch/knows-more" "$later/build"

done_testing
