// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * malloc(3) and its relatives: large blocks are the allocator's, small ones those of
 * the next library that has these functions. Of a call for a small block nothing
 * remains to be done here but a comparison and a jump.
 */
#define _GNU_SOURCE
#include <dlfcn.h>

/* All that these declare is for others. */
#pragma GCC visibility push(default)
#include <malloc.h>
#include <stdlib.h>
#pragma GCC visibility pop

#include "../allocator/allocator.h"
#include "preload.h"
#include "report.h"

/*
 * What dlsym(3) asks for while we ask it. Never freed, and never much.
 */
static struct {
	_Alignas(16) char memory[16384];
	size_t used;
} early;

static bool is_early(const void *block)
{
	return (uintptr_t)block - (uintptr_t)early.memory < sizeof(early.memory);
}

static void *early_malloc(size_t size)
{
	/* The size stands before the block. */
	size_t room = (size + 31) & ~(size_t)15;
	char *block = early.memory + early.used + 16;

	if (size > sizeof(early.memory) || room > sizeof(early.memory) - early.used)
		return NULL;
	early.used += room;
	*((size_t *)block - 1) = size;
	return block;
}

static void *early_calloc(size_t count, size_t size)
{
	return early_malloc(count * size);
}

static void *early_realloc(void *block, size_t size)
{
	void *other = early_malloc(size);

	if (block && other)
		memcpy(other, block, *((size_t *)block - 1));
	return other;
}

static void *early_memalign(size_t alignment, size_t size)
{
	(void)alignment;
	return early_malloc(size);
}

static void early_free(void *block)
{
	(void)block;
}

static size_t early_usable_size(void *block)
{
	return *((size_t *)block - 1);
}

/* The next library's. */
static struct {
	void *(*malloc)(size_t size);
	void *(*calloc)(size_t count, size_t size);
	void *(*realloc)(void *block, size_t size);
	void *(*memalign)(size_t alignment, size_t size);
	void (*free)(void *block);
	size_t (*usable_size)(void *block);
} next = { early_malloc, early_calloc, early_realloc, early_memalign, early_free,
	   early_usable_size };

size_t preload_threshold;

/*
 * The C library gives memory back to the kernel above thresholds that it raises itself
 * when it sees large blocks freed. It sees none now; without this, programs that
 * use blocks a little below ours would fault the same memory in again and again.
 */
static void raise_thresholds(void)
{
	int (*set)(int, int) = (int (*)(int, int))dlsym(RTLD_NEXT, "mallopt");
	const char *tunables = secure_getenv("GLIBC_TUNABLES");

	/* Who has said what they are to be is right. */
	if (!set || settings.threshold > INT32_MAX / 8 ||
	    (tunables && strstr(tunables, "glibc.malloc.")) ||
	    secure_getenv("MALLOC_TRIM_THRESHOLD_") || secure_getenv("MALLOC_MMAP_THRESHOLD_"))
		return;
	set(M_MMAP_THRESHOLD, (int)settings.threshold);
	set(M_TRIM_THRESHOLD, (int)settings.threshold * 8);
}

/* Where early blocks exist, and so only where dlsym(3) needed any: the next functions,
 * but for those. */
static __typeof__(next) later;

static void *later_realloc(void *block, size_t size)
{
	void *other;

	if (!is_early(block))
		return later.realloc(block, size);
	other = later.malloc(size);
	if (other)
		memcpy(other, block, size < early_usable_size(block) ? size : early_usable_size(block));
	return other;
}

static void later_free(void *block)
{
	if (!is_early(block))
		later.free(block);
}

static size_t later_usable_size(void *block)
{
	return is_early(block) ? early_usable_size(block) : later.usable_size(block);
}

static __attribute__((cold)) void look_up(void)
{
	static bool is_looking;
	__typeof__(next) found;

	if (is_looking)
		return;
	is_looking = true;
	found.malloc = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
	found.calloc = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "calloc");
	found.realloc = (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc");
	found.memalign = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "memalign");
	found.free = (void (*)(void *))dlsym(RTLD_NEXT, "free");
	found.usable_size = (size_t (*)(void *))dlsym(RTLD_NEXT, "malloc_usable_size");
	if (!found.memalign)
		found.memalign = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "aligned_alloc");
	next = found;
	if (early.used) {
		later = found;
		next.realloc = later_realloc;
		next.free = later_free;
		next.usable_size = later_usable_size;
	}
	fork_begin();
	settings_read();
	raise_thresholds();
	__atomic_store_n(&preload_threshold, settings.threshold, __ATOMIC_RELEASE);
}

/* The loader runs it before other threads can be. */
static __attribute__((constructor)) void begin(void)
{
	if (!preload_threshold)
		look_up();
	report_begin();
}

/*
 * Whether the allocator is not asked. While nothing has been looked up no size is below
 * the threshold.
 */
static inline bool is_small(size_t size)
{
	return __builtin_expect(size < preload_threshold, 1);
}

static __attribute__((noinline)) bool is_small_after_all(size_t size)
{
	if (!preload_threshold)
		look_up();
	return size < preload_threshold || !preload_threshold;
}

void *preload_large(size_t size, size_t alignment)
{
	return is_small_after_all(size) ? NULL : heap_allocate(size, alignment, false);
}

/* What the allocator cannot give the next may have yet. */
static __attribute__((noinline)) void *large_malloc(size_t size)
{
	void *block;

	if (is_small_after_all(size))
		return next.malloc(size);
	block = heap_allocate(size, 1, false);
	return block ? block : next.malloc(size);
}

void *malloc(size_t size)
{
	if (is_small(size))
		return next.malloc(size);
	return large_malloc(size);
}

static __attribute__((noinline)) void *large_calloc(size_t count, size_t size)
{
	size_t whole;
	void *block;

	if (__builtin_mul_overflow(count, size, &whole)) {
		errno = ENOMEM;
		return NULL;
	}
	if (is_small_after_all(whole))
		return next.calloc(count, size);
	block = heap_allocate(whole, 1, true);
	return block ? block : next.calloc(count, size);
}

void *calloc(size_t count, size_t size)
{
	size_t whole;

	if (!__builtin_mul_overflow(count, size, &whole) && is_small(whole))
		return next.calloc(count, size);
	return large_calloc(count, size);
}

static __attribute__((noinline)) void large_free(void *block)
{
	int before = errno;

	heap_free(block, "free");
	errno = before;
}

void free(void *block)
{
	if (__builtin_expect(map_owns(block), 0))
		large_free(block);
	else
		next.free(block);
}

static __attribute__((noinline)) void *change(void *block, size_t size)
{
	size_t before;
	void *other;

	if (map_owns(block)) {
		before = heap_size(block, "realloc");
		if (!is_small_after_all(size)) {
			other = heap_reallocate(block, size, false, "realloc");
			if (other)
				return other;
		}
	} else {
		if (is_small_after_all(size))
			return next.realloc(block, size);
		before = next.usable_size(block);
	}
	other = malloc(size);
	if (!other)
		return NULL;
	memcpy(other, block, before < size ? before : size);
	free(block);
	return other;
}

void *realloc(void *block, size_t size)
{
	if (!block)
		return malloc(size);
	if (is_small(size) && !map_owns(block))
		return next.realloc(block, size);
	/* As the C library does. */
	if (!size) {
		free(block);
		return NULL;
	}
	return change(block, size);
}

void *reallocarray(void *block, size_t count, size_t size)
{
	size_t whole;

	if (__builtin_mul_overflow(count, size, &whole)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(block, whole);
}

static void *aligned(size_t alignment, size_t size)
{
	void *block;

	if (is_small_after_all(size))
		return next.memalign(alignment, size);
	block = heap_allocate(size, alignment, false);
	return block ? block : next.memalign(alignment, size);
}

static bool is_power(size_t value)
{
	return value && !(value & (value - 1));
}

void *memalign(size_t alignment, size_t size)
{
	/* What the C library makes of other numbers is its own affair. */
	if (!is_power(alignment))
		return next.memalign(alignment, size);
	return aligned(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
	int before = errno;
	void *found;

	if (!is_power(alignment) || alignment % sizeof(void *))
		return EINVAL;
	found = aligned(alignment, size);
	errno = before;
	if (!found)
		return ENOMEM;
	*block = found;
	return 0;
}

void *valloc(size_t size)
{
	return aligned(PAGE, size);
}

void *pvalloc(size_t size)
{
	if (size > PTRDIFF_MAX) {
		errno = ENOMEM;
		return NULL;
	}
	return aligned(PAGE, bytes_of(pages_for(size)));
}

size_t malloc_usable_size(void *block)
{
	if (!block)
		return 0;
	if (map_owns(block))
		return heap_usable(block, "malloc_usable_size");
	return next.usable_size(block);
}
