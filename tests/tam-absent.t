#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What tam says where the system calls do not answer: a filter makes any kernel
# such a one.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

transcript "$(expected tam-absent.out)"
done_testing
