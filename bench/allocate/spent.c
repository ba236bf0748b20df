// SPDX-License-Identifier: MIT
/*
 * What a program took from its start to its end:
 *
 *	spent OUTPUT COMMAND [ARGUMENT...]
 *
 * OUTPUT: a file for its standard output. Prints one line, separated by tabs:
 * nanoseconds of processor time, page faults, "-", "-", the most KiB that were
 * resident, 1. A program that fails is an error.
 */
#include <err.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static double nanoseconds(struct timeval time)
{
	return 1e9 * (double)time.tv_sec + 1e3 * (double)time.tv_usec;
}

int main(int argc, char **argv)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	int error, status;
	pid_t pid;

	if (argc < 3)
		errx(2, "usage: spent OUTPUT COMMAND [ARGUMENT...]");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, argv[1],
					 O_WRONLY | O_CREAT | O_TRUNC, 0666);
	error = posix_spawnp(&pid, argv[2], &actions, NULL, argv + 2, environ);
	if (error)
		errx(1, "%s: %s", argv[2], strerror(error));
	if (wait4(pid, &status, 0, &usage) < 0)
		err(1, "wait4");
	if (status)
		errx(1, "%s: %s %d", argv[2],
		     WIFEXITED(status) ? "exit status" : "signal",
		     WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	printf("%.0f\t%ld\t-\t-\t%ld\t1\n",
	       nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime),
	       usage.ru_minflt + usage.ru_majflt, usage.ru_maxrss);
	return 0;
}
