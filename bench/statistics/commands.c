// SPDX-License-Identifier: MIT
/*
 * Times whole commands, from their start until they have ended, in turns:
 *
 *	commands ROUNDS COUNT COMMAND...
 *
 * Each COMMAND is one argument, split at its spaces. It must print at least
 * COUNT lines, which is looked at once; what it prints when it is timed goes to
 * /dev/null. Prints a line for each: the command, the median in microseconds
 * divided by COUNT, and how far its quartiles are from it.
 */
#include <err.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "median.h"

#define MAX_ARGUMENTS	16

extern char **environ;

static pid_t start(const char *command, int output)
{
	char *copy = strdup(command), *argv[MAX_ARGUMENTS + 1], *rest = copy;
	posix_spawn_file_actions_t actions;
	int argc = 0, error;
	pid_t pid;

	if (!copy)
		err(1, "strdup");
	while (argc < MAX_ARGUMENTS && (argv[argc] = strsep(&rest, " ")))
		argc++;
	argv[argc] = NULL;
	if (rest)
		errx(2, "'%s': at most %d words", command, MAX_ARGUMENTS);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	error = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	if (error)
		errx(1, "%s: %s", command, strerror(error));
	posix_spawn_file_actions_destroy(&actions);
	free(copy);
	return pid;
}

static void finish(const char *command, pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) < 0)
		err(1, "waitpid");
	if (status)
		errx(1, "%s: %s %d", command,
		     WIFEXITED(status) ? "exit status" : "signal",
		     WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

/* A command that shows too little is not quick, but wrong. */
static void check(const char *command, long count)
{
	char text[65536];
	long lines = 0;
	ssize_t length;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		err(1, "pipe");
	pid = start(command, ends[1]);
	close(ends[1]);
	while ((length = read(ends[0], text, sizeof(text))) > 0)
		for (ssize_t i = 0; i < length; i++)
			lines += text[i] == '\n';
	close(ends[0]);
	finish(command, pid);
	if (lines < count)
		errx(1, "%s: printed %ld lines, not %ld or more", command, lines, count);
}

int main(int argc, char **argv)
{
	long rounds = argc > 3 ? atol(argv[1]) : 0;
	long count = argc > 3 ? atol(argv[2]) : 0;
	int commands = argc - 3, null;
	double *times;

	if (rounds < 1 || count < 1)
		errx(2, "usage: commands ROUNDS COUNT COMMAND...");
	argv += 3;
	null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	times = calloc((size_t)(commands * rounds), sizeof(*times));
	if (null < 0 || !times)
		err(1, "preparing");
	for (int i = 0; i < commands; i++)
		check(argv[i], count);
	for (long round = 0; round < rounds; round++)
		for (int i = 0; i < commands; i++) {
			double begin = microseconds();

			finish(argv[i], start(argv[i], null));
			times[i * rounds + round] =
				(microseconds() - begin) / (double)count;
		}
	for (int i = 0; i < commands; i++)
		print_median(argv[i], times + i * rounds, (size_t)rounds);
	free(times);
	return 0;
}
