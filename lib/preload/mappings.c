// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * The calls that change mappings. A program may make them on a block that it has from
 * malloc(3); then the block's addresses must not come to another with what it did to them. So
 * the allocator is told, and what it does not own is not its affair. What the program asks of
 * the kernel by syscall(2) is not seen.
 */
#define _GNU_SOURCE
#include <linux/userfaultfd.h>
#include <stdarg.h>

#pragma GCC visibility push(default)
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/shm.h>
#pragma GCC visibility pop

#include "../advice.h"
#include "next.h"

/* What an advice leaves behind: CHANGE_*, 0 for what ends with the call. */
static uint8_t change_of(int advice)
{
	switch (advice) {
	case MADV_WILLNEED:
	case MADV_DONTNEED:
	case MADV_FREE:
	case MADV_REMOVE:
	case ADVICE_COLD:
	case MADV_PAGEOUT:
	case ADVICE_POPULATE_READ:
	case ADVICE_POPULATE_WRITE:
	case ADVICE_DONTNEED_LOCKED:
	case ADVICE_COLLAPSE:
		return 0;
	case MADV_HUGEPAGE:
	case MADV_NOHUGEPAGE:
		return CHANGE_HUGE;
	case MADV_DONTFORK:
		return CHANGE_MAPPING | CHANGE_ABSENT;
	default:
		return CHANGE_MAPPING;
	}
}

/* Whole pages that have these bytes; false: none is the allocator's. */
static bool is_owned(const void *address, size_t size, size_t *page, size_t *pages)
{
	uintptr_t end;

	if (!size || __builtin_add_overflow((uintptr_t)address, size - 1, &end))
		return false;
	*page = page_of(address);
	*pages = (end >> PAGE_SHIFT) - *page + 1;
	return map_owns_any(*page, *pages);
}

/* Also where the call failed, for it may have begun. */
static void note(const void *address, size_t size, uint8_t change)
{
	int before = errno;
	size_t page, pages;

	if (change && is_owned(address, size, &page, &pages)) {
		if (change & CHANGE_ABSENT)
			heap_expect_absent();
		heap_note_change(page, pages, change);
	}
	errno = before;
}

/*
 * Addresses in the allocator's memory where nothing is would come to others, whose blocks
 * would be taken for the allocator's.
 */
static void fill_hole(void *address, size_t size)
{
	int before = errno;
	size_t page, pages;

	if (is_owned(address, size, &page, &pages))
		call_mmap(address, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
			  MAP_FIXED_NOREPLACE, -1, 0);
	errno = before;
}

int madvise(void *address, size_t size, int advice)
{
	int result = next.mappings.madvise(address, size, advice);

	note(address, size, change_of(advice));
	return result;
}

int mprotect(void *address, size_t size, int access)
{
	int result = next.mappings.mprotect(address, size, access);

	note(address, size, CHANGE_MAPPING);
	return result;
}

int pkey_mprotect(void *address, size_t size, int access, int key)
{
	int result = next.mappings.pkey_mprotect(address, size, access, key);

	note(address, size, CHANGE_MAPPING);
	return result;
}

int mlock(const void *address, size_t size)
{
	int result = next.mappings.mlock(address, size);

	note(address, size, CHANGE_MAPPING);
	return result;
}

int mlock2(const void *address, size_t size, unsigned int flags)
{
	int result = next.mappings.mlock2(address, size, flags);

	note(address, size, CHANGE_MAPPING);
	return result;
}

void *mmap(void *address, size_t size, int access, int flags, int fd, off_t offset)
{
	void *result = next.mappings.mmap(address, size, access, flags, fd, offset);

	if (flags & MAP_FIXED)
		note(address, size, CHANGE_MAPPING);
	return result;
}

void *mmap64(void *address, size_t size, int access, int flags, int fd, off64_t offset)
{
	return mmap(address, size, access, flags, fd, offset);
}

int munmap(void *address, size_t size)
{
	size_t page, pages;
	int err;

	if (!is_owned(address, size, &page, &pages) || (uintptr_t)address & (PAGE - 1))
		return next.mappings.munmap(address, size);
	/* Nothing is there, and nobody else will be. */
	err = mapping_hide(address, bytes_of(pages));
	heap_note_change(page, pages, CHANGE_MAPPING);
	if (!err)
		return 0;
	errno = -err;
	return -1;
}

void *mremap(void *from, size_t before, size_t size, int flags, ...)
{
	void *to = NULL, *result;
	va_list list;

	va_start(list, flags);
	if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))
		to = va_arg(list, void *);
	va_end(list);
	result = next.mappings.mremap(from, before, size, flags, to);
	if (result == from && size < before)
		fill_hole((char *)from + size, before - size);
	else if (result != MAP_FAILED && result != from && !(flags & MREMAP_DONTUNMAP))
		fill_hole(from, before);
	note(from, before, CHANGE_MAPPING);
	if (flags & MREMAP_FIXED)
		note(to, size, CHANGE_MAPPING);
	return result;
}

int remap_file_pages(void *address, size_t size, int access, size_t offset, int flags)
{
	int result = next.mappings.remap_file_pages(address, size, access, offset, flags);

	note(address, size, CHANGE_MAPPING);
	return result;
}

void *shmat(int id, const void *address, int flags)
{
	void *result = next.mappings.shmat(id, address, flags);
	struct shmid_ds segment;

	if (flags & SHM_REMAP && result != (void *)-1 && !shmctl(id, IPC_STAT, &segment))
		note(result, segment.shm_segsz, CHANGE_MAPPING);
	return result;
}

/* Of all that it does only this: userfaultfd(2) gets the page faults of a range. */
int ioctl(int fd, unsigned long request, ...)
{
	const struct uffdio_register *registered;
	void *argument;
	va_list list;
	int result;

	va_start(list, request);
	argument = va_arg(list, void *);
	va_end(list);
	result = next.mappings.ioctl(fd, request, argument);
	registered = argument;
	if (__builtin_expect(request == UFFDIO_REGISTER, 0) && !result)
		note((void *)(uintptr_t)registered->range.start, registered->range.len,
		     CHANGE_MAPPING);
	return result;
}
