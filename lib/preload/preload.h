/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * What the files of the preloaded library use of each other. They do not call malloc(3)
 * and its relatives by name: these may be the program's own.
 */
#ifndef PRELOAD_PRELOAD_H
#define PRELOAD_PRELOAD_H

#include "next.h"

/* For the program; all else is hidden. */
#define PUBLIC __attribute__((visibility("default")))

/*
 * The next library has no memory: whether some is given back that was ours. It is asked
 * again then, and errno is as it was if that helps.
 */
bool preload_lends(void);

#define TWICE(call)								\
	({									\
		int errno_before = errno;					\
		void *first = call;						\
										\
		if (__builtin_expect(!first, 0) && preload_lends()) {		\
			first = call;						\
			if (first)						\
				errno = errno_before;				\
		}								\
		first;								\
	})

/* Ours; NULL: it should be the next library's. */
void *preload_large(size_t size, size_t alignment, bool zero);

/* What malloc(3), memalign(3) and free(3) do. */
void *preload_malloc(size_t size);
void *preload_memalign(size_t alignment, size_t size);
void preload_free(void *block);

/* A block of ours. */
void preload_free_large(void *block);

/* What realloc(3) does; what is not ours is of this family. */
void *preload_realloc(void *block, size_t size, const struct family *others);

#endif
