// SPDX-License-Identifier: MIT
/*
 * To be preloaded before an allocator: counts calls and passes them on, as tools that
 * trace allocations do. Each is looked up when it is needed first.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned long calls;

void *malloc(size_t size)
{
	static void *(*next)(size_t);

	if (!next)
		next = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
	calls++;
	return next(size);
}

void *calloc(size_t count, size_t size)
{
	static void *(*next)(size_t, size_t);

	if (!next)
		next = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "calloc");
	calls++;
	return next(count, size);
}

void free(void *block)
{
	static void (*next)(void *);

	if (!next)
		next = (void (*)(void *))dlsym(RTLD_NEXT, "free");
	next(block);
}

static __attribute__((destructor)) void end(void)
{
	fprintf(stderr, "traced: %s\n", calls > 100 ? "many" : "few");
}
