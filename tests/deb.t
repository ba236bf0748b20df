#!/bin/sh
# SPDX-License-Identifier: MIT
#
# "make deb": packages that hold what they should, install, work, and leave
# nothing behind. They are installed below a directory, not into the system.
# Needs debhelper, lintian, fakeroot and pkg-config.

# shellcheck disable=SC2317 # functions that ok calls
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$(dirname "$0")/.." || exit 1

version=$(cat VERSION)
triplet=$(dpkg-architecture -qDEB_HOST_MULTIARCH)
packages='libtamalloc-dev libtamalloc-preload libtamalloc0 tam'
root=$scratch/root

build() {
	make -s deb >"$scratch/log" 2>&1 || {
		tail -n 20 "$scratch/log" | sed 's/^/# /'
		return 1
	}
}
deb() {
	echo "build/deb/$1_${version}_$(dpkg --print-architecture).deb"
}
field() {
	dpkg-deb -f "$(deb "$1")" "$2"
}
# The files in a package, directories apart.
files() {
	dpkg-deb --fsys-tarfile "$(deb "$1")" | tar -t | grep -v '/$' | sort
}

git status --porcelain >"$scratch/before" 2>/dev/null
ok 'make deb' build
[ "$tests_failed" -eq 0 ] || done_testing
is 'the checkout is untouched' "$(git status --porcelain 2>/dev/null)" "$(cat "$scratch/before")"
is 'these packages' "$(cd build/deb && ls ./*.deb)" "$(for package in $packages; do
	echo "./${package}_${version}_$(dpkg --print-architecture).deb"
done)"
sha256sum build/deb/*.deb >"$scratch/sums"
ok 'make deb again' build
ok 'the same sources give the same packages' sha256sum --quiet -c "$scratch/sums"

is 'lintian finds neither errors nor warnings' \
	"$(lintian --allow-root --fail-on none build/deb/*.deb 2>&1 | grep '^[EW]:')" ''

for package in $packages; do
	is "$package: version" "$(field "$package" Version)" "$version"
	files "$package" >"$scratch/$package"
	is "$package: what changed, and who may do what with it" \
		"$(grep '/doc/[^/]*/[^/]*$' "$scratch/$package")" \
		"./usr/share/doc/$package/changelog.gz
./usr/share/doc/$package/copyright"
	is "$package: nothing of the kernel half" \
		"$(grep -E '/(kernel|selftests|vm|linux)/' "$scratch/$package")" ''
done
is 'libtamalloc0: the library and its soname' \
	"$(grep -v /doc/ "$scratch/libtamalloc0")" \
	"./usr/lib/$triplet/libtamalloc.so.0
./usr/lib/$triplet/libtamalloc.so.$version"
is 'libtamalloc-preload: the library that is preloaded' \
	"$(grep -v /doc/ "$scratch/libtamalloc-preload")" \
	"./usr/lib/$triplet/libtamalloc-preload.so
./usr/share/lintian/overrides/libtamalloc-preload"
is 'libtamalloc-dev: outside of the manual' \
	"$(grep -Ev '/(man|doc)/' "$scratch/libtamalloc-dev")" \
	"./usr/include/tamalloc.h
./usr/lib/$triplet/libtamalloc.a
./usr/lib/$triplet/libtamalloc.so
./usr/lib/$triplet/pkgconfig/libtamalloc.pc"
for page in man/*.[23]; do
	ok "libtamalloc-dev: ${page#man/}" grep -qx \
		"./usr/share/man/man${page##*.}/${page#man/}.gz" "$scratch/libtamalloc-dev"
done
for page in man/*.1; do
	ok "tam: ${page#man/}" grep -qx "./usr/share/man/man1/${page#man/}.gz" "$scratch/tam"
done
for catalogue in po/*.po; do
	[ -e "$catalogue" ] || continue
	ok "tam: ${catalogue#po/}" grep -qx \
		"./usr/share/locale/$(basename "$catalogue" .po)/LC_MESSAGES/tam.mo" "$scratch/tam"
done
is 'tam: the rest' "$(grep -Ev '/(man|doc|locale)/' "$scratch/tam")" \
	"./usr/bin/tam
./usr/share/bash-completion/completions/tam"
is 'tam does not depend on the library: it has it in it' \
	"$(field tam Depends | grep -c libtamalloc)" 0
is 'libtamalloc-dev depends on the library of its version' \
	"$(field libtamalloc-dev Depends | tr , '\n' | grep libtamalloc | tr -d ' ')" \
	"libtamalloc0(=$version)"
is 'tam recommends what tam run preloads, of its version' "$(field tam Recommends | tr -d ' ')" \
	"libtamalloc-preload(=$version)"
for package in libtamalloc0 libtamalloc-preload; do
	is "several architectures can have $package" "$(field $package Multi-Arch)" same
done

# Installing, below a directory of which dpkg takes everything to belong to root.
in_root() {
	fakeroot -i "$scratch/fake" -s "$scratch/fake" dpkg --root="$root" --log=/dev/null \
		--force-not-root --force-script-chrootless --force-depends "$@" >"$scratch/log" 2>&1 || {
		sed 's/^/# /' "$scratch/log"
		return 1
	}
}
mkdir -p "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates"
touch "$root/var/lib/dpkg/status" "$scratch/fake"

# shellcheck disable=SC2046 # several files
ok 'dpkg -i' in_root -i $(for package in $packages; do deb "$package"; done)
is 'tam runs' "$(env -i "$root/usr/bin/tam" --version)" "tam $version"
for subcommand in ps total; do
	env -i "$root/usr/bin/tam" $subcommand >"$scratch/output" 2>&1
	is "tam $subcommand succeeds" $? 0
	ok "tam $subcommand shows something" grep -q '[0-9]' "$scratch/output"
done

ok 'tam run looks where the library is' \
	grep -q "/usr/lib/$triplet/libtamalloc-preload.so" "$root/usr/bin/tam"
# Found by its name, as where the loader knows the directory.
: >"$scratch/report"
matches 'a program gets its large blocks from libtamalloc-preload' "$(
	env LD_LIBRARY_PATH="$root/usr/lib/$triplet" LD_PRELOAD=libtamalloc-preload.so \
		TAMALLOC_REPORT="$scratch/report" sort --buffer-size=8M /dev/null
	cat "$scratch/report"
)" '^tamalloc 1 pid=[0-9]+ command=sort blocks=[1-9]'

example() {
	# shellcheck disable=SC2046 # options
	"${CC:-cc}" -o "$scratch/$1" "$root/usr/share/doc/libtamalloc-dev/examples/$1.c" \
		$(PKG_CONFIG_SYSROOT_DIR=$root \
			PKG_CONFIG_PATH=$root/usr/lib/$triplet/pkgconfig \
			PKG_CONFIG_SYSTEM_INCLUDE_PATH=/none PKG_CONFIG_SYSTEM_LIBRARY_PATH=/none \
			pkg-config --cflags --libs libtamalloc)
}
for program in top5 sparse counters; do
	ok "$program is built with libtamalloc-dev" example $program
	matches "$program runs with libtamalloc0" \
		"$(LD_LIBRARY_PATH=$root/usr/lib/$triplet "$scratch/$program" 2>&1)" '[0-9] KiB'
done

# shellcheck disable=SC2086 # a list
ok 'dpkg --purge' in_root --purge $packages
is 'nothing is left' "$(cd "$root" && find . ! -type d ! -path './var/lib/dpkg/*')" ''
is 'no package is known any more' \
	"$(dpkg-query --admindir="$root/var/lib/dpkg" -W 2>/dev/null)" ''

done_testing
