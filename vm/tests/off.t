#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck source-path=SCRIPTDIR/..
#
# The kernel without tamalloc.
vm=$(cd "$(dirname "$0")/.." && pwd)
. "$vm/tests/harness.sh"

"$vm/build" ${KERNEL:+--kernel "$KERNEL"} --off >/dev/null || exit 1

run --off -- test -e /proc/sys/vm/tamalloc_restrict
check 'with --off the kernel has no tamalloc' ended 1

plan
