// SPDX-License-Identifier: MIT
/*
 * Runs a command on a terminal of its own and types at it:
 *
 *	pty ROWS COLUMNS [WAIT KEYS]... -- COMMAND [ARGUMENT...]
 *
 * For each pair, waits until the text WAIT has come out (after the place where
 * the one before was found), then types KEYS; ^C in KEYS is Ctrl+C, and so on.
 * Everything that comes out is copied to stdout, control codes and all; keys are
 * not echoed. When the command is stopped (Ctrl+Z) it is continued at once.
 *
 * The exit status is the command's, 128 + the number of the signal that killed
 * it, 124 when it has not ended after a minute, 125 for an error of pty itself.
 */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define TIMEOUT_SECONDS 60

enum { EXIT_TIMEOUT = 124, EXIT_BROKEN = 125 };

static struct {
	char bytes[1 << 20];
	size_t length;
	size_t seen; /* up to here WAITs have been found */
} output;

static void type(int terminal, const char *keys)
{
	for (; *keys; keys++) {
		char key = *keys;

		if (key == '^' && keys[1])
			key = *++keys & 0x1f;
		if (write(terminal, &key, 1) != 1)
			err(EXIT_BROKEN, "typing");
	}
}

/* Whether more may come. */
static bool copy(int terminal)
{
	char *from = output.bytes + output.length;
	ssize_t length;

	length = read(terminal, from, sizeof(output.bytes) - output.length);
	if (length <= 0)
		return false; /* EIO: the last user of the terminal has gone */
	output.length += (size_t)length;
	if (output.length == sizeof(output.bytes))
		errx(EXIT_BROKEN, "more than a megabyte of output");
	if (fwrite(from, 1, (size_t)length, stdout) != (size_t)length)
		err(EXIT_BROKEN, "stdout");
	return true;
}

static bool found(const char *wait)
{
	const char *at = memmem(output.bytes + output.seen,
				output.length - output.seen, wait, strlen(wait));

	if (!at)
		return false;
	output.seen = (size_t)(at - output.bytes) + strlen(wait);
	return true;
}

static void keep_going(pid_t child)
{
	siginfo_t info = { 0 };

	/* Only looks for stops: how it ended is for the end. */
	if (!waitid(P_PID, (id_t)child, &info, WSTOPPED | WNOHANG) && info.si_pid)
		kill(child, SIGCONT);
}

/* Until the command has left its terminal; false when time is up. */
static bool converse(int terminal, pid_t child, char **script, char **script_end)
{
	time_t deadline = time(NULL) + TIMEOUT_SECONDS;
	struct pollfd ready = { .fd = terminal, .events = POLLIN };

	while (time(NULL) < deadline) {
		keep_going(child);
		if (poll(&ready, 1, 50) > 0 && !copy(terminal))
			return true;
		if (script < script_end && found(script[0])) {
			type(terminal, script[1]);
			script += 2;
		}
	}
	return false;
}

/* An echo would come out before or after what the key brings about. */
static void stop_echo(void)
{
	struct termios mode;

	if (tcgetattr(STDIN_FILENO, &mode))
		err(EXIT_BROKEN, "tcgetattr");
	mode.c_lflag &= ~(tcflag_t)ECHO;
	if (tcsetattr(STDIN_FILENO, TCSANOW, &mode))
		err(EXIT_BROKEN, "tcsetattr");
}

/* As at a login: what runs in the background of a script ignores Ctrl+C. */
static void heed_signals(void)
{
	for (int signo = 1; signo < NSIG; signo++)
		signal(signo, SIG_DFL);
}

static int finish(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) < 0)
		err(EXIT_BROKEN, "waitpid");
	if (fflush(stdout))
		err(EXIT_BROKEN, "stdout");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	struct winsize size = { 0 };
	char **dashes = argv + 3;
	int terminal;
	pid_t child;

	while (argc > 3 && *dashes && strcmp(*dashes, "--"))
		dashes += dashes[1] ? 2 : 1;
	if (argc < 5 || !*dashes || !dashes[1])
		errx(EXIT_BROKEN, "usage: pty ROWS COLUMNS [WAIT KEYS]... -- COMMAND...");
	size.ws_row = (unsigned short)atoi(argv[1]);
	size.ws_col = (unsigned short)atoi(argv[2]);

	child = forkpty(&terminal, NULL, NULL, &size);
	if (child < 0)
		err(EXIT_BROKEN, "forkpty");
	if (!child) {
		stop_echo();
		heed_signals();
		execvp(dashes[1], dashes + 1);
		err(127, "%s", dashes[1]);
	}
	if (!converse(terminal, child, argv + 3, dashes)) {
		kill(child, SIGKILL);
		finish(child);
		return EXIT_TIMEOUT;
	}
	return finish(child);
}
