#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Catalogues are complete and well-formed, tam speaks what they say, and what
# programs read of it is the same in every language. Needs gettext, localedef
# and the source of the locale es_ES.

# shellcheck disable=SC2317 # functions that same calls
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

# No process ends that would leave a sum in doubt.
alone
cd "$(dirname "$0")/.." || exit 1

# A locale with a decimal comma, in two character sets.
mkdir "$scratch/locales"
for set in UTF-8 ISO-8859-1; do
	ok "a locale of the test, in $set" \
		localedef -i es_ES -f "$set" "$scratch/locales/es_ES.$set"
done
LOCPATH=$scratch/locales
export LOCPATH
is 'it has a decimal comma' "$(LC_ALL=es_ES.UTF-8 locale decimal_point)" ,

# This tam looks for its catalogues where they are built.
english() {
	LC_ALL=C LANGUAGE='' build/po/tam "$@" 2>&1
}
# Into $language, in $charset.
charset=UTF-8
translated() {
	LC_ALL=es_ES.$charset LANGUAGE=$language build/po/tam "$@" 2>&1
}

# same NAME ARGUMENT...: prints the same in both, read through the function NAME.
# What other processes do in between can change it: has another try.
same() {
	same_filter=$1
	shift
	for _ in 1 2 3 4 5; do
		same_got=$(translated "$@" | "$same_filter")
		same_want=$(english "$@" | "$same_filter")
		[ "$same_got" = "$same_want" ] && break
	done
	is "$language: tam $* is the same as in English" "$same_got" "$same_want"
}
# How much of a file's pages nobody else has mapped depends on which files of its
# language the one who looks has mapped.
but_private() {
	sed -E 's/("private": )[0-9]+/\1N/; s/^(([^,]*,){4})[0-9]+,/\1N,/'
}
whole() {
	cat
}
# What grows and shrinks from one moment to the next.
without_figures() {
	sed 's/[0-9][0-9]*/N/g'
}
# The subcommands and options that a help explains.
explained() {
	sed -nE 's/^ {2,6}([^ ].*)/\1/p' | sed -E 's/  .*//; s/(\[?=| \[| [A-Z]).*//'
}
# Status words and names of findings.
findings() {
	sed '/^$/,$d' | cut -c 1-17
}
column_names() {
	cut -c 1-30
}

# fits NAME TEXT: on a screen of 80 columns and 24 lines.
fits() {
	is "$language: $1 has at most 80 columns" \
		"$(printf '%s\n' "$2" | LC_ALL=es_ES.UTF-8 grep -E '^.{81}')" ''
	is "$language: $1 has at most 24 lines" "$(printf '%s\n' "$2" | sed -n '25,$p')" ''
}

# Idle, so that its figures stand still.
sleep 1000 &
idle=$!
trap 'kill "$idle"; rm -rf "$scratch"' EXIT
until [ "$(cat "/proc/$idle/comm")" = sleep ]; do sleep 0.1; done

for catalogue in po/*.po; do
	language=$(basename "$catalogue" .po)

	ok "$language: every text of the program is translated" \
		msgcmp "$catalogue" build/tam.pot
	ok "$language: it is well-formed, and its formats take the same arguments" \
		msgfmt --check -o /dev/null "$catalogue"
	is "$language: nothing in it is dead or in doubt" "$(
		msgattrib --only-fuzzy "$catalogue"
		msgattrib --only-obsolete "$catalogue"
	)" ''

	for command in '' ps total top map alloc run doctor; do
		# shellcheck disable=SC2086 # no subcommand is no argument
		help=$(translated $command --help)
		# shellcheck disable=SC2086
		ok "$language: tam $command --help is translated" \
			[ "$help" != "$(english $command --help)" ]
		fits "tam $command --help" "$help"
		# shellcheck disable=SC2086
		same explained $command --help
	done
	fits 'tam total' "$(translated total)"
	fits 'tam doctor' "$(translated doctor)"
	fits 'tam alloc' "$(translated alloc 64M --touch 10 --verify --count 1)"
	fits 'tam ps -o help' "$(translated ps -o help)"
	is "$language: the figures of tam total end in one column" \
		"$(translated total | sed 1,2d | LC_ALL=es_ES.UTF-8 grep -vE '^.{64}$')" ''

	same column_names ps -o help
	same whole ps "$idle"
	same whole ps -h "$idle"
	same whole ps --total "$idle"
	same whole ps --csv "$idle"
	same whole ps --json -o +pmem,user,start,oom "$idle"
	same whole map "$idle"
	same but_private map --csv "$idle"
	same but_private map --json "$idle"
	same without_figures total --json
	same without_figures doctor --json
	same findings doctor
	matches "$language: a decimal point is a point" \
		"$(translated ps --noheadings -o pmem "$idle")" '^ *[0-9]+\.[0-9]$'
	matches "$language: and is taken for one" \
		"$(translated alloc 1000K --touch 12.5 --count 1)" ' 31 [^0-9]* 250 '
done

# Spanish, in detail

language=es
is 'a message' "$(translated pss)" "tam: subcomando 'pss' desconocido; ¿quiso decir 'ps'?"
is 'a message about a value' "$(translated ps --rows 0)" \
	"tam: ps: --rows '0': una cantidad es un número entero a partir de 1"
is 'the locale C is English' "$(LC_ALL=C LANGUAGE=es build/po/tam pss 2>&1)" "$(english pss)"
matches 'one' "$(translated alloc 1 --count 1)" '^región 1: 1 byte, en 0x'
matches 'many' "$(translated alloc 2 --count 1)" '^región 1: 2 bytes, en 0x'
matches 'the total' "$(translated total | head -n 1)" \
	'^reservada [0-9]+ MiB, comprometida [0-9]+ MiB$'

# In another character set

charset=ISO-8859-1
is 'a message in Latin-1' "$(translated pss | iconv -f "$charset" -t UTF-8)" \
	"tam: subcomando 'pss' desconocido; ¿quiso decir 'ps'?"
same without_figures doctor --json

# As tests/tam-top.t
out=$(
	TERM=xterm-xfree86 LC_ALL=es_ES.UTF-8 LANGUAGE='' \
		screen 24 80 build/po/tam top -p "$idle" <<-'END'
			wait sleep
			row 1
			row -1
			type i
			wait segundos de pausa (Esc: como antes): 1
			type .5^M
			wait cada 1.5 s
			type h
			wait Intro
			show
			type qq
			ended
		END
)
line() {
	printf '%s\n' "$out" | sed -n "$1"
}
matches 'tam top: totals' "$(line 1p)" \
	'^comprometida [0-9.]+[KMGT]   reservada [0-9.]+[KMGT]   disponible [0-9.]+[KMGT] de [0-9.]+[KMGT] de la máquina$'
is 'tam top: state' "$(line 2p)" 'h: ayuda   filas: 1   cada 1 s   orden: -COMMITTED'
for text in 'RePág AvPág  seleccionar a una pantalla de distancia' \
	'h            esta ayuda (también ?)' 'q: volver a la tabla'; do
	ok "tam top: $text" grep -qxF -e "$text" <<-END
		$out
	END
done

done_testing
