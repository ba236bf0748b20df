#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What tam says to a user who asks for help or asks wrongly: the same on every
# kernel.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

transcript "$(expected tam-usage.out)"

commands=$(tam --help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p')
ok "tam --help names subcommands: $(echo "$commands" | tr '\n' ' ')" [ -n "$commands" ]
for command in '' $commands; do
	# shellcheck disable=SC2086 # no subcommand is no argument
	help=$(tam $command --help)
	is "tam $command --help has at most 24 lines" \
		"$(printf '%s\n' "$help" | sed -n 25p)" ''
	is "tam $command --help has at most 80 columns" \
		"$(printf '%s\n' "$help" | grep -E '^.{81}')" ''
	matches "tam $command --help tells of itself" "$help" '^ .*--help '
	printf '%s\n' "$help" | grep -q -e '-h, --help' || continue
	# shellcheck disable=SC2086
	is "tam $command -h is the same" "$(tam $command -h)" "$help"
done

is 'tam ps -o help has at most 24 lines' "$(tam ps -o help | sed -n 25p)" ''
is 'tam ps -o help has at most 80 columns' "$(tam ps -o help | grep -E '^.{81}')" ''
is 'tam ps -o help names no column twice' \
	"$(tam ps -o help | cut -c 1-30 | tr -d ' ' | tr , '\n' | sort | uniq -d)" ''

is 'tam -V is the same' "$(tam -V)" "$(tam --version)"

tam --help >/dev/full 2>"$scratch/err"
is 'a full device is noticed: status' "$?" 1
is 'a full device is noticed: message' "$(cat "$scratch/err")" \
	'tam: writing the output: No space left on device'

tam --help >&- 2>"$scratch/err"
is 'a closed stdout is noticed: status' "$?" 1
is 'a closed stdout is noticed: message' "$(cat "$scratch/err")" \
	'tam: writing the output: Bad file descriptor'

# The pipe has lost its reader by the time of writing.
mkfifo "$scratch/fifo"
(
	# shellcheck disable=SC2094 # both ends of one pipe
	exec 3<>"$scratch/fifo" 4>"$scratch/fifo"
	exec 3<&-
	tam --help >&4 2>"$scratch/err"
	echo $? >"$scratch/status"
)
is 'a reader who left: status' "$(cat "$scratch/status")" 1
is 'a reader who left: no message' "$(cat "$scratch/err")" ''

done_testing
