// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"
#include "message.h"
#include "run.h"

void (*run_sigpipe)(int) = SIG_DFL;

static int fail_to_run(const char *command, int error)
{
	fail("run", "'%s': %s", command, strerror(error));
	return error == ENOENT ? RUN_NOT_FOUND : RUN_NOT_EXECUTABLE;
}

int run_become(char **command)
{
	signal(SIGPIPE, run_sigpipe);
	execvp(command[0], command);
	return fail_to_run(command[0], errno);
}

/*
 * Ctrl+C and Ctrl+\ reach the command too, and it decides what they mean: tam only
 * waits. What is sent to tam alone is meant for the command. A parent may have had
 * SIGCHLD ignored, and then no status is kept to wait for.
 */
static const struct {
	int number;
	enum { IGNORE, PASS_ON, KEEP_STATUS } purpose;
} signals[] = {
	{ SIGINT, IGNORE }, { SIGQUIT, IGNORE }, { SIGHUP, PASS_ON }, { SIGTERM, PASS_ON },
	{ SIGCHLD, KEEP_STATUS },
};

#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

/* To whom a signal is passed on; 0: it is too late. */
static volatile sig_atomic_t running;

static void pass_on(int signo, siginfo_t *info, void *context)
{
	int error = errno;

	(void)context;
	/* The kernel sends its own to all that a terminal has. */
	if (running && info->si_code <= 0)
		kill(running, signo);
	errno = error;
}

/* How it was before: for the command. */
struct before {
	struct sigaction actions[SIGNALS];
	sigset_t mask;
};

/* Signals wait until there is somebody to pass them on to. */
static void prepare(struct before *before)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < SIGNALS; i++)
		sigaddset(&set, signals[i].number);
	sigprocmask(SIG_BLOCK, &set, &before->mask);
	for (size_t i = 0; i < SIGNALS; i++) {
		struct sigaction action = { .sa_handler = SIG_IGN };

		if (signals[i].purpose == KEEP_STATUS)
			action.sa_handler = SIG_DFL;
		if (signals[i].purpose == PASS_ON) {
			action.sa_sigaction = pass_on;
			action.sa_flags = SA_SIGINFO | SA_RESTART;
		}
		sigaction(signals[i].number, NULL, &before->actions[i]);
		/* What is ignored is not to be passed on (nohup). */
		if (signals[i].purpose != PASS_ON ||
		    before->actions[i].sa_handler != SIG_IGN)
			sigaction(signals[i].number, &action, NULL);
	}
}

static void restore(const struct before *before)
{
	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(signals[i].number, &before->actions[i], NULL);
	signal(SIGPIPE, run_sigpipe);
	sigprocmask(SIG_SETMASK, &before->mask, NULL);
}

/* Says through the pipe why the command could not be started. */
static void become(char **command, int channel, const struct before *before)
{
	ssize_t written;
	int error;

	restore(before);
	execvp(command[0], command);
	error = errno;
	written = write(channel, &error, sizeof(error));
	(void)written; /* whoever would be told is gone */
	_exit(RUN_NOT_EXECUTABLE);
}

/* 0 when the command has been started, which closes the pipe; else an errno. */
static int start_error(int channel)
{
	int error = 0;
	ssize_t length;

	do
		length = read(channel, &error, sizeof(error));
	while (length < 0 && errno == EINTR);
	return length == sizeof(error) ? error : 0;
}

static int wait_for(pid_t pid)
{
	siginfo_t ended;
	int status = 0;

	/* As long as it has not been waited for, its pid is nobody else's. */
	while (waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOWAIT) && errno == EINTR)
		;
	running = 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int run_and_wait(char **command, struct run_end *end)
{
	struct before before;
	int channel[2];
	int error;

	if (pipe2(channel, O_CLOEXEC)) {
		fail("run", "pipe: %s", strerror(errno));
		return RUN_FAILED;
	}
	prepare(&before);
	end->pid = fork();
	error = errno;
	if (!end->pid)
		become(command, channel[1], &before);
	close(channel[1]);
	running = end->pid > 0 ? end->pid : 0;
	sigprocmask(SIG_SETMASK, &before.mask, NULL);
	if (end->pid < 0) {
		close(channel[0]);
		fail("run", "fork: %s", strerror(error));
		return RUN_FAILED;
	}
	error = start_error(channel[0]);
	close(channel[0]);
	end->status = wait_for(end->pid);
	return error ? fail_to_run(command[0], error) : 0;
}
