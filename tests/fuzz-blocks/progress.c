// SPDX-License-Identifier: MIT
/* How far each thread and child is, and the first failure. */
#include <err.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

const char *const operation_names[OPERATIONS] = {
	[CHECKING] = "check", [ALLOCATING] = "malloc", [ZERO_ALLOCATING] = "calloc",
	[ALIGNING] = "memalign", [RESIZING] = "realloc", [FREEING] = "free",
	[FORKING] = "fork", [SIGNALLING] = "signal", [ADVISING] = "madvise",
	[PROTECTING] = "mprotect", [LOCKING] = "mlock", [MAPPING] = "mmap",
	[UNMAPPING] = "munmap", [MOVING] = "mremap", [REGISTERING] = "userfaultfd",
	[SWEEPING] = "descriptors", [FLUSHING] = "fflush", [LIMITING] = "limits", [FILLING_TABLE] = "table",
	[REFUSING] = "refuse",
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

void worker_begin(const char *path, uint64_t seed)
{
	int depth = me.depth;
	struct beat *found = NULL;

	for (int i = 0; i < BEATS && !found; i++)
		if (!atomic_exchange(&progress->beats[i].is_taken, true))
			found = &progress->beats[i];
	me = (struct worker){ .random = { seed | 1 }, .depth = depth, .beat = found };
	snprintf(me.path, sizeof(me.path), "%s", path);
	if (!found)
		fail("more than %d processes at once", BEATS);
	memcpy(found->path, me.path, sizeof(me.path));
	atomic_store(&found->operation, 0);
	atomic_store(&found->doing, CHECKING);
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

	if (atomic_exchange(&progress->has_failed, true))
		_exit(1);
	length = snprintf(line, sizeof(line), "fuzz-blocks: seed %lu, operation %s%lu (%s): ",
			  (unsigned long)options.seed, me.path, me.operation,
			  me.beat ? operation_names[atomic_load(&me.beat->doing)] : "");
	va_start(arguments, format);
	length += vsnprintf(line + length, sizeof(line) - (size_t)length - 1, format, arguments);
	va_end(arguments);
	if (length > (int)sizeof(line) - 2)
		length = sizeof(line) - 2;
	line[length++] = '\n';
	if (write(STDERR_FILENO, line, (size_t)length) < 0)
		_exit(2);
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
