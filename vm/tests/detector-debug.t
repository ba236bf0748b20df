#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck source-path=SCRIPTDIR/..
#
# Bugs that only the debug kernel sees; see detector.t.
vm=$(cd "$(dirname "$0")/.." && pwd)
. "$vm/tests/harness.sh"

plant=$("$vm/build" ${KERNEL:+--kernel "$KERNEL"} --debug --module "$vm/plant") || exit 1
cp "$plant" "$work/plant.ko"

# plant BUG
plant()
{
	run --debug --add "$work/plant.ko" -- insmod /usr/local/bin/plant.ko "bug=$1"
}

run --debug -- true
check 'no bug' printed ''

plant lock-order
check 'locks in the wrong order' ended 125 "^vm/run: the kernel's log says: .*WARNING: possible circular locking"

plant sleep
check 'sleeping in atomic context' ended 125 "^vm/run: the kernel's log says: .*(sleeping function called from invalid context|scheduling while atomic)"

plant overflow
check 'a write past the end' ended 125 "^vm/run: the kernel's log says: .*BUG: KASAN: "

plant leak
check 'leaked memory' ended 125 "^vm/run: the kernel's log says: .*kmemleak: [0-9]+ new suspected memory leaks"

plan
