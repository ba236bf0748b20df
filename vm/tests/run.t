#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck source-path=SCRIPTDIR/..
#
# What vm/run promises about a command: arguments, output, status, files.
# shellcheck disable=SC2016 # the guest expands
vm=$(cd "$(dirname "$0")/.." && pwd)
. "$vm/tests/harness.sh"

# The kernel is built here if need be: its progress is not what is tested.
"$vm/build" ${KERNEL:+--kernel "$KERNEL"} >/dev/null || exit 1

run -- true
check 'a command that succeeds' printed ''

run -- sh -c 'exit 1'
check 'exit status 1' ended 1
run -- sh -c 'exit 77'
check 'exit status 77' ended 77
run -- sh -c 'kill -9 $$'
check 'a command that a signal ends' ended 137
run -- nowhere
check 'a command that does not exist' ended 127 '^vm: nowhere: No such file'

run -- printf '<%s>' 'two words' '' "a
new line" '$HOME "quoted" \back' "it's" '*'
check 'arguments arrive as they are' printed "<two words><><a
new line><\$HOME \"quoted\" \\back><it's><*>"

head -c 300000 /dev/urandom >"$work/noise"
run --add "$work/noise" -- sh -c 'cat "$(command -v noise || echo /usr/local/bin/noise)"'
check 'output arrives byte for byte' cmp -s "$work/noise" "$out"
run --add "$work/noise" -- sh -c 'echo out; cat /usr/local/bin/noise >&2'
check 'so does stderr, apart' cmp -s "$work/noise" "$err"
check 'and nothing of it is on stdout' test "$(cat "$out")" = out

run --localversion -usac1 -- uname -r
check 'the kernel has the name that was asked for' grep -q -e '^[0-9.]*-usac1$' "$out"

run -- tam --version
check 'tam is there when it is the command' grep -q '^tam' "$out"

run -- sh -c 'echo again >/dev/stdout; test ! -t 1 && test ! -t 2 && ! read -r line'
check 'stdout is a pipe, stdin is empty' printed again

run -- sh -c '(sleep 1000; echo late) & echo early'
check 'what the command leaves behind does not hold the run' printed early

"$vm/run" ${KERNEL:+--kernel "$KERNEL"} -- sh -c 'yes | head -n 100000; exit 5' | head -n 1 >"$out"
check 'a reader that stops does not stop the run' test "$(cat "$out")" = y

cat >"$work/shared.c" <<'EOF'
#include <math.h>
#include <stdio.h>
int main(int argc, char **argv)
{
	(void)argv;
	return printf("%.0f\n", cbrt(26 + argc)) < 0;
}
EOF
gcc -o "$work/shared" "$work/shared.c" -lm
run --add "$work/shared" -- shared
check 'an executable comes with its libraries' printed 3

run --smp 3 --mem 300 -- sh -c 'nproc; awk "/MemTotal/ { print (\$2 > 200000 && \$2 < 300 * 1024) }" /proc/meminfo'
check 'processors and memory are as asked for' printed "3
1"

run -- sh -c 'mount -t cgroup2 | cut -d " " -f 3; ls -d /sys/kernel/debug/kunit; touch /tmp/t /dev/shm/t; ls /dev/ptmx; echo $HOME; id -u'
check 'the guest has what programs expect' printed "/sys/fs/cgroup
/sys/kernel/debug/kunit
/dev/ptmx
/root
0"

run -- sh -c 'test -e /proc/sys/vm/tamalloc_restrict'
check 'the kernel has tamalloc' ended 0

run --icount -- sh -c 'nproc; grep -c -w -E "nokaslr" /proc/cmdline; grep -c -w erms /proc/cpuinfo'
check 'with --icount: one processor, no KASLR, no ERMS' ended 1
check 'and the output tells so' test "$(tr '\n' ' ' <"$out")" = '1 1 0 '

plan
