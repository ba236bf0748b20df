#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck source-path=SCRIPTDIR/.. disable=SC2034,SC2154
#
# What judge.sh makes of logs that are written here. That a kernel writes such logs
# is for detector.t to show. No machine is started.
vm=$(cd "$(dirname "$0")/.." && pwd)
. "$vm/tests/harness.sh"
. "$vm/lib.sh"
. "$vm/judge.sh"

console=$work/console timeout=5
echo 'qemu: no such thing' >"$work/qemu"

# machine STATUS VERDICT LINE...: what is left of a machine; sets status and reason.
machine()
{
	machine_status=$1
	printf '%s' "$2" >"$work/verdict"
	shift 2
	{
		printf '[    0.000000] Linux version 6.12\r\n'
		printf '\0binary\r\n'
		[ $# -eq 0 ] || printf '%s\r\n' "$@"
		printf '[    9.999999] reboot: Restarting system\r\n'
	} >"$console"
	judge
	echo "$reason" >"$out"
	: >"$err"
}

# judged STATUS [REASON]
judged()
{
	[ "$status" -eq "$1" ] && [ "$reason" = "${2-}" ]
}

machine 0 'exit 0'
check 'the command passed' judged 0
machine 0 'exit 7'
check "the command's own status" judged 7
machine 0 ''
check 'no verdict' judged 125 'no verdict: the machine went off before the end'
machine 0 'exit'
check 'half a verdict' judged 125 'no verdict: the machine went off before the end'
machine 0 leak
check 'a leak' judged 125 'kernel memory leaked'
machine 1 'exit 0'
check 'QEMU failed' judged 125 'QEMU failed: qemu: no such thing'
machine 124 'exit 0'
check 'no time left' judged 124 'timeout: not done after 5 s'
machine 137 ''  '[    2.000000] Oops: 0000 [#1] SMP'
check 'no time left, after an oops' judged 124 \
	"timeout: not done after 5 s; the kernel's log says: [    2.000000] Oops: 0000 [#1] SMP"
machine 0 'exit 0' '[    3.000000] reboot: System halted'
check 'halted' judged 125 'no verdict: the machine was halted before the end'

while read -r line; do
	machine 0 'exit 0' "[    1.000000] $line" '[    1.100000] BUG: another'
	check "fails a run: $line" judged 125 "the kernel's log says: [    1.000000] $line"
done <<-'EOF'
	general protection fault: 0000 [#1] PREEMPT SMP
	Kernel panic - not syncing: VFS
	BUG: unable to handle page fault
	kernel BUG at mm/mmap.c:1!
	BUG kmalloc-64 (Not tainted): Poison overwritten
	WARNING: CPU: 0 PID: 1 at mm/mmap.c:1
	UBSAN: shift-out-of-bounds
	INFO: possible recursive locking detected
	rcu: INFO: rcu_sched self-detected stall on CPU
	INFO: task init:1 blocked for more than 120 seconds.
	kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)
	kmemleak: Automatic memory scanning thread ended, disabled
	list_del corruption. prev->next should be
	BUG: Bad rss-counter state mm:1 type:2 val:3
	    not ok 1 a_test
	not ok 2 a_suite
EOF

while read -r line; do
	machine 0 'exit 0' "[    1.000000] $line"
	check "fails no run: $line" judged 0
done <<-'EOF'
	traps: a.out[77] general protection fault ip:1 sp:2 error:0
	Out of memory: Killed process 77 (a.out)
	ok 1 not ok
	kmemleak: Kernel memory leak detector initialized
EOF

plan
