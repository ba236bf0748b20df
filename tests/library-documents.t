#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The manual pages of the library and its header say the same. Needs mandoc and
# a C compiler.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$(dirname "$0")/.." || exit 1

header=include/tamalloc.h

# shellcheck disable=SC2317 # called by ok
compile() {
	"${CC:-cc}" -std=c99 -pedantic -Wall -Wextra -Werror -Iinclude "$@"
}

# The functions of the header.
functions() {
	sed -n 's/^[a-z].*[ *]\(tam[a-z_]*\)(.*/\1/p' "$header"
}

# "FUNCTION ERROR" for each error that the comment above a function names.
errors() {
	awk '
		/^\/\*/ { comment = "" }
		/^(\/| )\*/ { comment = comment " " $0; next }
		match($0, /tam[a-z_]+\(/) {
			name = substr($0, RSTART, RLENGTH - 1)
			gsub(/[^A-Z0-9_]/, " ", comment)
			count = split(comment, words)
			for (i = 1; i <= count; i++)
				if (words[i] ~ /^E[A-Z]+$/)
					print name, words[i]
			comment = ""
		}' "$header" | sort -u
}

# "PAGE NAME" for each name that a page is about.
for page in man/*.3; do
	sed -n '/^\.Sh NAME/,/^\.Nd/s/^\.Nm \([^ ]*\).*/\1/p' "$page" |
		sed "s|^|$page |"
done >"$scratch/names"

page_of() {
	awk -v name="$1" '$2 == name { print $1 }' "$scratch/names"
}

# What the page shows as C in its section $1.
rendered() {
	mandoc -Tascii -O width=200 "$2" | col -b |
		awk -v section="$1" '/^[A-Z]/ { inside = $0 == section; next } inside'
}

# The programs in the EXAMPLES of a page.
example() {
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh /{ /^\.Bd/,/^\.Ed/{ s/\\e/\\/g; /^\./!p; }; }' "$1"
}

# The definition of $1 in C text, without comments and layout.
definition() {
	sed -n "/^$1 {/,/^};/p" | sed 's|/\*.*||; s|^[ 	]*\*.*||' | tr -s ' \t\n' '   '
}

functions >"$scratch/functions"
ok 'the header has functions' [ -s "$scratch/functions" ]
while read -r function; do
	is "$function has one page" "$(page_of "$function" | wc -l)" 1
done <"$scratch/functions"

errors >"$scratch/errors"
ok 'the header names errors' [ -s "$scratch/errors" ]
while read -r function error; do
	page=$(page_of "$function")
	ok "$page explains $error of $function" grep -q "^\.It Bq Er $error\$" "$page"
done <"$scratch/errors"

for page in man/*.3; do
	is "$page has nothing that mandoc warns of" \
		"$(mandoc -Tlint -W warning "$page" 2>&1)" ''
	rendered SYNOPSIS "$page" >"$scratch/synopsis.c"
	ok "the synopsis of $page declares something" \
		grep -q 'tam[a-z_]*(.*);' "$scratch/synopsis.c"
	# A declaration other than the header's is an error of the compiler.
	ok "the synopsis of $page is that of the header" \
		compile -fsyntax-only "$scratch/synopsis.c"
	sed -n 's/^\(struct [a-z_]*\) {$/\1/p' "$page" >"$scratch/records"
	while read -r record; do
		is "$page shows $record as the header has it" \
			"$(definition "$record" <"$page")" \
			"$(definition "$record" <"$header")"
	done <"$scratch/records"
	example "$page" >"$scratch/example.c"
	if [ -s "$scratch/example.c" ]; then
		ok "the example of $page compiles" compile -D_DEFAULT_SOURCE -c \
			-o "$scratch/example.o" "$scratch/example.c"
	fi
done

# Pages of this project that are referred to exist.
for page in man/*.[1-9]; do
	sed -n 's/^\.Xr \(\(lib\)*tam[^ ]*\) \([0-9]\).*/\1.\3/p' "$page"
done | sort -u | while read -r name; do
	[ -e "man/$name" ] || echo "$name"
done >"$scratch/missing"
is 'pages refer to pages that exist' "$(cat "$scratch/missing")" ''

# Every constant is explained where its function is.
sed -n 's/^#define \(TAMALLOC_[A-Z_]*\)[ 	].*/\1/p; s/^	\(TAMALLOC_[A-Z_]*\).*/\1/p' \
	"$header" | while read -r constant; do
	grep -q "^\.\(Dv\|It Dv\) $constant\( \|$\)" man/*.3 || echo "$constant"
done >"$scratch/unexplained"
is 'every constant of the header is explained' "$(cat "$scratch/unexplained")" ''

# Every function that the preloaded library replaces is named where it is told of, but for
# those that the C library has by a second name.
sed -n 's/^	\([a-z][a-z_]*\);$/\1/p' lib/preload/preload.map >"$scratch/replaced"
ok 'the preloaded library replaces functions' [ -s "$scratch/replaced" ]
sed -n '/^\.Ss The preloaded library/,/^\.Ss Errors/s/^\.Fn \([a-z_]*\).*/\1/p' \
	man/libtamalloc.3 | sort -u >"$scratch/named"
is 'libtamalloc(3) names them' "$(cat "$scratch/named")" "$(sort "$scratch/replaced")"

# Every variable that is read is explained, and each setting also where settings are.
grep -ho '"TAMALLOC_[A-Z_]*"' lib/*.c lib/*/*.c | tr -d '"' | sort -u >"$scratch/variables"
grep -ho '"TAMALLOC_[A-Z_]*"' lib/allocator/settings.c | tr -d '"' | sort -u >"$scratch/settings"
ok 'the allocator has settings' [ -s "$scratch/settings" ]
while read -r variable; do
	ok "libtamalloc(3) explains $variable" grep -qx "\.It Ev $variable" man/libtamalloc.3
done <"$scratch/variables"
while read -r variable; do
	for page in man/tamalloc_set.3 man/tam-run.1; do
		ok "$page has $variable" grep -q "^\.It Ev.* $variable\( \|$\)" "$page"
	done
done <"$scratch/settings"

done_testing
