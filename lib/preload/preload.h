/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
#ifndef PRELOAD_PRELOAD_H
#define PRELOAD_PRELOAD_H

/* Blocks of so many bytes are the allocator's; 0: nothing has been looked up yet. */
extern size_t preload_threshold;

/* One of the allocator's; NULL: it should be the next library's. */
void *preload_large(size_t size, size_t alignment);

#endif
