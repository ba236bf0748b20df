// SPDX-License-Identifier: MIT
/*
 * oom: makes memory run out again and again. Only in the virtual machine:
 *
 *	vm/run --mem 192 --swap 64 --add build/tam --add build/tests/oom -- oom
 *
 * Where memory cgroups of version 1 are mounted, what is about them. The kernel
 * does not account well over a change of version: a machine has one.
 */
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "oom.h"

/* The command of the machine's first process, which no other machine has. */
#define MACHINE "/vm/argv"

static unsigned int run, failed;

void bail_out(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	printf("Bail out! ");
	vprintf(format, arguments);
	printf("\n");
	va_end(arguments);
	fflush(stdout);
	_exit(1);
}

void ok(bool passed, const char *format, ...)
{
	va_list arguments;

	failed += !passed;
	va_start(arguments, format);
	printf("%sok %u - ", passed ? "" : "not ", ++run);
	vprintf(format, arguments);
	printf("\n");
	va_end(arguments);
	fflush(stdout);
}

void note(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	printf("#   ");
	vprintf(format, arguments);
	printf("\n");
	va_end(arguments);
	fflush(stdout);
}

/* This process and those that wait for it, but for the first, which is anyway. */
static void exempt_from_killing(void)
{
	char path[64];

	for (pid_t pid = getpid(); pid > 1;) {
		set_adj(pid, EXEMPT);
		snprintf(path, sizeof(path), "/proc/%d/status", pid);
		pid = number_in(path, "PPid:");
	}
}

/* On one processor, equal processes have equal counters. */
static void stay_on_one_processor(void)
{
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	if (sched_setaffinity(0, sizeof(first), &first))
		bail_out("sched_setaffinity: %s", strerror(errno));
}

static void play_all(const struct scenario *scenario)
{
	for (; scenario->name; scenario++) {
		for (unsigned int i = 0; i < scenario->variations; i++)
			play(scenario, i);
	}
}

int main(void)
{
	if (access(MACHINE, F_OK))
		bail_out("this makes memory run out: only for vm/run");
	exempt_from_killing();
	stay_on_one_processor();
	/* The children of the dead are this one's. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	write_file("/proc/sys/vm/oom_dump_tasks", "0");

	if (groups_are_v1()) {
		play_all(v1_scenarios);
	} else {
		play_all(machine_scenarios);
		play_all(outcome_scenarios);
		play_all(limit_scenarios);
	}
	printf("1..%u\n", run);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
