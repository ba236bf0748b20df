#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Completion in bash: what it offers for a line, and that tam takes what it
# offers. Needs bash.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$(dirname "$0")/.." || exit 1

# completions WORD...: what is offered for the last one, sorted. Words are as bash
# parts them, which makes three of --option=argument.
completions() {
	# shellcheck disable=SC2016 # bash expands
	bash --norc -c '
		. packaging/bash-completion/tam
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_tam
		[ "${#COMPREPLY[@]}" -eq 0 ] || printf "%s\n" "${COMPREPLY[@]}"
	' bash "$@" 2>&1 | LC_ALL=C sort | tr '\n' ' ' | sed 's/ $//'
}

is 'the subcommands' "$(completions tam '')" \
	'--help --version alloc doctor map oom ps run top total'
is 'a subcommand' "$(completions tam to)" 'top total'
is 'an unknown subcommand' "$(completions tam none --)" ''
is 'options' "$(completions tam ps --c)" '--columns --command --csv'
is 'an option that may have an argument has none' "$(completions tam total --watch '')" ''
is 'a column' "$(completions tam ps -o rese)" reserved
is 'the second column' "$(completions tam ps -o pid,rese)" pid,reserved
is 'a column more' "$(completions tam top --columns +swa)" +swap
is 'a column to sort by' "$(completions tam ps --sort = committ)" committed
is 'the other way round' "$(completions tam ps -s user,-committ)" user,-committed
is 'a column of another table' "$(completions tam map -s -addr)" -address
is 'a choice' "$(completions tam ps --by = '')" 'cgroup command user'
is 'a cgroup' "$(completions tam oom --cgroup = /)" \
	"$(tam ps --by cgroup -o cgroup --noheadings | tr -d ' ' | LC_ALL=C sort -u |
		tr '\n' ' ' | sed 's/ $//')"
is 'a user' "$(completions tam ps -u roo)" root
is 'the second user' "$(completions tam top --user = 0,roo)" 0,root
is 'a pid' "$(completions tam map $$)" $$
is 'the pid for an option' "$(completions tam ps -p 1,$$)" "1,$$"
is 'an option of run' "$(completions tam run --dec)" --decay
is 'a command to run' "$(completions tam run --json --decay = 5 -r truncat)" truncate
is 'a command behind --' "$(completions tam run -- truncat)" truncate
is 'an argument of it' "$(completions tam run --cache 5 ls Make)" Makefile
is 'an option of it is not one of run' "$(completions tam run ls --dec)" ''
is 'a file for the report' "$(completions tam run --output Make)" Makefile
is 'the same, with an equals sign' "$(completions tam run --output = Make)" Makefile
is 'no pid where there is none' "$(completions tam alloc 1)" ''
is 'whatever the language' "$(LC_ALL=C.UTF-8 LANGUAGE=es completions tam ps --by = u)" user
is 'the program that was named' "$(completions ./none '')" '--help --version'

# What tam offers, it takes.
for subcommand in ps total top map oom doctor alloc run; do
	for option in $(completions tam $subcommand -); do
		tam $subcommand --help | grep -Eq -e "(^| )$option([=[ ,]|\$)" ||
			echo "$subcommand $option"
	done
	tam $subcommand --help | grep -oE '^  (    )?-.*' | grep -oE '^ *(-[a-zA-Z], )?--[a-z-]+' |
		grep -oE -e '--[a-z-]+' | while read -r option; do
			completions tam $subcommand "$option" | grep -qw -e "$option" ||
				echo "$subcommand: not offered: $option"
		done
done >"$scratch/options"
is 'the options are those of --help' "$(cat "$scratch/options")" ''
completions tam ps -o '' | tr ' ' '\n' >"$scratch/all"
ok 'all columns are offered' [ "$(wc -l <"$scratch/all")" -ge "$(tam ps -o help | wc -l)" ]
while read -r column; do
	tam ps -o "$column" $$ >/dev/null 2>&1 || echo "$column"
done <"$scratch/all" >"$scratch/columns"
is 'the columns are those of tam ps' "$(cat "$scratch/columns")" ''
for column in $(completions tam map -s ''); do
	tam map -s "$column" $$ >/dev/null 2>&1 || echo "$column"
done >"$scratch/columns"
is 'the columns are those of tam map' "$(cat "$scratch/columns")" ''
for group in $(completions tam ps --by = ''); do
	tam ps --by="$group" >/dev/null 2>&1 || echo "$group"
done >"$scratch/groups"
is 'the groups are those of tam ps' "$(cat "$scratch/groups")" ''

done_testing
