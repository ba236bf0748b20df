#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck source-path=SCRIPTDIR/..
#
# Wrong usage, and a host that lacks something: the message says what.
# No machine is started.
vm=$(cd "$(dirname "$0")/.." && pwd)
. "$vm/tests/harness.sh"
unset KERNEL
XDG_CACHE_HOME=$work/cache
export XDG_CACHE_HOME

refused()
{
	ended 2 "$1" && [ ! -s "$out" ]
}

run --smp
check 'an option without its value' refused '^vm/run: --smp needs a value'
run --smp 0 -- true
check '--smp 0' refused '--smp: 0 is not a number from 1 to 8'
run --smp two -- true
check '--smp two' refused '--smp: two is not a number from 1 to 8'
run --mem 1G -- true
check '--mem 1G' refused '--mem: 1G is not a number of MiB'
run --timeout -1 -- true
check '--timeout -1' refused '--timeout: -1 is not a number of seconds'
run --like 5.0 -- true
check '--like 5.0' refused '--like: 5.0 is not one of: 6.5 7.0'
run --like ../build -- true
check '--like with a path' refused '--like: ../build is not one of: 6.5 7.0'
run --localversion 'two words' -- true
check '--localversion with a blank' refused '--localversion: two words is no part of a version'
run --add "$work/none" -- true
check '--add of nothing' refused "--add: there is no file $work/none"
run --add "$work" -- true
check '--add of a directory' refused "--add: there is no file $work"
mkdir "$work/other"
echo 1 >"$work/same"
echo 2 >"$work/other/same"
run --add "$work/same" --add "$work/other/same" -- true
check '--add of one name twice' refused '--add: there are two files with the name same'
run --kernel new -- true
check '--kernel new' refused '--kernel: new is neither a version'
run --kernel "$work" -- true
check '--kernel with a directory that is no kernel' refused "$work is not a Linux source tree"
run true
check 'a command without --' refused 'unknown argument: true .the command comes after --.'
run --
check '-- without a command' refused 'there is no command after --'
run </dev/null
check 'a shell without a terminal' refused 'a shell needs a terminal'

KERNEL_SOURCES=$work
export KERNEL_SOURCES
run --kernel 6.12 -- true
check 'a source that is not installed' ended 125 'apt-get install linux-source-6.12'
echo rubbish >"$work/linux-source-6.12.tar.xz"
run --kernel 6.12 -- true
check 'a source that is broken' ended 125 'unpacking linux-source-6.12.tar.xz failed; its log is'
run --kernel 6.12 -- true
check 'and it is not taken for unpacked' ended 125 'unpacking linux-source-6.12.tar.xz failed; its log is'

mkdir "$work/bin"
for tool in sh dirname mktemp mkdir rm cat basename cut; do
	ln -s "$(command -v $tool)" "$work/bin/$tool"
done
full=$PATH
PATH=$work/bin
run --kernel 6.12 -- true
PATH=$full
# The shell of busybox may find busybox on any PATH.
check 'missing packages' ended 125 'apt-get install gcc( busybox-static)? qemu-system-x86$'

plan
