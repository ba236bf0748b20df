/* SPDX-License-Identifier: MIT */
/* What the tests of the library share. */
#ifndef LIB_COMMON_H
#define LIB_COMMON_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <tamalloc.h>

#include "../end-with.h"
#include "../refuse-call.h"

/*
 * TESTS_SKIP is a pattern of tests to leave out. Those that are named
 * test_native_* need the real kernel, which valgrind is not in all things.
 */
static inline void print_tap(void)
{
	const char *skip = getenv("TESTS_SKIP");

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (skip)
		cmocka_set_skip_filter(skip);
}

/* In a child, where cmocka's own cannot be used. */
#define NEED(condition)								\
	do {									\
		if (!(condition)) {						\
			fprintf(stderr, "# %s:%d: not so: %s\n", __FILE__,	\
				__LINE__, #condition);				\
			_exit(1);						\
		}								\
	} while (0)

/* Runs a function in a process of its own, for what cannot be taken back. */
static inline void in_child(void (*function)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (!pid) {
		function();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* A child that runs function once it has stopped and been continued. */
static inline pid_t start(void (*function)(void))
{
	pid_t parent = getpid(), pid = fork();
	int status;

	if (!pid) {
		end_with(parent);
		raise(SIGSTOP);
		function();
		_exit(0);
	}
	NEED(pid > 0);
	NEED(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
	return pid;
}

static inline void end(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static inline void sleep_on(void)
{
	for (;;)
		pause();
}

#endif /* LIB_COMMON_H */
