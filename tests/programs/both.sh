# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# Programs of Debian's packages, without and with the library preloaded: whoever
# uses them must see no difference. Sourced after tap.sh. PRELOAD names another
# library than the one that was built; PROGRAMS_FULL=1 asks for all that takes long.

# A test that hangs fails.
# shellcheck disable=SC2154 # of tap.sh
if [ -z "${PROGRAMS_LIMITED-}" ]; then
	rm -rf "$scratch"
	limit=${PROGRAMS_FULL:+3600}
	PROGRAMS_LIMITED=1 exec timeout --kill-after=10 "${limit:-300}" "$0"
fi
trap 'exit 143' TERM

programs=$(cd "$(dirname "$0")" && pwd) || exit 1
library=${PRELOAD:-${programs%/tests/programs}/build/libtamalloc-preload.so}
# What is preloaded: a list.
preload=$library
# What the library says of each process: command, blocks and so on, a line each.
report=$scratch/report
# Where a program finds its input, made once, without the library.
input=$scratch/input
mkdir "$input" "$scratch/home" || exit 1

# The distribution's programs, and nothing that their users have set.
# shellcheck disable=SC2046 # a list of names
unset $(env | sed -n 's/^\(LD_[A-Z_]*\|GLIBC_TUNABLES\|MALLOC[A-Z_]*\|MIMALLOC_[A-Z_]*\|TCMALLOC_[A-Z_]*\|PERL[A-Z0-9_]*\|PYTHON[A-Z_]*\|GIT_[A-Z_]*\|XZ_[A-Z]*\|GCC_[A-Z]*\|CPATH\|C_INCLUDE_PATH\|SOURCE_DATE_EPOCH\|TMPDIR\)=.*/\1/p') \
	TAMALLOC_REPORT
PATH=/usr/bin:/usr/sbin:/bin:/sbin
HOME=$scratch/home LC_ALL=C TZ=UTC
export PATH HOME LC_ALL TZ
umask 022

# What differs between any two runs: a test that knows of such has its own.
normalise() {
	cat
}

# Runs a command as both does; what it says and leaves is kept in $scratch/WAY.*.
run() {
	run_way=$1
	shift
	mkdir "$scratch/work" || exit 1
	(
		cd "$scratch/work" || exit
		if [ "$run_way" = with ]; then
			export LD_PRELOAD="$preload" TAMALLOC_REPORT="$report"
		fi
		set -e
		"$@"
	) </dev/null >"$scratch/output" 2>"$scratch/errors"
	echo $? >"$scratch/$run_way.status"
	normalise <"$scratch/output" >"$scratch/$run_way.output"
	normalise <"$scratch/errors" >"$scratch/$run_way.errors"
	(
		cd "$scratch/work" || exit
		find . -type f -exec sha256sum {} + | sort -k 2
		find . ! -type f ! -name . | sort
	) >"$scratch/$run_way.files"
	rm -rf "$scratch/work"
}

# The two runs are the same in one of these respects.
same() {
	diff -a -u "$scratch/without.$1" "$scratch/with.$1" >"$scratch/diff" && return
	head -n 20 "$scratch/diff" | sed 's/^/#   /'
	return 1
}

# A comparison of nothing with nothing shows nothing.
speaks() {
	[ -s "$scratch/without.output" ] || [ -s "$scratch/without.files" ]
}

succeeds() {
	[ "$(cat "$scratch/$1.status")" = 0 ] && return
	tail -n 20 "$scratch/$1.output" "$scratch/$1.errors" | sed 's/^/#   /'
	return 1
}

# both NAME COMMAND [ARGUMENT...]: COMMAND, mostly a function that ends at the first
# program that fails, succeeds without and with the library in an empty directory of
# the same name, says the same on stdout and stderr, and leaves the same files.
both() {
	both_name=$1
	shift
	: >"$report"
	run without "$@"
	run with "$@"
	ok "$both_name: succeeds without the library" succeeds without
	ok "$both_name: succeeds with it" succeeds with
	ok "$both_name: there is something to compare" speaks
	ok "$both_name: the same output" same output
	ok "$both_name: the same errors" same errors
	ok "$both_name: the same files" same files
}

# The sum of a field over the processes of that name, and over all others started
# by both.
reported() {
	awk -v command="command=$1" -v field="$2=" '
		$4 == command {
			for (i = 5; i <= NF; i++)
				if (index($i, field) == 1)
					sum += substr($i, length(field) + 1)
		}
		END { printf "%.0f\n", sum }' "$report"
}

# took COMMAND [FIELD...]: the library has served the program in the last call of
# both: it got large blocks from it, and none of these fields is 0.
took() {
	took_command=$1
	shift
	echo "# $took_command: $(for took_field in blocks allocated zeroed skipped dropped; do
		printf '%s=%s ' "$took_field" "$(reported "$took_command" "$took_field")"
	done)"
	for took_field in blocks "$@"; do
		ok "$took_command with the library: $took_field" \
			[ "$(reported "$took_command" "$took_field")" -gt 0 ]
	done
}
