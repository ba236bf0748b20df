// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* Address space and its pages, as the allocator counts them. */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "../advice.h"
#include "allocator.h"

static void release(uintptr_t address, size_t size)
{
	if (size)
		mapping_remove((void *)address, size);
}

static uintptr_t reserve(size_t size)
{
	void *address;

	return locked_reserve(size, &address) ? 0 : (uintptr_t)address;
}

void *memory_reserve(size_t pages)
{
	size_t size = bytes_of(pages);
	uintptr_t address = reserve(size), aligned;

	/* The kernel has a way of placing large regions well already. */
	if (address & (CHUNK - 1)) {
		release(address, size);
		address = reserve(size + CHUNK);
		aligned = (address + CHUNK - 1) & ~(CHUNK - 1);
		if (address) {
			release(address, aligned - address);
			release(aligned + size, address + CHUNK - aligned);
			address = aligned;
		}
	}
	return (void *)address;
}

int memory_release(size_t page, size_t pages)
{
	return mapping_remove(address_of(page), bytes_of(pages));
}

int memory_drop(size_t page, size_t pages)
{
	int err = mapping_advise(address_of(page), bytes_of(pages), MADV_DONTNEED);

	/* Some of it is locked, and stays so. -EINVAL again: by a kernel that cannot do that. */
	if (err == -EINVAL)
		err = mapping_advise(address_of(page), bytes_of(pages), ADVICE_DONTNEED_LOCKED);
	return err;
}

int memory_advise_huge(size_t page, size_t pages, bool huge)
{
	return mapping_advise(address_of(page), bytes_of(pages),
			      huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
}

int memory_renew(size_t page, size_t pages)
{
	return locked_renew(address_of(page), bytes_of(pages));
}

int memory_hide(size_t page, size_t pages)
{
	return mapping_hide(address_of(page), bytes_of(pages));
}

/* By halves, until what is there is one mapping or nothing. */
void memory_fill(size_t page, size_t pages)
{
	size_t half = pages / 2;

	if (mapping_fill(address_of(page), bytes_of(pages)) != -EEXIST || !half ||
	    mapping_is_one(address_of(page), bytes_of(pages)))
		return;
	memory_fill(page, half);
	memory_fill(page + half, pages - half);
}

bool memory_is_movable(size_t page, size_t pages)
{
	return mapping_is_one(address_of(page), bytes_of(pages));
}

int memory_move(size_t to, size_t to_pages, size_t from, size_t pages)
{
	return mapping_move(address_of(to), bytes_of(to_pages), address_of(from),
			    bytes_of(pages));
}

void *memory_for_records(size_t size)
{
	uintptr_t around = reserve(size + 2 * PAGE);
	void *records = around ? (void *)(around + PAGE) : NULL;
	size_t pages = (size + PAGE - 1) >> PAGE_SHIFT;

	if (!records)
		return NULL;
	/* Not one mapping with blocks: what a program does to all of that is not for records. */
	release(around, PAGE);
	release(around + PAGE + bytes_of(pages), PAGE);
	/* Of the table of addresses little is touched, far apart. */
	memory_advise_huge(page_of(records), pages, false);
	return records;
}

void *memory_wiped_by_fork(void)
{
	void *page = memory_for_records(PAGE);

	if (page && mapping_advise(page, PAGE, MADV_WIPEONFORK)) {
		memory_release(page_of(page), 1);
		return NULL;
	}
	return page;
}
