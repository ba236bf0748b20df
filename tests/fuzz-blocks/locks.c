// SPDX-License-Identifier: MIT
/*
 * What a fork waits for besides the allocator: a lock of the program that its handlers
 * take, and the C library's list of streams. Both are held by threads that allocate.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void before_fork(void)
{
	if (options.has[ATFORK] && !me.has_lock)
		pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
	if (options.has[ATFORK] && !me.has_lock)
		pthread_mutex_unlock(&lock);
}

static void in_child(void)
{
	pthread_mutex_init(&lock, NULL);
	me.has_lock = false;
}

/* The first ones of all, before those of any library: so they run last. */
static void begin(void)
{
	pthread_atfork(before_fork, after_fork, in_child);
}

static void (*const first)(void) __attribute__((section(".preinit_array"), used)) = begin;

void locks_hold(void)
{
	pthread_mutex_lock(&lock);
	me.has_lock = true;
}

void locks_release(void)
{
	/* Not in a child that was forked meanwhile. */
	if (me.has_lock)
		pthread_mutex_unlock(&lock);
	me.has_lock = false;
}

static FILE *stream;

static ssize_t write_nothing(void *cookie, const char *text, size_t size)
{
	(void)cookie;
	(void)text;
	free(malloc(LARGE + size * KIB));
	return (ssize_t)size;
}

void streams_begin(void)
{
	if (!options.has[STREAM])
		return;
	stream = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = write_nothing });
	if (!stream)
		fail("fopencookie: errno %d", errno);
}

/* The C library has its list of streams locked meanwhile. */
void streams_flush(void)
{
	doing(FLUSHING);
	me.in_call = true;
	for (size_t i = below(1000); i; i--)
		putc('x', stream);
	fflush(NULL);
	me.in_call = false;
}
