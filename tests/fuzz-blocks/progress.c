// SPDX-License-Identifier: MIT
/* How far each thread and child is, and the first failure. */
#include <err.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

const char *const operation_names[OPERATIONS] = {
	[CHECKING] = "check", [ALLOCATING] = "malloc", [ZERO_ALLOCATING] = "calloc",
	[ALIGNING] = "memalign", [RESIZING] = "realloc", [FREEING] = "free",
	[FORKING] = "fork", [SIGNALLING] = "signal", [ADVISING] = "madvise",
	[PROTECTING] = "mprotect", [LOCKING] = "mlock", [MAPPING] = "mmap",
	[UNMAPPING] = "munmap", [MOVING] = "mremap", [REGISTERING] = "userfaultfd",
	[SWEEPING] = "descriptors", [FLUSHING] = "fflush", [LIMITING] = "limits",
	[FILLING_TABLE] = "table", [REFUSING] = "refuse",
};

struct progress *progress;
_Thread_local struct worker me;

void progress_begin(void)
{
	progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (progress == MAP_FAILED)
		err(2, "mmap");
}

struct beat *beat_take(const char *path)
{
	struct beat *found = progress->beats;

	while (atomic_exchange(&found->is_taken, true))
		if (++found == progress->beats + BEATS)
			fail("more than %d processes at once", BEATS);
	snprintf(found->path, sizeof(found->path), "%s", path);
	atomic_store(&found->operation, 0);
	atomic_store(&found->doing, CHECKING);
	return found;
}

void worker_begin(struct beat *beat, uint64_t seed)
{
	me = (struct worker){ .random = { seed ? seed : 1 }, .depth = me.depth, .beat = beat };
}

void worker_end(void)
{
	atomic_store(&me.beat->is_taken, false);
}

void doing(enum operation operation)
{
	atomic_store_explicit(&me.beat->doing, operation, memory_order_relaxed);
	atomic_store_explicit(&me.beat->operation, me.operation, memory_order_relaxed);
	atomic_fetch_add_explicit(&progress->done[operation], 1, memory_order_relaxed);
	beat();
}

void fail(const char *format, ...)
{
	char line[1024];
	va_list arguments;
	int length;

	if (atomic_exchange(&progress->is_failing, true))
		_exit(1);
	length = snprintf(line, sizeof(line), "fuzz-blocks: seed %lu, operation %s%lu (%s): ",
			  (unsigned long)options.seed, me.beat ? me.beat->path : "", me.operation,
			  me.beat ? operation_names[atomic_load(&me.beat->doing)] : "");
	va_start(arguments, format);
	length += vsnprintf(line + length, sizeof(line) - (size_t)length - 1, format, arguments);
	va_end(arguments);
	if (length > (int)sizeof(line) - 2)
		length = sizeof(line) - 2;
	line[length++] = '\n';
	if (write(STDERR_FILENO, line, (size_t)length) < 0)
		_exit(2);
	atomic_store(&progress->has_failed, true);
	_exit(1);
}

static void fault(int number, siginfo_t *info, void *context)
{
	(void)context;
	if (number == SIGABRT)
		fail("abort()");
	fail("signal %d at address %p%s", number, info->si_addr,
	     me.in_call ? ", in a call of the allocator" : ", in a block");
}

void catch_faults(void)
{
	static const int numbers[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
	struct sigaction action = { .sa_sigaction = fault, .sa_flags = SA_SIGINFO };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], &action, NULL);
}
