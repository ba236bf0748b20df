#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The manual pages, --help and the header say the same. Needs mandoc and a C
# compiler.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$(dirname "$0")/.." || exit 1

is '--version is that of the file VERSION' "$(tam --version)" "tam $(cat VERSION)"

for page in man/tam*.1 man/tamalloc_*.2; do
	is "$page has nothing that mandoc warns of" \
		"$(mandoc -Tlint -W warning "$page" 2>&1)" ''
done

# The options of a text, one a line.
options() {
	grep -o -e '--[a-z][a-z-]*' | sort -u
}
for command in '' $(tam --help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p'); do
	page=man/tam${command:+-$command}.1
	# The overview shows the others at work.
	mandoc -Tascii "$page" | col -b | sed '/^EXAMPLES/,/^[A-Z]* *ALSO/d' | options >"$scratch/page"
	# shellcheck disable=SC2086 # no subcommand is no argument
	is "$page has the options that tam $command --help has" \
		"$(cat "$scratch/page")" "$(tam $command --help | options)"
done
tam ps -o help | cut -c 1-30 | tr -d ' ' | tr , '\n' | sort >"$scratch/help"
sed -n '/^\.Ss Columns/,/^\.El/s/^\.It Cm //p' man/tam-ps.1 | tr -d ' ' | tr , '\n' |
	sort >"$scratch/page"
is 'tam-ps(1) has the columns that tam ps -o help has' "$(cat "$scratch/page")" \
	"$(cat "$scratch/help")"

# The errors of a call in the contract of the header.
contract() {
	awk -v call="__NR_tamalloc_$1" '
		/^ \* __NR_[a-z_]* \(/ { inside = $2 == call }
		inside && $2 ~ /^E[A-Z0-9]+$/ { print $2 }' include/uapi/linux/tamalloc.h
}

# The program in the EXAMPLES of a page.
example() {
	sed -n '/^\.Sh EXAMPLES/,/^\.Ed/{ s/\\e/\\/g; /^\./!p; }' "$1"
}

for call in total process reserve snapshot; do
	page=man/tamalloc_$call.2
	contract $call >"$scratch/errors"
	ok "the header names errors of $call" [ -s "$scratch/errors" ]
	while read -r error; do
		ok "$page explains $error" grep -q "^\.It Bq Er $error\$" "$page"
	done <"$scratch/errors"
	example "$page" >"$scratch/example.c"
	ok "the example of $page compiles" "${CC:-cc}" -Wall -Wextra -Werror \
		-Iinclude/uapi -o "$scratch/example" "$scratch/example.c"
done

done_testing
