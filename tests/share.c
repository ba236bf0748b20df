// SPDX-License-Identifier: MIT
/*
 * Two processes in one address space, until they are killed: says the pid of the
 * second one, which was started last. The first takes it along when it ends.
 */
#include <err.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "end-with.h"

static int sleep_beside(void *parent)
{
	end_with(*(pid_t *)parent);
	while (pause())
		;
	return 0;
}

int main(void)
{
	size_t size = 1 << 16;
	char *stack = malloc(size);
	pid_t self = getpid(), pid;

	if (!stack)
		err(1, "malloc");
	pid = clone(sleep_beside, stack + size, CLONE_VM | SIGCHLD, &self);
	if (pid < 0)
		err(1, "clone");
	printf("%d\n", pid);
	fflush(stdout);
	while (pause())
		;
	return 0;
}
