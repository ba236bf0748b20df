#!/bin/sh
# SPDX-License-Identifier: MIT
#
# "make install" puts everything where it belongs, what it put there works, and
# "make uninstall" takes that away and nothing else. Needs pkg-config, mandoc,
# gettext and a C compiler.

# shellcheck disable=SC2317 # functions that ok calls
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$(dirname "$0")/.." || exit 1

# The prefix is part of what is built: in a copy, with what is built already.
copy=$scratch/copy
mkdir -p "$copy/build"
cp -a Makefile NEWS VERSION LICENSES bench doc include lib man packaging tam tests "$copy"
cp -a build/lib.d build/libtamalloc* build/tam build/tam.d "$copy/build"
[ ! -d po ] || cp -a po "$copy"
cd "$copy" || exit 1

version=$(cat VERSION)
prefix="$scratch/a prefix"
stage="$scratch/a stage"

# Without the variables of the make that runs the tests.
run_make() {
	env -u MAKEFLAGS -u DESTDIR -u PREFIX make -s "$@" >"$scratch/log" 2>&1 || {
		sed 's/^/# /' "$scratch/log"
		return 1
	}
}

# All files below a directory.
files() {
	(cd "$1" && find . ! -type d | sort)
}

# What belongs to somebody else.
mkdir -p "$prefix/include" "$prefix/lib" "$prefix/share/man/man3"
touch "$prefix/include/other.h" "$prefix/lib/libother.so" \
	"$prefix/share/man/man3/other.3"
files "$prefix" >"$scratch/before"

# A language more than the project has; without any, further down.
mkdir -p po
xgettext --keyword=_ --keyword=N_ --output=- tam/main.c |
	sed 's/charset=CHARSET/charset=UTF-8/' | msgen --lang=tlh - |
	msgfilter --keep-header --output-file=po/tlh.po sed 's/see /SEE /g' 2>/dev/null

umask 077
ok 'make install, PREFIX with a blank' run_make install PREFIX="$prefix"
[ "$tests_failed" -eq 0 ] || done_testing
umask 022

# The list of files

{
	cat <<-END
		./bin/tam
		./include/tamalloc.h
		./lib/libtamalloc-preload.so
		./lib/libtamalloc.a
		./lib/libtamalloc.so
		./lib/libtamalloc.so.0
		./lib/libtamalloc.so.$version
		./lib/pkgconfig/libtamalloc.pc
		./share/bash-completion/completions/tam
		./share/doc/tamalloc/LGPL-2.1
		./share/doc/tamalloc/MIT
		./share/doc/tamalloc/NEWS
	END
	for file in doc/examples/*; do
		echo "./share/doc/tamalloc/examples/${file##*/}"
	done
	for file in po/*.po; do
		echo "./share/locale/$(basename "$file" .po)/LC_MESSAGES/tam.mo"
	done
} | sort >"$scratch/expected-files"
files "$prefix" | grep -vxF -f "$scratch/before" >"$scratch/installed"
is 'the files outside of the manual' \
	"$(grep -v '^./share/man/' "$scratch/installed")" "$(cat "$scratch/expected-files")"
is 'a program may be executed, and nothing else' \
	"$(cd "$prefix" && find . -type f -newer "$scratch/before" ! -perm 644)" ./bin/tam
is 'the mode of the program' "$(stat -c %a "$prefix/bin/tam")" 755
is 'everyone may look into the directories, whatever the umask' \
	"$(cd "$prefix" && find . -mindepth 1 -type d -newer "$scratch/before" ! -perm 755)" ''
is 'links are relative' "$(readlink "$prefix/lib/libtamalloc.so" "$prefix/lib/libtamalloc.so.0")" \
	"libtamalloc.so.0
libtamalloc.so.$version"

# The program

is 'tam runs from there without a search path' \
	"$(env -i "$prefix/bin/tam" --version)" "tam $version"
matches 'tam speaks the languages that came with it' \
	"$(env -i LC_ALL=C.UTF-8 LANGUAGE=tlh "$prefix/bin/tam" 2>&1)" "SEE 'tam --help'"
is 'tam needs no libtamalloc beside it' \
	"$(readelf -d "$prefix/bin/tam" | grep -c 'NEEDED.*libtamalloc')" 0

# tam run finds the library there, and says so of a path that the loader cannot be told.
is 'tam run has its library from there' "$(env -i "$prefix/bin/tam" run true 2>&1)" \
	"tam: run: '$prefix/lib/libtamalloc-preload.so': LD_PRELOAD takes no path with a blank or a colon in it; install tamalloc elsewhere"
ln -s "$prefix/lib/libtamalloc-preload.so" "$scratch/preload.so"
: >"$scratch/report"
matches 'that library is the allocator of a program' "$(
	env LD_PRELOAD="$scratch/preload.so" TAMALLOC_REPORT="$scratch/report" \
		sort --buffer-size=8M /dev/null
	cat "$scratch/report"
)" '^tamalloc 1 pid=[0-9]+ command=sort blocks=[1-9]'

# The manual

for page in man/*.[1-9]; do
	name=${page#man/}
	ok "$name is the manual page" cmp -s "$page" \
		"$prefix/share/man/man${name##*.}/$name"
done
sed -n 's/^[a-z].*[ *]\(tam[a-z_]*\)(.*/\1/p' include/tamalloc.h >"$scratch/functions"
while read -r function; do
	matches "man $function" \
		"$(MANPAGER='cat' mman -M "$prefix/share/man" 3 "$function" 2>&1 | col -b)" \
		"^ +$function\\("
done <"$scratch/functions"

# Programs of others

pkgconfig() {
	PKG_CONFIG_PATH="$prefix/lib/pkgconfig" pkg-config "$@" libtamalloc
}
quoted=$(printf %s "$prefix" | sed 's/ /\\ /g')
is 'pkg-config --modversion' "$(pkgconfig --modversion)" "$version"
is 'pkg-config --cflags' "$(pkgconfig --cflags | sed 's/ *$//')" "-I$quoted/include"
is 'pkg-config --libs' "$(pkgconfig --libs | sed 's/ *$//')" "-L$quoted/lib -ltamalloc"
is 'pkg-config --static --libs' "$(pkgconfig --static --libs | sed 's/ *$//')" \
	"-L$quoted/lib -ltamalloc"
is 'the prefix can be moved' "$(pkgconfig --define-variable=prefix=/other --cflags | sed 's/ *$//')" \
	'-I/other/include'

# What a user types in a directory of his own; the quotes of pkg-config are for
# a shell.
build() {
	(cd "$scratch" && eval "${CC:-cc} -Wall -Wextra -Werror -o program '$1' $2")
}
needs() {
	readelf -d "$scratch/program" | sed -n 's/.*(NEEDED).*\[\(libtamalloc.*\)\]/\1/p'
}
top5() {
	is "top5, $1: five processes" \
		"$(printf '%s\n' "$2" | grep -Ec '^ *[0-9]+ +[0-9]+ KiB [^ ]+$')" 5
	is "top5, $1: in order" "$2" "$(printf '%s\n' "$2" | sort -s -k2,2nr)"
}
sparse() {
	matches "sparse, $1: reserved, not committed" "$2" \
		'^reserved +reserved +1[67][0-9]{6} KiB, committed +[0-9]{1,4} KiB$'
	matches "sparse, $1: released" "$2" \
		'^released +reserved +[0-9]{1,6} KiB,'
}
counters() {
	is "counters, $1: as many numbers in each series" \
		"$(printf '%s\n' "$2" | grep -Ec '^series [1-4]: 30[56][0-9]{2} numbers, ')" 4
	is "counters, $1: the table grows" "$(printf '%s\n' "$2" | sort -c -k7,7n 2>&1)" ''
	is "counters, $1: a little of it is committed" "$(printf '%s\n' "$2" | awk '
		$NF == "KiB" && $7 > 16000 && $10 > 0 && $10 < $7 / 10 { count++ }
		END { print count }')" 4
}
for program in $(cd "$prefix/share/doc/tamalloc/examples" && grep -l '<tamalloc.h>' ./*.c); do
	program=$(basename "$program" .c)
	source=$prefix/share/doc/tamalloc/examples/$program.c

	ok "$program: compiles, shared" build "$source" "$(pkgconfig --cflags --libs)"
	is "$program: needs the soname" "$(needs)" libtamalloc.so.0
	"$program" shared "$(LD_LIBRARY_PATH="$prefix/lib" "$scratch/program" 2>&1)"

	ok "$program: compiles, static" build "$source" \
		"-static $(pkgconfig --static --cflags --libs)"
	is "$program: needs no library" "$(needs)" ''
	"$program" static "$("$scratch/program" 2>&1)"
done

# Away with it

is 'make uninstall builds nothing' \
	"$(env -u MAKEFLAGS make --no-print-directory -n uninstall PREFIX="$prefix")" \
	'packaging/install --remove'
ok 'make uninstall' run_make uninstall PREFIX="$prefix"
is 'what was there before is there again, and nothing else' \
	"$(files "$prefix")" "$(cat "$scratch/before")"

# For packagers, and without other languages

rm po/*.po
ok 'make install, DESTDIR with a blank' run_make install DESTDIR="$stage" PREFIX=/usr \
	libdir=/usr/lib/x86_64-linux-gnu
files "$stage" >"$scratch/staged"
is 'every path is below PREFIX' "$(grep -v '^./usr/' "$scratch/staged")" ''
for library in "libtamalloc.so.$version" libtamalloc-preload.so; do
	ok "$library is in the libdir" grep -qx "./usr/lib/x86_64-linux-gnu/$library" \
		"$scratch/staged"
done
ok 'tam run looks for it there' grep -q /usr/lib/x86_64-linux-gnu/libtamalloc-preload.so \
	"$stage/usr/bin/tam"
is 'no file knows of DESTDIR' "$(grep -rl 'a stage' "$stage")" ''
is 'pkg-config leaves the directories out where the compiler looks' "$(
	PKG_CONFIG_PATH="$stage/usr/lib/x86_64-linux-gnu/pkgconfig" \
		pkg-config --cflags --libs libtamalloc | sed 's/ *$//'
)" '-ltamalloc'
ok 'make uninstall, DESTDIR with a blank' run_make uninstall DESTDIR="$stage" PREFIX=/usr \
	libdir=/usr/lib/x86_64-linux-gnu
is 'no file is left' "$(files "$stage")" ''

done_testing
