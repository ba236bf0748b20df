/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
#ifndef PRELOAD_EARLY_H
#define PRELOAD_EARLY_H

#include "next.h"

/* Before the next library's functions are known. */
#define EARLY_FAMILY { early_malloc, early_calloc, early_realloc, early_memalign, early_free }

void *early_malloc(size_t size);
void *early_calloc(size_t count, size_t size);
void *early_realloc(void *block, size_t size);
void *early_memalign(size_t alignment, size_t size);
void early_free(void *block);
size_t early_usable_size(void *block);

/* They are known now, and those of next pass everything on but for early blocks. */
void early_end(void);

#endif
