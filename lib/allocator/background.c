// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * A thread that gives cached memory back when the program makes no call for long. Where it is
 * asked for it sleeps until something is due, and without end when nothing is cached and
 * nothing happens. Where nothing is said it is only in a program that has threads, and
 * ends when nothing is cached.
 */
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "allocator.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake;
static atomic_bool is_running, is_asleep;

/* The C library has it since 2.32: whether there is no second thread, nor has been. */
extern char __libc_single_threaded __attribute__((weak));

/* It is not worth while to wake up more often. */
#define LEAST_MILLISECONDS 50
/* Address space; the C library puts there what each thread has. */
#define STACK ((size_t)256 << 10)

static void sleep_for(int milliseconds)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += milliseconds / 1000;
	until.tv_nsec += milliseconds % 1000 * 1000000L;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_cond_timedwait(&wake, &lock, &until);
}

static bool is_wanted(void)
{
	int asked = atomic_load_explicit(&settings.background, memory_order_relaxed);

	return asked < 0 ? &__libc_single_threaded && !__libc_single_threaded : asked;
}

/* Nothing is cached: true, unless somebody has freed since, who found it running. */
static bool ends(void)
{
	int due;

	atomic_store(&is_running, false);
	heap_lock();
	due = budget_next();
	heap_unlock();
	return due < 0 || atomic_exchange(&is_running, true);
}

static void *run(void *unused)
{
	while (atomic_load(&settings.background)) {
		int due;

		/* Before the look: who frees after it sees that nobody is awake. */
		atomic_store(&is_asleep, true);
		heap_lock();
		budget_decay();
		due = budget_next();
		heap_unlock();
		if (due < 0 && atomic_load(&settings.background) < 0) {
			if (ends())
				return unused;
			continue;
		}
		pthread_mutex_lock(&lock);
		if (due >= 0) {
			atomic_store(&is_asleep, false);
			sleep_for(due < LEAST_MILLISECONDS ? LEAST_MILLISECONDS : due);
		}
		while (atomic_load(&is_asleep))
			pthread_cond_wait(&wake, &lock);
		pthread_mutex_unlock(&lock);
	}
	atomic_store(&is_running, false);
	return unused;
}

/* Once: who frees may signal while another starts the thread anew. */
static void prepare(void)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

/* Signals are for the program's own threads. */
static void start(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	sigset_t all, before;
	pthread_attr_t detached;
	pthread_t thread;

	pthread_once(&once, prepare);
	if (atomic_exchange(&is_running, true))
		return;
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&detached, STACK);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	/* Where no thread can be had, later calls give back. */
	if (pthread_create(&thread, &detached, run, NULL))
		atomic_store(&is_running, false);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&detached);
}

void background_wake(void)
{
	int before = errno;

	if (!is_wanted() || !look_plainly())
		return;
	if (!atomic_load_explicit(&is_running, memory_order_acquire))
		start();
	if (atomic_load_explicit(&is_asleep, memory_order_relaxed) &&
	    atomic_exchange(&is_asleep, false)) {
		pthread_mutex_lock(&lock);
		pthread_cond_signal(&wake);
		pthread_mutex_unlock(&lock);
	}
	errno = before;
}

void background_after_fork(void)
{
	pthread_mutex_init(&lock, NULL);
	prepare();
	atomic_store(&is_running, false);
	atomic_store(&is_asleep, false);
}
