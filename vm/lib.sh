# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034,SC2154
#
# What the scripts of the virtual machine share. The script that reads this
# has set $vm, the directory of this file.

me=vm/${0##*/}
project=$(dirname "$vm")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tamalloc
sources=${KERNEL_SOURCES:-/usr/src}
default_kernel=6.12
[ -e "$sources/linux-source-6.12.tar.xz" ] || [ ! -e "$sources/linux-source-6.1.tar.xz" ] ||
	default_kernel=6.1
child=
watcher=
# What other programs say is searched, by patterns in English.
LC_ALL=C
export LC_ALL

# Exit status of a failure of the harness, as distinct from the command's.
harness=125

say()
{
	printf '%s: %s\n' "$me" "$*" >&2
}

fail()
{
	say "$@"
	exit $harness
}

bad_usage()
{
	say "$@"
	say "see $me --help"
	exit 2
}

# What --like takes: the files of vm/like.
likenesses()
{
	(cd "$vm/like" && echo *)
}

is_likeness()
{
	case $1 in
	'' | */* | .*) return 1 ;;
	esac
	[ -f "$vm/like/$1" ]
}

# What the kernel's own build takes for a part of a version.
is_localversion()
{
	case $1 in
	'' | *[!A-Za-z0-9.~+_-]* | ?????????????????????????????????????????*) return 1 ;;
	esac
}

# need_value OPTION COUNT-OF-ARGUMENTS-LEFT
need_value()
{
	[ "$2" -ge 2 ] || bad_usage "$1 needs a value"
}

# is_between MINIMUM VALUE MAXIMUM
is_between()
{
	case $2 in
	'' | *[!0-9]* | ????????*) return 1 ;;
	esac
	[ "$2" -ge "$1" ] && [ "$2" -le "$3" ]
}

# Runs a command in a process group of its own, so that a signal to this
# script (see stop) ends all of it.
guarded()
{
	setsid "$@" &
	child=$!
	guarded_status=0
	wait "$child" || guarded_status=$?
	child=
	return $guarded_status
}

stop()
{
	trap '' INT TERM HUP
	[ -z "$watcher" ] || kill "$watcher" 2>/dev/null || :
	if [ -n "$child" ]; then
		kill -s TERM -- "-$child" 2>/dev/null || :
		wait "$child" || :
	fi
	exit "$1"
}

trap 'stop 130' INT
trap 'stop 143' TERM
trap 'stop 129' HUP

make_directory()
{
	mkdir -p "$1" || fail "cannot make the directory $1; XDG_CACHE_HOME chooses another place for the cache"
}

# Holds the lock FILE until this script ends, as file descriptor 9.
lock()
{
	make_directory "$(dirname "$1")"
	exec 9>"$1"
	flock -n 9 && return
	say "waiting for another build"
	guarded flock 9 || fail "cannot lock $1"
}

# need FILE-OR-COMMAND PACKAGE: remembers what is missing.
missing=
need()
{
	case $1 in
	/*) [ -e "$1" ] && return ;;
	*) command -v "$1" >/dev/null && return ;;
	esac
	case " $missing " in
	*" $2 "*) ;;
	*) missing="$missing $2" ;;
	esac
}

refuse_missing()
{
	[ -z "$missing" ] || fail "missing packages; install them with: apt-get install$missing"
}

# One line for the content of files: their names and what they hold.
content_of()
{
	(
		cd "$project" || exit
		find "$@" -type f -exec sha256sum {} + | LC_ALL=C sort -k 2
	) | sha256sum | cut -c 1-16
}
