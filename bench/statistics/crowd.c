// SPDX-License-Identifier: MIT
/*
 * Runs a command among as many processes as wanted, all but itself asleep:
 *
 *	crowd COUNT CPU COMMAND [ARGUMENT...]
 *
 * They live in a pid namespace, with a /proc that shows no others: the figures
 * do not depend on what else the machine runs, and the kernel ends them all
 * together with their first one, whatever ends this program. The first one and
 * the command are two of COUNT. All are pinned to CPU.
 */
#include <err.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define TOUCHED		(64 << 10)

static long number(const char *text, long min, const char *what)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (end == text || *end || value < min)
		errx(2, "'%s': %s is a number from %ld", text, what, min);
	return value;
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "pinning to CPU %d", cpu);
}

/* Closes ready when its memory is there. */
static void sleeper(int ready)
{
	void *memory = malloc(TOUCHED);

	if (!memory)
		_exit(1);
	memset(memory, 1, TOUCHED);
	/* The compiler must not drop what nobody reads. */
	__asm__ volatile("" : : "r"(memory) : "memory");
	close(ready);
	for (;;)
		pause();
}

static void populate(long count)
{
	int ready[2];
	char byte;

	if (pipe(ready))
		err(1, "pipe");
	for (long i = 0; i < count; i++) {
		pid_t pid = fork();

		if (pid < 0)
			err(1, "process %ld of %ld", i + 1, count);
		if (!pid)
			sleeper(ready[1]);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) < 0)
		err(1, "pipe");
	close(ready[0]);
}

static int status_of(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			err(1, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The first process of the namespace. */
static int first(long count, char **command)
{
	pid_t pid;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		err(1, "prctl");
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("proc", "/proc", "proc", 0, NULL))
		err(1, "mounting /proc");
	populate(count - 2);
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		execvp(*command, command);
		err(127, "%s", *command);
	}
	return status_of(pid);
}

int main(int argc, char **argv)
{
	int spaces = CLONE_NEWPID | CLONE_NEWNS;
	long count;
	pid_t pid;

	if (argc < 4)
		errx(2, "usage: crowd COUNT CPU COMMAND [ARGUMENT...]");
	count = number(argv[1], 2, "the count of processes");
	pin((int)number(argv[2], 0, "a CPU"));
	if (unshare(geteuid() ? spaces | CLONE_NEWUSER : spaces))
		err(1, "a pid namespace, for which it needs root or user namespaces");
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid)
		exit(first(count, argv + 3));
	return status_of(pid);
}
