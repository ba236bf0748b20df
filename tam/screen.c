// SPDX-License-Identifier: MIT
#include "screen.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "message.h"
#include "output.h"

#define TAKE "\033[?1049h\033[?25l"
#define CLEAR "\033[H\033[2J"
#define GIVE_BACK "\033[?25h\033[?1049l"

static volatile sig_atomic_t taken;
/* What is on the screen has to be shown again. */
static volatile sig_atomic_t is_spoilt;

/* write(), not stdio: these are called from signal handlers. */
static void send(const char *codes, size_t length)
{
	ssize_t written = write(STDOUT_FILENO, codes, length);

	(void)written; /* nothing is left to do about a terminal that is gone */
}

static void take(void)
{
	send(TAKE, sizeof(TAKE) - 1);
}

static void give_back(void)
{
	if (!taken)
		return;
	/* Ctrl+S would hold this back, and the program with it. */
	tcflow(STDOUT_FILENO, TCOON);
	send(GIVE_BACK, sizeof(GIVE_BACK) - 1);
}

static void on_stop(int signo)
{
	(void)signo;
	give_back();
	_exit(EXIT_DONE);
}

/* Blocked while it is handled, it does its work on return. */
static void on_death(int signo)
{
	give_back();
	signal(signo, SIG_DFL);
	raise(signo);
}

static void on_suspend(int signo)
{
	struct sigaction stop = { .sa_handler = SIG_DFL }, before;
	int err = errno;
	sigset_t set;

	give_back();
	/* Not SIGSTOP, which also stops what no shell is there to continue. */
	sigaction(signo, &stop, &before);
	raise(signo);
	sigemptyset(&set);
	sigaddset(&set, signo);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(signo, &before, NULL);
	if (taken)
		take();
	is_spoilt = taken;
	errno = err;
}

static void on_resize(int signo)
{
	(void)signo;
	is_spoilt = taken;
}

static void handle(int signo, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };
	struct sigaction old;

	/* What the shell made us ignore stays ignored (nohup). */
	if (sigaction(signo, NULL, &old) || old.sa_handler == SIG_IGN)
		return;
	sigfillset(&action.sa_mask);
	sigaction(signo, &action, NULL);
}

void screen_begin(bool whole)
{
	handle(SIGINT, on_stop);
	handle(SIGTERM, on_stop);
	handle(SIGHUP, on_death);
	handle(SIGQUIT, on_death);
	handle(SIGTSTP, on_suspend);
	handle(SIGWINCH, on_resize);
	if (!whole)
		return;
	/* First, so that a signal in between gives back once too often. */
	taken = 1;
	take();
	atexit(screen_end);
}

void screen_clear(void)
{
	if (taken)
		fputs(CLEAR, stdout);
}

void screen_end(void)
{
	give_back();
	taken = 0;
}

void screen_sleep(double seconds)
{
	struct timespec left = {
		.tv_sec = (time_t)seconds,
		.tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9),
	};

	while (!is_spoilt && nanosleep(&left, &left) && errno == EINTR)
		;
	is_spoilt = 0;
}

int screen_show(int (*show)(const void *request), const void *request, double seconds)
{
	int status;

	/* A screen comes all at once. */
	setvbuf(stdout, NULL, _IOFBF, BUFSIZ);
	if (seconds > 0)
		screen_begin(output_is_styled());
	while (!(status = show(request)) && seconds > 0)
		screen_sleep(seconds);
	return status;
}
