# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# The Test Anything Protocol for shell tests; sourced. Needs nothing but what
# busybox has, for the tests also run in the virtual machine.

tests_run=0
tests_failed=0

# Golden outputs stand in expected/, or beside the test where all is in one
# directory.
expected() {
	if [ -d "$(dirname "$0")/expected" ]; then
		echo "$(dirname "$0")/expected/$1"
	else
		echo "$(dirname "$0")/$1"
	fi
}

scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

# alone [ARGUMENT...]: runs the test anew, with these arguments, in a pid namespace of its
# own: there sums and lists of all processes are of the test's, whatever else lives on the
# machine. To be called before the first test. Fails where namespaces are refused: then
# nothing has changed, and others come and go.
alone() {
	[ -z "${TESTS_ALONE-}" ] || return 0
	# Whoever is not root may be it in a user namespace.
	for alone_options in -pf -Urpf; do
		unshare $alone_options --mount-proc true 2>/dev/null || continue
		rm -rf "$scratch"
		TESTS_ALONE=yes
		export TESTS_ALONE
		# The first process of the namespace waits for what the test leaves.
		# shellcheck disable=SC2016 # the inner shell's
		exec unshare $alone_options --mount-proc sh -c '"$0" "$@"; exit $?' "$0" "$@"
	done
	return 1
}

# ok NAME COMMAND [ARGUMENT...]: passes when COMMAND does.
ok() {
	ok_name=$1
	shift
	tests_run=$((tests_run + 1))
	if "$@"; then
		printf 'ok %d - %s\n' "$tests_run" "$ok_name"
	else
		tests_failed=$((tests_failed + 1))
		printf 'not ok %d - %s\n' "$tests_run" "$ok_name"
	fi
}

# is NAME GOT EXPECTED: passes when both are the same text.
is() {
	ok "$1" [ "$2" = "$3" ]
	[ "$2" = "$3" ] && return
	printf '%s\n' "$3" >"$scratch/expected"
	printf '%s\n' "$2" >"$scratch/got"
	diff -u "$scratch/expected" "$scratch/got" | sed 's/^/#   /'
}

# matches NAME TEXT PATTERN: passes when the extended regular expression fits.
matches() {
	if printf '%s\n' "$2" | grep -Eq -e "$3"; then
		ok "$1" true
	else
		ok "$1" false
		printf '%s\n' "does not match $3:" "$2" | sed 's/^/#   /'
	fi
}

# transcript FILE [FILTER...]: FILE holds commands as "$ COMMAND", each followed
# by what it prints on stdout and stderr, through FILTER, and "=> STATUS". Each
# command is a test. What stands before the first is a comment.
transcript() {
	transcript_file=$1
	shift
	transcript_command=
	while IFS= read -r transcript_line; do
		case $transcript_line in
		'$ '*)
			transcript_command=${transcript_line#??}
			transcript_want=
			;;
		'=> '*)
			transcript_want=$transcript_want$transcript_line
			transcript_got=$(transcript_run | "${@:-cat}")
			is "$transcript_command" "$transcript_got" "$transcript_want"
			;;
		*)
			transcript_want="$transcript_want$transcript_line
"
			;;
		esac
	done <"$transcript_file"
}

transcript_run() {
	sh -c "$transcript_command" </dev/null 2>&1
	echo "=> $?"
}

# To be called last: the plan, and the exit status.
done_testing() {
	echo "1..$tests_run"
	[ "$tests_failed" -eq 0 ]
	exit
}
