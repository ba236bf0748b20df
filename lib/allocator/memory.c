// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* All that the allocator asks of the operating system about address space. */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "allocator.h"

/* Since Linux 5.7. */
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

static void release(uintptr_t address, size_t size)
{
	if (size)
		tamalloc_release((void *)address, size);
}

void *memory_reserve(size_t pages)
{
	size_t size = bytes_of(pages);
	int before = errno;
	uintptr_t address = (uintptr_t)tamalloc_reserve(size), aligned;

	/* The kernel has a way of placing large regions well already. */
	if (address & (CHUNK - 1)) {
		release(address, size);
		address = (uintptr_t)tamalloc_reserve(size + CHUNK);
		aligned = (address + CHUNK - 1) & ~(CHUNK - 1);
		if (address) {
			release(address, aligned - address);
			release(aligned + size, address + CHUNK - aligned);
			address = aligned;
		}
	}
	errno = before;
	return (void *)address;
}

int memory_release(size_t page, size_t pages)
{
	int before = errno, err = tamalloc_release(address_of(page), bytes_of(pages));

	errno = before;
	return err;
}

static int advise(size_t page, size_t pages, int advice)
{
	int before = errno;
	int err = madvise(address_of(page), bytes_of(pages), advice) ? -errno : 0;

	errno = before;
	return err;
}

int memory_drop(size_t page, size_t pages)
{
	/* -EINVAL: it is locked. */
	return advise(page, pages, MADV_DONTNEED);
}

int memory_advise_huge(size_t page, size_t pages, bool huge)
{
	return advise(page, pages, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
}

bool memory_is_movable(size_t page, size_t pages)
{
	int before = errno;
	/* To grow by more than there is fails, but otherwise if there are several. */
	void *grown = mremap(address_of(page), bytes_of(pages), (size_t)1 << ADDRESS_BITS, 0);
	bool is_movable = grown == MAP_FAILED && errno != EFAULT;

	errno = before;
	return is_movable;
}

int memory_move(size_t to, size_t from, size_t pages)
{
	int before = errno;
	void *moved = mremap(address_of(from), bytes_of(pages), bytes_of(pages),
			     MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, address_of(to));
	int err = moved == MAP_FAILED ? -errno : 0;

	errno = before;
	return err;
}

void *memory_for_records(size_t size)
{
	int before = errno;
	void *records = tamalloc_reserve(size);

	errno = before;
	/* Of the table of addresses little is touched, far apart. */
	if (records)
		memory_advise_huge(page_of(records), (size + PAGE - 1) >> PAGE_SHIFT, false);
	return records;
}

void *memory_wiped_by_fork(void)
{
	void *page = memory_for_records(PAGE);

	if (page && advise(page_of(page), 1, MADV_WIPEONFORK)) {
		memory_release(page_of(page), 1);
		return NULL;
	}
	return page;
}
