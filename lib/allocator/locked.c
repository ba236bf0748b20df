// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Programs that have locked all of their memory, mlockall(2). The kernel then brings all of
 * a new mapping in at once; but address space is had in larger pieces than blocks, and of
 * the allocator's tables little is ever used. So these are locked as they are touched. A
 * block that is handed out is in memory, as a mapping of its own would be.
 */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "../advice.h"
#include "allocator.h"

/* What is mapped is brought in at once; as far as is known. */
static _Atomic bool brings_in;

static bool is_in_memory(void *address)
{
	unsigned char state = 0;

	return !mapping_residency(address, PAGE, &state) && state & 1;
}

/* The first page has to read as zero anyway. */
static bool is_locked(void *address)
{
	return mapping_advise(address, PAGE, MADV_DONTNEED) == -EINVAL;
}

/* Fresh memory that nobody can read yet. */
static int open_lazily(void *address, size_t size)
{
	if (is_locked(address))
		mapping_lock_on_fault(address, size);
	else
		atomic_store_explicit(&brings_in, false, memory_order_relaxed);
	return mapping_show(address, size);
}

/* The first of its kind is there already, and it is seen by that. */
static void empty_locked(void *address, size_t size)
{
	if (!is_locked(address) || !look_fully() || !is_in_memory(address))
		return;
	atomic_store_explicit(&brings_in, true, memory_order_relaxed);
	mapping_lock_on_fault(address, size);
	memory_drop(page_of(address), size >> PAGE_SHIFT);
}

static bool hides_first(void)
{
	return atomic_load_explicit(&brings_in, memory_order_relaxed);
}

int locked_reserve(size_t size, void **address)
{
	int err;

	if (!hides_first()) {
		err = look_fully() ? reserve_region(size, address) : mapping_new(size, address);
		if (!err)
			empty_locked(*address, size);
		return err;
	}
	err = mapping_new_hidden(size, address);
	if (err)
		return err;
	err = open_lazily(*address, size);
	if (err)
		mapping_remove(*address, size);
	return err;
}

int locked_renew(void *address, size_t size)
{
	int err;

	if (!hides_first()) {
		err = mapping_renew(address, size);
		if (!err)
			empty_locked(address, size);
		return err;
	}
	err = mapping_hide(address, size);
	return err ? err : open_lazily(address, size);
}

void locked_bring_in(size_t page, size_t pages)
{
	/* It may not be locked any more: that cannot be advised where it is. */
	if (hides_first() && pages &&
	    mapping_advise(address_of(page), PAGE, ADVICE_COLD) == -EINVAL)
		mapping_advise(address_of(page), bytes_of(pages), ADVICE_POPULATE_WRITE);
}
