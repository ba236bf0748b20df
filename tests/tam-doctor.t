#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tam doctor: what it finds on this kernel, and what it says where something has
# been taken away. Needs root.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
unset TAMALLOC_BACKEND NO_COLOR
# A user who has no other processes.
user=$((1000000 + $$))
export user

transcript "$(expected tam-doctor.out)"
is '--help has at most 24 lines of 80 columns' \
	"$(tam doctor --help | sed -n '25p; /^.\{81\}/p')" ''

# Whether the system calls answer here: without a filter, those of this kernel.
calls=
if [ -e /proc/sys/vm/tamalloc_restrict ] && grep -q '^Seccomp:.0' /proc/self/status; then
	calls=yes
fi

# What was found about NAME: its verdict and its sentence.
about() {
	sed -n "s/^\([a-z]*\)  *$1  */\1 /p" "$scratch/out"
}

# examine COMMAND...: runs it, keeps what it says and sets status.
examine() {
	"$@" >"$scratch/out" 2>"$scratch/err"
	status=$?
}

lacking='note tamalloc_total is not in this kernel (ENOSYS)
note tamalloc_process is not in this kernel (ENOSYS)
note tamalloc_reserve is not in this kernel (ENOSYS)
note tamalloc_snapshot is not in this kernel (ENOSYS)'
refused='note tamalloc_total is refused (EPERM) by a seccomp filter
note tamalloc_process is refused (EPERM) by a seccomp filter
note tamalloc_reserve is refused (EPERM) by a seccomp filter
note tamalloc_snapshot is refused (EPERM) by a seccomp filter'

# As it is
examine tam doctor
cp "$scratch/out" "$scratch/plain"
is 'status' "$status" 0
is 'nothing on stderr' "$(cat "$scratch/err")" ''
is 'findings' "$(sed '/^$/,$d' "$scratch/out" | awk '{ print $2 }' | tr '\n' ' ')" \
	'kernel library call_550 call_551 call_552 call_553 backend process processes total reserve regions restrict hidepid namespace seccomp statm kcmp open_files '
is 'each has a verdict and a sentence' "$(sed '/^$/,$d' "$scratch/out" |
	grep -Ev '^(ok  |note)  [a-z0-9_]+ {2,}[^ ].*[^ ]$')" ''
is 'no line is longer than 80 columns' "$(sed -n '/^.\{81\}/p' "$scratch/out")" ''
is 'kernel' "$(about kernel)" "ok $(uname -srm)"
is 'library' "$(about library)" "ok libtamalloc $(tam --version | sed 's/.* //')"
if [ "$calls" ]; then
	is 'calls' "$(about 'call_55[0123]')" 'ok tamalloc_total answers
ok tamalloc_process answers
ok tamalloc_reserve answers
ok tamalloc_snapshot answers'
	is 'backend' "$(about backend)" 'ok syscall: the kernel has the calls'
	is 'nothing to gain' "$(sed -n '/^$/,$p' "$scratch/out")" ''
else
	if [ "$(about 'call_55[0123]')" = "$refused" ]; then
		is 'refused by a filter' "$(about seccomp | cut -d ' ' -f 1)" note
		is 'backend' "$(about backend)" 'ok proc: the calls are refused'
	else
		is 'calls' "$(about 'call_55[0123]')" "$lacking"
		is 'backend' "$(about backend)" 'ok proc: the kernel does not have the calls'
	fi
	is 'what there is to gain' "$(sed -n '/^$/,$p' "$scratch/out" | grep -c '^  - ')" 3
fi
matches 'own memory' "$(about process)" \
	'^ok own memory: [1-9][0-9]* KB reserved, [1-9][0-9]* KB committed$'
matches 'processes' "$(about processes)" '^ok [1-9][0-9]* process(es)? with memory (is|are) in sight$'
is 'reserve' "$(about reserve)" 'ok a page was reserved'

examine become $user tam doctor
is 'a user: status' "$status" 0
is 'a user: nothing fails' "$(grep '^fail' "$scratch/out")" ''

# JSON: the same, one key a line.
examine tam doctor --json
is 'json: status' "$status" 0
key() {
	sed -n "s/,\$//; s/^ *\"$1\": \"*\([^\"]*\)\"*\$/\1/p" "$scratch/out"
}
is 'json: names' "$(key name)" "$(sed '/^$/,$d' "$scratch/plain" | awk '{ print $2 }')"
# Processes that come and go may leave the total in doubt one time and not the other.
is 'json: verdicts' "$(key verdict | sed 10d)" \
	"$(sed '10d; /^$/,$d' "$scratch/plain" | awk '{ print $1 }')"
is 'json: it works' "$(key works)" true
is 'json: the value of the backend' "$(key value | sed -n 7p)" \
	"$([ "$calls" ] && echo syscall || echo proc)"
# shellcheck disable=SC3045
is 'json: the value of open_files' "$(key value | sed -n 19p)" "$(ulimit -n)"
if command -v python3 >/dev/null; then
	ok 'json: python reads it' python3 -c \
		'import json, sys; json.load(sys.stdin)["findings"][0]' <"$scratch/out"
fi

# A backend that is forced
examine env TAMALLOC_BACKEND=proc tam doctor
is 'proc forced: status' "$status" 0
is 'proc forced: backend' "$(about backend)" 'ok proc: forced by TAMALLOC_BACKEND'
examine env TAMALLOC_BACKEND=other tam doctor
is 'a backend that does not exist: status' "$status" 0
matches 'a backend that does not exist: backend' "$(about backend)" \
	'^note (proc|syscall): TAMALLOC_BACKEND is ignored: not syscall or proc$'

# The calls hidden and refused by a filter
examine refuse ENOSYS tam doctor
is 'calls hidden: status' "$status" 0
is 'calls hidden: calls' "$(about 'call_55[0123]')" "$lacking"
is 'calls hidden: backend' "$(about backend)" 'ok proc: the kernel does not have the calls'
is 'calls hidden: seccomp' "$(about seccomp)" \
	'note a filter decides which system calls are allowed'
is 'calls hidden: what there is to gain' "$(grep -c '^  - ' "$scratch/out")" 3
examine refuse EPERM tam doctor
is 'calls refused: status' "$status" 0
is 'calls refused: calls' "$(about 'call_55[0123]')" "$refused"
is 'calls refused: backend' "$(about backend)" 'ok proc: the calls are refused'
examine refuse ENOSYS env TAMALLOC_BACKEND=syscall tam doctor
is 'calls forced and hidden: status' "$status" 1
is 'calls forced and hidden: backend' "$(about backend)" \
	'fail syscall: forced by TAMALLOC_BACKEND, but the call fails'
is 'calls forced and hidden: what fails' \
	"$(awk '$1 == "fail" { print $2 }' "$scratch/out" | tr '\n' ' ')" \
	'backend process processes total reserve '
examine refuse ENOSYS env TAMALLOC_BACKEND=syscall tam doctor --json
is 'calls forced and hidden: json: status' "$status" 1
is 'calls forced and hidden: json: it does not work' "$(key works)" false
if [ "$calls" ]; then
	examine env TAMALLOC_BACKEND=syscall tam doctor
	is 'calls forced: status' "$status" 0
	is 'calls forced: backend' "$(about backend)" 'ok syscall: forced by TAMALLOC_BACKEND'
fi

# A pid namespace, with its own /proc and with that of another
examine unshare -m -p -f --mount-proc tam doctor
is 'in a pid namespace: status' "$status" 0
is 'in a pid namespace: namespace' "$(about namespace)" \
	'note in a pid namespace: processes outside are not seen'
is 'in a pid namespace: processes' "$(about processes)" \
	'ok 1 process with memory is in sight'
# shellcheck disable=SC3045 # busybox and dash have ulimit -n
is 'descriptors for so few' "$(about open_files)" \
	"ok $(ulimit -n) (ulimit -n): $([ "$calls" ] && echo tam top keeps no files open ||
		echo enough for tam top to keep files open)"
examine unshare -p -f tam doctor
is "another namespace's /proc: status" "$status" 1
is "another namespace's /proc: regions" "$(about regions)" \
	'fail own regions: /proc is that of another pid namespace'
if [ "$(readlink /proc/self/ns/pid)" = 'pid:[4026531836]' ]; then
	is 'in the first pid namespace' "$(sed -n 's/  namespace  /&/p' "$scratch/plain")" \
		'ok    namespace   the first pid namespace: all processes are in it'
fi

# No /proc
examine unshare -m sh -c 'umount -l /proc && exec tam doctor'
is 'no /proc: status' "$status" 1
if [ "$calls" ]; then
	matches 'no /proc: processes' "$(about processes)" '^ok [1-9][0-9]* process'
else
	is 'no /proc: processes' "$(about processes)" \
		'fail list of processes: /proc is not there: is it mounted?'
fi
is 'no /proc: regions' "$(about regions)" \
	'fail own regions: /proc is not there: is it mounted?'

# A /proc that hides
# shellcheck disable=SC2016,SC2317 # the inner shell's; called by examine
hiding() {
	unshare -m sh -c 'mount -t proc -o "hidepid=$1" proc /proc &&
		TAMALLOC_BACKEND=$2 exec become $user tam doctor' sh "$1" "$2"
}
is 'hidepid: not here' "$(sed -n '/  hidepid  /p' "$scratch/plain")" \
	'ok    hidepid     /proc shows the processes of all users'
for hidepid in 1 2; do
	examine hiding $hidepid proc
	is "hidepid=$hidepid: status" "$status" 0
	is "hidepid=$hidepid: hidepid" "$(about hidepid)" \
		"note /proc hides others' processes from all but the privileged"
	is "hidepid=$hidepid: only the user's own" "$(about processes)" \
		'ok 1 process with memory is in sight'
done
examine hiding 2 ''
is 'hidepid=2, whatever answers: hidepid' "$(about hidepid)" \
	"note /proc hides others' processes from all but the privileged"
is "hidepid=2, whatever answers: only the user's own" "$(about processes)" \
	'ok 1 process with memory is in sight'

# The sysctl
restrict=/proc/sys/vm/tamalloc_restrict
if [ -e $restrict ]; then
	is 'restricted as /proc, the default' "$(sed -n 's/.*  restrict  *//p' "$scratch/plain")" \
		'vm.tamalloc_restrict is 2: as /proc shows them to the caller'
	examine become $user tam doctor
	is 'restricted as /proc: all processes' "$(about processes | tr -d 0-9)" \
		'ok  processes with memory are in sight'
	echo 0 >$restrict
	examine hiding 2 ''
	is 'not restricted' "$(about restrict)" \
		'ok vm.tamalloc_restrict is 0: anyone may ask about any process'
	if [ "$calls" ]; then
		is 'not restricted: hidepid=2' "$(about hidepid)" \
			"note /proc hides others' processes, the system calls do not"
		is 'not restricted: all processes' "$(about processes | tr -d 0-9)" \
			'ok  processes with memory are in sight'
	fi
	echo 1 >$restrict
	examine become $user tam doctor
	echo 2 >$restrict
	is 'restricted: status' "$status" 0
	is 'restricted: restrict' "$(about restrict)" \
		"note vm.tamalloc_restrict: others' processes only with privilege"
	is "restricted: only the user's own" "$([ "$calls" ] && about processes)" \
		"${calls:+ok 1 process with memory is in sight}"
else
	is 'no such sysctl' "$(sed -n 's/.*  restrict  *//p' "$scratch/plain")" \
		'vm.tamalloc_restrict is not in this kernel'
fi

# More processes than descriptors that may be kept open
sleepers=
for _ in 1 2 3 4; do
	sleep 1000 &
	sleepers="$sleepers $!"
done
examine sh -c 'ulimit -n 8 && TAMALLOC_BACKEND=proc exec tam doctor'
# shellcheck disable=SC2086 # a list
kill $sleepers
is 'few descriptors: status' "$status" 0
is 'few descriptors' "$(about open_files)" \
	'note 8 (ulimit -n): tam top is faster with more than that'

# Colour
on_terminal() {
	TERM=xterm pty 24 80 -- tam doctor | cat -v | grep -Fc '^[[32mok  ^[[m'
}
ok 'a verdict is coloured on a terminal' [ "$(on_terminal)" -gt 5 ]
is 'not with NO_COLOR' "$(NO_COLOR=1 on_terminal)" 0
is 'not in a pipe' "$(tr -d ' -~\n' <"$scratch/plain")" ''

tam doctor >/dev/full 2>"$scratch/err"
is 'a full device: status' "$?" 1
is 'a full device: message' "$(cat "$scratch/err")" \
	'tam: doctor: writing the output: No space left on device'

done_testing
