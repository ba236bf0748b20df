// SPDX-License-Identifier: MIT
/*
 * A signal every few milliseconds, whose handler forks. The child allocates where POSIX
 * lets it: in a program with one thread that was not in the midst of a call.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

#define MICROSECONDS 3000
#define BLOCKS	     3

static _Thread_local bool has_signals;

static void set_mask(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	pthread_sigmask(how, &set, NULL);
}

void signals_hold(void)
{
	if (has_signals)
		set_mask(SIG_BLOCK);
}

void signals_go_on(void)
{
	if (!options.has[SIGNAL])
		return;
	/* The thread that calls it first is the one. */
	if (!strncmp(me.beat->path, "0:", 2) && !me.depth)
		has_signals = true;
	if (has_signals)
		set_mask(SIG_UNBLOCK);
}

static bool is_zero(const unsigned char *block, size_t size)
{
	return !*block && !memcmp(block, block + 1, size - 1);
}

/* Nothing of what it interrupted is touched, nor its numbers. */
static _Noreturn void be_child(bool allocates)
{
	unsigned int state = (unsigned int)getpid();

	for (int i = 0; allocates && i < BLOCKS; i++) {
		size_t size = LARGE + (size_t)rand_r(&state) % (2 * MIB);
		unsigned char *block = calloc(1, size);

		if (!block || !is_zero(block, size))
			fail("in the child of a signal's handler: a block of %zu bytes is not zero",
			     size);
		memset(block, 1, size);
		if (i < BLOCKS - 1)
			free(block);
	}
	_exit(0);
}

static long now_microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* So long after the last one as that took, at least: a slow machine would do nothing else. */
static void set_timer(long more)
{
	struct itimerval timer = { .it_value = { more / 1000000, more % 1000000 } };

	timer.it_value.tv_usec += MICROSECONDS;
	if (timer.it_value.tv_usec >= 1000000)
		timer.it_value.tv_usec = 999999;
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void handle(int number)
{
	long start = now_microseconds();
	int error = errno, status;
	bool allocates = !me.in_call && options.threads == 1;
	pid_t pid;

	(void)number;
	atomic_fetch_add(&progress->done[SIGNALLING], 1);
	/* In a program with threads fork() waits for the C library's own locks. */
	pid = options.threads == 1 ? fork() : _Fork();
	if (!pid)
		be_child(allocates);
	if (pid > 0) {
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		if (status)
			fail("the child of a signal's handler ended with status %#x",
			     (unsigned int)status);
	}
	beat();
	set_timer(2 * (now_microseconds() - start));
	errno = error;
}

void signals_begin(void)
{
	struct sigaction action = { .sa_handler = handle, .sa_flags = SA_RESTART };

	set_mask(SIG_BLOCK);
	if (!options.has[SIGNAL])
		return;
	sigaction(SIGALRM, &action, NULL);
	set_timer(0);
}
