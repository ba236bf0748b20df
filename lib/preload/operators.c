// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * C++'s operators new and delete. The C++ library's own call malloc(3) and free(3), but other
 * allocators bring operators along that do not: they would get all the large blocks, and
 * would take some of ours for theirs. So these take what is ours and pass on the rest,
 * and what there is no memory for, to those of the next library, which know how to throw.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <malloc.h>
#include <stdlib.h>

#include "../allocator/allocator.h"
#include "preload.h"

#define PUBLIC __attribute__((visibility("default")))

/* In an extension of a program in C the C++ library is not in the order of search. */
static void *look_up(const char *name)
{
	void *library, *found = dlsym(RTLD_NEXT, name);

	if (found)
		return found;
	library = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_NOLOAD);
	if (!library)
		return NULL;
	found = dlsym(library, name);
	dlclose(library);
	return found;
}

/* Which alignment, and whether the operator throws, say the parameters. */
#define NEW(symbol, alignment, can_throw, parameters, arguments)			\
	PUBLIC void *operator_##symbol parameters __asm__(#symbol);			\
	void *operator_##symbol parameters						\
	{										\
		static void *(*next)parameters;						\
		void *(*now)parameters = __atomic_load_n(&next, __ATOMIC_RELAXED);	\
		void *block = size < preload_threshold ? NULL :				\
							 preload_large(size, alignment); \
											\
		if (__builtin_expect(!!block, 0))					\
			return block;							\
		if (!now) {								\
			*(void **)&now = look_up(#symbol);				\
			__atomic_store_n(&next, now, __ATOMIC_RELAXED);			\
		}									\
		if (now)								\
			return now arguments;						\
		block = memalign(alignment, size);					\
		if (!block && (can_throw))						\
			abort();							\
		return block;								\
	}

#define DELETE(symbol, parameters, arguments)						\
	PUBLIC void operator_##symbol parameters __asm__(#symbol);			\
	void operator_##symbol parameters						\
	{										\
		static void (*next)parameters;						\
		void (*now)parameters = __atomic_load_n(&next, __ATOMIC_RELAXED);	\
											\
		if (map_owns(block)) {							\
			free(block);							\
			return;								\
		}									\
		if (!now) {								\
			*(void **)&now = look_up(#symbol);				\
			__atomic_store_n(&next, now, __ATOMIC_RELAXED);			\
		}									\
		if (now)								\
			now arguments;							\
		else									\
			free(block);							\
	}

NEW(_Znwm, 16, true, (size_t size), (size))
NEW(_Znam, 16, true, (size_t size), (size))
NEW(_ZnwmRKSt9nothrow_t, 16, false, (size_t size, const void *nothrow), (size, nothrow))
NEW(_ZnamRKSt9nothrow_t, 16, false, (size_t size, const void *nothrow), (size, nothrow))
NEW(_ZnwmSt11align_val_t, alignment, true, (size_t size, size_t alignment), (size, alignment))
NEW(_ZnamSt11align_val_t, alignment, true, (size_t size, size_t alignment), (size, alignment))
NEW(_ZnwmSt11align_val_tRKSt9nothrow_t, alignment, false,
    (size_t size, size_t alignment, const void *nothrow), (size, alignment, nothrow))
NEW(_ZnamSt11align_val_tRKSt9nothrow_t, alignment, false,
    (size_t size, size_t alignment, const void *nothrow), (size, alignment, nothrow))

DELETE(_ZdlPv, (void *block), (block))
DELETE(_ZdaPv, (void *block), (block))
DELETE(_ZdlPvm, (void *block, size_t size), (block, size))
DELETE(_ZdaPvm, (void *block, size_t size), (block, size))
DELETE(_ZdlPvRKSt9nothrow_t, (void *block, const void *nothrow), (block, nothrow))
DELETE(_ZdaPvRKSt9nothrow_t, (void *block, const void *nothrow), (block, nothrow))
DELETE(_ZdlPvSt11align_val_t, (void *block, size_t alignment), (block, alignment))
DELETE(_ZdaPvSt11align_val_t, (void *block, size_t alignment), (block, alignment))
DELETE(_ZdlPvmSt11align_val_t, (void *block, size_t size, size_t alignment),
       (block, size, alignment))
DELETE(_ZdaPvmSt11align_val_t, (void *block, size_t size, size_t alignment),
       (block, size, alignment))
DELETE(_ZdlPvSt11align_val_tRKSt9nothrow_t,
       (void *block, size_t alignment, const void *nothrow), (block, alignment, nothrow))
DELETE(_ZdaPvSt11align_val_tRKSt9nothrow_t,
       (void *block, size_t alignment, const void *nothrow), (block, alignment, nothrow))
