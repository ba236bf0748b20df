/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The functions of the next library, to which goes what is not ours. All of them are looked
 * up once, before the program has a second thread: a thread that would have to ask
 * the loader when it allocates could wait for one that loads a library and waits for it.
 */
#ifndef PRELOAD_NEXT_H
#define PRELOAD_NEXT_H

#include <malloc.h>
#include <stdio.h>

#include "../allocator/allocator.h"
#include "mappings.h"
#include "operators.h"

/* The C library has it since 2.33. */
#if __GLIBC_PREREQ(2, 33)
#define PRELOAD_MALLINFO2
#endif

/* Functions whose blocks are of one kind. */
struct family {
	void *(*malloc)(size_t size);
	void *(*calloc)(size_t count, size_t size);
	void *(*realloc)(void *block, size_t size);
	void *(*memalign)(size_t alignment, size_t size);
	void (*free)(void *block);
};

#define NEXT_NEW(symbol, alignment, can_throw, parameters, arguments) void *(*symbol)parameters;
#define NEXT_DELETE(symbol, parameters, arguments) void (*symbol)parameters;

struct next {
	/* Blocks of so many bytes are ours; 0: nothing has been looked up yet. */
	size_t threshold;
	/* The same of those of operator new; SIZE_MAX: delete has none of ours either. */
	size_t new_threshold;
	/* The program's operators are all this library's. */
	bool has_operators;
	/* The program's malloc(3) is not this library's: then nothing is ours. */
	bool is_bypassed;

	struct family own;	/* by the usual names */
	struct family libc;	/* by those that begin with __libc_ */
	size_t (*usable_size)(void *block);

	/* What is behind own where functions of ours stand in between: see early.h, next.c. */
	struct family behind;
	size_t (*usable_size_behind)(void *block);
	void (*probed_free)(void *block);

	/* What the program calls by these names. */
	void *(*program_malloc)(size_t size);
	void *(*program_aligned_alloc)(size_t alignment, size_t size);
	void (*program_free)(void *block);

	/* NULL where there is none. */
	void *(*aligned_alloc)(size_t alignment, size_t size);
	int (*posix_memalign)(void **block, size_t alignment, size_t size);
	void *(*valloc)(size_t size);
	void *(*pvalloc)(size_t size);
	void *(*reallocarray)(void *block, size_t count, size_t size);
	int (*mallopt)(int parameter, int value);
	int (*malloc_trim)(size_t pad);
	struct mallinfo (*mallinfo)(void);
#ifdef PRELOAD_MALLINFO2
	struct mallinfo2 (*mallinfo2)(void);
#endif
	int (*malloc_info)(int options, FILE *file);
	void (*malloc_stats)(void);
	struct mappings mappings;
	OPERATORS(NEXT_NEW, NEXT_DELETE)
} __attribute__((aligned(4096)));

/* A page of its own, which nobody can write to any more when all is looked up. */
extern struct next next;

/* At the first call of any function of this library. */
void next_look_up(void);

/* In the constructor: decides what could not be decided at the first call. */
void next_begin(void);

#endif
