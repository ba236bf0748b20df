#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck source-path=SCRIPTDIR/..
#
# A run must fail when the kernel has a bug, even though the command succeeds,
# and tell the bug's own reason. These bugs show in a plain kernel.
vm=$(cd "$(dirname "$0")/.." && pwd)
. "$vm/tests/harness.sh"

plant=$("$vm/build" ${KERNEL:+--kernel "$KERNEL"} --module "$vm/plant") || exit 1
cp "$plant" "$work/plant.ko"

# plant BUG [OPTION]...
plant()
{
	bug=$1
	shift
	run --add "$work/plant.ko" "$@" -- insmod /usr/local/bin/plant.ko "bug=$bug"
}

kept_log()
{
	log=$(sed -n "s/^vm\/run: the console's log is //p" "$err")
	[ -f "$log" ] && grep -q "$1" "$log"
}

plant none
check 'a bug that does not exist only fails the command' ended 22 'Invalid argument'

plant warning
check 'WARN' ended 125 "^vm/run: the kernel's log says: .*WARNING: "
check 'the log is kept' kept_log 'planted warning'

plant panic
check 'panic' ended 125 "^vm/run: the kernel's log says: .*Kernel panic - not syncing: planted panic"

plant oops
check 'oops' ended 125 "^vm/run: the kernel's log says: .*BUG: kernel NULL pointer dereference"

plant hang --timeout 15
check 'hang' ended 124 '^vm/run: timeout: not done after 15 s$'

run --timeout 15 -- sleep 1000
check 'a command that does not end' ended 124 '^vm/run: timeout: not done after 15 s$'

run -- reboot -f
check 'power off before the verdict' ended 125 '^vm/run: no verdict: the machine went off'

run --timeout 15 -- poweroff -f
check 'halt before the verdict' ended 125 '^vm/run: no verdict: the machine was halted'

run --add "$work/plant.ko" -- sh -c 'insmod /usr/local/bin/plant.ko bug=warning; exit 3'
check 'a bug weighs more than the status of the command' ended 125 'WARNING: '

run -- sh -c 'echo "WARNING: BUG: KASAN: Oops: " | tee /dev/stderr'
check 'what the command prints is not the kernel'\''s log' ended 0

plan
