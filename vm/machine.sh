# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034,SC2154
#
# The machine: QEMU's microvm, with a serial port for the kernel's log and a
# virtio port for each channel of init.c. Needs lib.sh, and from the caller
# work, image, mem, and console, the file for the kernel's log.

# Emulated processors are slow and stand still while the host is busy: what
# takes this long is no mere delay, and a timer that is late does tick.
# Since 6.17 tests that are enabled need another word to run.
parameters="console=ttyS0 reboot=t panic=-1 no_timer_check kunit.enable=1 kunit.autorun=1"
parameters="$parameters rcupdate.rcu_cpu_stall_timeout=120 watchdog_thresh=60"

# machine OPTION...: runs QEMU with these options and those that every machine
# has. $before runs it: a limit of time, a process group of its own.
machine()
{
	$before qemu-system-x86_64 \
		-M microvm,x-option-roms=off,isa-serial=on,acpi=off \
		-nodefaults -no-user-config -display none -no-reboot \
		-m "$mem" -kernel "$image" \
		-chardev "file,id=console,path=$console" -serial chardev:console \
		"$@"
}

# Sets accelerator. KVM must have shown that it works: on some hosts a guest
# just hangs. Shown means that this kernel, without any files, comes as far as
# its panic and ends. The answer holds until the host boots again.
choose_accelerator()
{
	accelerator=tcg,thread=multi
	[ -r /dev/kvm ] && [ -w /dev/kvm ] || return 0
	read -r boot </proc/sys/kernel/random/boot_id
	answer=$cache/kvm/$boot-$variant
	if [ ! -e "$answer" ]; then
		make_directory "$cache/kvm"
		probe_kvm >"$answer.$$"
		mv "$answer.$$" "$answer"
	fi
	[ "$(cat "$answer")" != yes ] || accelerator=kvm
}

probe_kvm()
{
	probe=$(
		console=$work/probe
		before='guarded timeout -k 1 5'
		machine -accel kvm -cpu max -smp "$smp" -append "$parameters" \
			>"$work/probe.log" 2>&1 || :
		grep -c 'Kernel panic - not syncing: VFS' "$console"
	) || :
	if [ "$probe" = 1 ]; then
		echo yes
	else
		echo no
	fi
}

# port NAME: the options of the port with this name that writes to the file or
# fifo of this name.
port()
{
	printf '%s' "-chardev file,id=$1,path=$work/$1 -device virtserialport,chardev=$1,name=$1"
}

# run_machine OPTION...: the machine with its ports stdout and stderr on those
# of this script. Who reads them may stop; the machine goes on.
run_machine()
{
	mkfifo "$work/stdout" "$work/stderr"
	{ cat || cat >/dev/null; } <"$work/stdout" 2>/dev/null &
	readers=$!
	{ cat >&2 || cat >/dev/null; } <"$work/stderr" &
	readers="$readers $!"
	before="guarded timeout -k 5 $timeout"
	machine_status=0
	machine "$@" >"$work/qemu" 2>&1 || machine_status=$?
	# A fifo that QEMU never opened holds its reader; this lets it go.
	: <>"$work/stdout" <>"$work/stderr"
	# shellcheck disable=SC2086 # a list of numbers
	wait $readers || :
}

# show_machine OPTION...: the machine with its terminal hvc0 on this one.
show_machine()
{
	say "a shell in the machine; to leave: exit, or Ctrl+A x"
	terminal=$(stty -g)
	before=
	machine_status=0
	machine "$@" -chardev stdio,id=terminal,mux=on,signal=off \
		-device virtconsole,chardev=terminal 2>"$work/qemu" || machine_status=$?
}
