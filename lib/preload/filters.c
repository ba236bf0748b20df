// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Filters of system calls that a program sets up: they may kill for any call that it does
 * not make itself. So from then on, what looks at memory is not called any more, nor what
 * was open for that.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <sys/syscall.h>

#pragma GCC visibility push(default)
#include <sys/prctl.h>
#pragma GCC visibility pop

#include "preload.h"

#ifndef PR_SET_SECCOMP
#define PR_SET_SECCOMP 22
#endif
/* Of seccomp(2): the operations that set a filter up. */
#define SET_MODE_STRICT 0
#define SET_MODE_FILTER 1

/* Whether a call sets a filter up. */
static bool is_filter(long number, long first)
{
	switch (number) {
	case SYS_seccomp:
		return first == SET_MODE_STRICT || first == SET_MODE_FILTER;
	case SYS_prctl:
		return first == PR_SET_SECCOMP;
	default:
		return false;
	}
}

/* What was set before holds again where the call fails. Who has set that all may be made knows. */
static int begin(void)
{
	int before = atomic_load(&look_setting);

	if (before < 0) {
		atomic_store(&look_setting, 0);
		touched_close();
	}
	return before;
}

static void end(bool is_filtered, int before)
{
	if (!is_filtered)
		atomic_store(&look_setting, before);
}

#ifdef __x86_64__

static inline long call(long number, long a, long b, long c, long d, long e, long f)
{
	register long fourth __asm__("r10") = d;
	register long fifth __asm__("r8") = e;
	register long sixth __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
			 : "rcx", "r11", "memory");
	if ((unsigned long)result > -4096UL) {
		errno = (int)-result;
		return -1;
	}
	return result;
}

static __attribute__((noinline)) long filter(long number, long a, long b, long c, long d, long e,
					     long f)
{
	int before = begin();
	long result = call(number, a, b, c, d, e, f);

	end(!result, before);
	return result;
}

/* In the registers and on the stack they are where the caller of the variadic one has put them. */
PUBLIC long filters_syscall(long number, long a, long b, long c, long d, long e, long f)
	__asm__("syscall");

long filters_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	if (__builtin_expect(is_filter(number, a), 0))
		return filter(number, a, b, c, d, e, f);
	return call(number, a, b, c, d, e, f);
}

#define CALL_PRCTL(option, a, b, c, d) call(SYS_prctl, option, a, b, c, d, 0)

#else

#include <unistd.h>
#define CALL_PRCTL(option, a, b, c, d) syscall(SYS_prctl, option, a, b, c, d)

#endif

int prctl(int option, ...)
{
	unsigned long arguments[4];
	va_list list;
	int result, before;

	va_start(list, option);
	for (int i = 0; i < 4; i++)
		arguments[i] = va_arg(list, unsigned long);
	va_end(list);
	before = option == PR_SET_SECCOMP ? begin() : 0;
	result = (int)CALL_PRCTL(option, (long)arguments[0], (long)arguments[1],
				 (long)arguments[2], (long)arguments[3]);
	if (option == PR_SET_SECCOMP)
		end(!result, before);
	return result;
}
