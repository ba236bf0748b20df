// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* Looks up the next library's functions, and decides which blocks are ours. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "early.h"
#include "loaded.h"
#include "next.h"
#include "perturb.h"
#include "thresholds.h"

struct next next = {
	.own = EARLY_FAMILY,
	.libc = EARLY_FAMILY,
	.usable_size = early_usable_size,
	.mappings = MAPPINGS_BY_CALL,
};

/* Where it was put by the linker: the first byte of this library, and the one behind it. */
extern const char __ehdr_start[] __attribute__((visibility("hidden")));
extern const char _end[] __attribute__((visibility("hidden")));

static bool is_in_library(const void *function)
{
	return (uintptr_t)function - (uintptr_t)__ehdr_start <
	       (uintptr_t)_end - (uintptr_t)__ehdr_start;
}

/*
 * Each slot, which has room for a function, gets what is found by its name; a pointer to a
 * function is not to be written as one to an object.
 */
struct slot {
	const char *name;
	void *slot;
};

#define COUNT(slots) (sizeof(slots) / sizeof((slots)[0]))

static void fill(const struct slot *slots, size_t count, void *where, bool is_there)
{
	for (size_t i = 0; i < count; i++) {
		void *found = NULL;

		if (is_there || loaded_behind(slots[i].name))
			found = dlsym(where, slots[i].name);
		if (found)
			memcpy(slots[i].slot, &found, sizeof(found));
	}
}

static struct family found;
static size_t (*found_usable_size)(void *block);

/* What nobody can do without. All are taken over at once. */
static const struct slot first[] = {
	{ "malloc", &found.malloc },
	{ "calloc", &found.calloc },
	{ "realloc", &found.realloc },
	{ "free", &found.free },
	{ "malloc_usable_size", &found_usable_size },
	{ "memalign", &found.memalign },
};

static const struct slot others[] = {
	{ "__libc_malloc", &next.libc.malloc },
	{ "__libc_calloc", &next.libc.calloc },
	{ "__libc_realloc", &next.libc.realloc },
	{ "__libc_memalign", &next.libc.memalign },
	{ "__libc_free", &next.libc.free },
	{ "aligned_alloc", &next.aligned_alloc },
	{ "posix_memalign", &next.posix_memalign },
	{ "valloc", &next.valloc },
	{ "pvalloc", &next.pvalloc },
	{ "reallocarray", &next.reallocarray },
	{ "mallopt", &next.mallopt },
	{ "malloc_trim", &next.malloc_trim },
	{ "mallinfo", &next.mallinfo },
#ifdef PRELOAD_MALLINFO2
	{ "mallinfo2", &next.mallinfo2 },
#endif
	{ "malloc_info", &next.malloc_info },
	{ "malloc_stats", &next.malloc_stats },
};

static const struct slot mappings[] = {
	{ "mmap", &next.mappings.mmap },
	{ "munmap", &next.mappings.munmap },
	{ "mremap", &next.mappings.mremap },
	{ "mprotect", &next.mappings.mprotect },
	{ "pkey_mprotect", &next.mappings.pkey_mprotect },
	{ "madvise", &next.mappings.madvise },
	{ "mlock", &next.mappings.mlock },
	{ "mlock2", &next.mappings.mlock2 },
	{ "remap_file_pages", &next.mappings.remap_file_pages },
	{ "shmat", &next.mappings.shmat },
	{ "ioctl", &next.mappings.ioctl },
};

static const struct slot programs[] = {
	{ "malloc", &next.program_malloc },
	{ "aligned_alloc", &next.program_aligned_alloc },
	{ "free", &next.program_free },
};

#define SLOT_NEW(symbol, alignment, can_throw, parameters, arguments) { #symbol, &next.symbol },
#define SLOT_DELETE(symbol, parameters, arguments) { #symbol, &next.symbol },

static const struct slot operators[] = { OPERATORS(SLOT_NEW, SLOT_DELETE) };

/*
 * A program may have some of the operators itself, and the C++ library's forms of them call
 * these: new[] calls new. So ours must not take their place.
 */
static bool has_operators(void)
{
	if (!next._Znwm)
		return true;
	for (size_t i = 0; i < COUNT(operators); i++)
		if (!is_in_library(dlsym(RTLD_DEFAULT, operators[i].name)))
			return false;
	return true;
}

/* The kernel's call: it is nothing to whoever counts changes of mappings. */
static void seal(void)
{
	syscall(SYS_mprotect, &next, sizeof(next), 1 /* PROT_READ */);
}

static void set_thresholds(size_t threshold)
{
	__atomic_store_n(&next.new_threshold, next.has_operators ? threshold : SIZE_MAX,
			 __ATOMIC_RELAXED);
	__atomic_store_n(&next.threshold, threshold, __ATOMIC_RELEASE);
	budget_see_from(threshold);
}

/*
 * No error of dlsym(3) that the program has not looked at yet is lost: the text of one would
 * have been the first block.
 */
__attribute__((cold)) void next_look_up(void)
{
	static bool is_looking;
	int before = errno;

	if (is_looking)
		return;
	is_looking = true;
	fill(first, COUNT(first), RTLD_NEXT, true);
	next.behind = next.own = next.libc = found;
	next.usable_size_behind = next.usable_size = found_usable_size;
	memset(&found, 0, sizeof(found));
	found_usable_size = NULL;
	early_end();
	fill(others, COUNT(others), RTLD_NEXT, false);
	fill(mappings, COUNT(mappings), RTLD_NEXT, false);
	fill(programs, COUNT(programs), RTLD_DEFAULT, true);
	fill(operators, COUNT(operators), RTLD_NEXT, false);
	next.has_operators = has_operators();
	fork_begin();
	settings_read();
	settings.perturb = perturb_read();
	next.is_bypassed = !is_in_library((const void *)next.program_malloc) ||
			   !is_in_library((const void *)next.program_free);
	set_thresholds(next.is_bypassed ? SIZE_MAX : settings.threshold);
	if (!next.is_bypassed) {
		thresholds_raise();
		seal();
	}
	errno = before;
}

/*
 * Whether the program's functions, which are others, end in ours. Those of a library that
 * traces allocations do; those of a program that has an allocator do not, and to that
 * no block of ours must ever come.
 */
static struct {
	pthread_t thread;
	bool has_malloc, has_free;
} probe;

static void *probe_malloc(size_t size)
{
	if (pthread_equal(probe.thread, pthread_self()))
		probe.has_malloc = true;
	return next.behind.malloc(size);
}

static void probe_free(void *block)
{
	if (pthread_equal(probe.thread, pthread_self()))
		probe.has_free = true;
	next.probed_free(block);
}

static bool reaches_us(void)
{
	probe.thread = pthread_self();
	next.probed_free = next.own.free;
	__atomic_store_n(&next.own.malloc, probe_malloc, __ATOMIC_RELEASE);
	__atomic_store_n(&next.own.free, probe_free, __ATOMIC_RELEASE);
	next.program_free(next.program_malloc(sizeof(probe)));
	__atomic_store_n(&next.own.malloc, next.behind.malloc, __ATOMIC_RELEASE);
	__atomic_store_n(&next.own.free, next.probed_free, __ATOMIC_RELEASE);
	return probe.has_malloc && probe.has_free;
}

/* Not at the first call: that may come from such a function, which would be called again. */
void next_begin(void)
{
	if (!next.threshold)
		next_look_up();
	if (!next.is_bypassed)
		return;
	if (reaches_us()) {
		next.is_bypassed = false;
		thresholds_raise();
		set_thresholds(settings.threshold);
	}
	seal();
}
