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
#include <sys/prctl.h>
#include <unistd.h>

static int end_with_parent(void *unused)
{
	(void)unused;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (pause())
		;
	return 0;
}

int main(void)
{
	size_t size = 1 << 16;
	char *stack = malloc(size);
	pid_t pid;

	if (!stack)
		err(1, "malloc");
	pid = clone(end_with_parent, stack + size, CLONE_VM | SIGCHLD, NULL);
	if (pid < 0)
		err(1, "clone");
	printf("%d\n", pid);
	fflush(stdout);
	while (pause())
		;
	return 0;
}
