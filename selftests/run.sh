#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Runs test programs one after the other, passes their TAP on, and ends with one
# line that counts the tests of all of them.

usage()
{
	echo "usage: run.sh [-s] PROGRAM..." >&2
	echo "  -s  do not fail because of skipped tests" >&2
	exit 2
}

skips_allowed=
while getopts s option; do
	case $option in
	s) skips_allowed=yes ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || usage

tap=$(mktemp) || exit 2
trap 'rm -f "$tap"' EXIT
trap 'exit 130' INT TERM

passed=0 failed=0 skipped=0

for program; do
	name=${program##*/}
	echo "# $name"
	"$program" >"$tap" 2>&1
	status=$?
	cat "$tap"

	# A plan that is not fulfilled, and a program that fails or dies without
	# a failed test to show for it, are failures too.
	counts=$(awk -v status="$status" '
		/^1\.\.[0-9]+/ { planned = substr($1, 4) + 0; plan = 1 }
		/^1\.\.0 # SKIP/ { skipped++ }
		/^not ok / { failed++; next }
		/^ok .*# SKIP/ { skipped++; next }
		/^ok / { passed++ }
		END {
			missing = planned - passed - failed - skipped
			if (missing > 0)
				failed += missing
			if (!plan || (status && status != 4 && !failed))
				failed++
			print passed + 0, failed + 0, skipped + 0
		}' "$tap")
	read -r p f s <<-EOF
		$counts
	EOF
	[ "$f" -eq 0 ] || echo "# $name: $f failed (exit status $status)"
	passed=$((passed + p))
	failed=$((failed + f))
	skipped=$((skipped + s))
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && { [ "$skipped" -eq 0 ] || [ -n "$skips_allowed" ]; }
