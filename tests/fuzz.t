#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Runs each fuzz target for FUZZ_SECONDS (25), as many at once as there are CPUs.
# From the same inputs and the same seed: what differs is only how far a run
# gets. An input that fails is kept in build/fuzz/found, and what was said about
# it in build/fuzz/NAME.log.
set -u

here=$(cd "$(dirname "$0")" && pwd)
. "$here/tap.sh"

targets=$(cd "$here/../build/fuzz" && pwd) || exit
seconds=${FUZZ_SECONDS:-25}
found=$targets/found
rm -rf "$found"
mkdir -p "$found"
export here targets seconds found scratch

names=$(cd "$here/fuzz" && printf '%s\n' *.c | sed 's/\.c$//')

# Several at once; one that fails must not end the others.
# shellcheck disable=SC2016 # expanded in each shell
printf '%s\n' "$names" | xargs -P "$(nproc)" -I '{}' sh -c '
	mkdir "$scratch/$1"
	"$targets/$1" -seed=1 -max_len=4096 -max_total_time="$seconds" -timeout=10 \
		-artifact_prefix="$found/$1-" "$scratch/$1" "$here/fuzz/corpus/$1" \
		>"$targets/$1.log" 2>&1
	echo $? >"$scratch/$1.status"' sh '{}'

for name in $names; do
	log=$targets/$name.log
	runs=$(sed -n 's/^Done \([0-9]*\) runs .*/\1/p' "$log")
	is "$name: no input fails" "$(cat "$scratch/$name.status")" 0
	grep -E 'not so|ERROR|runtime error|Test unit written' "$log" | sed 's/^/# /'
	# So that a target that refuses its inputs is not taken for a good one.
	ok "$name: at least a thousand inputs" [ "${runs:-0}" -ge 1000 ]
	echo "# ${runs:-0} inputs"
done
done_testing
