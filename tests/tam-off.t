#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tam on a kernel built without the system calls.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

transcript "$(expected tam-off.out)"
done_testing
