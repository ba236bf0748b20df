/* SPDX-License-Identifier: MIT */
/*
 * What it commits to read memory that nobody has written to, on this kernel. Most map the
 * zero page, one for everybody; that of a virtual machine may have none.
 */
#ifndef BY_READING_H
#define BY_READING_H

#include <err.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#define ENTRY_EXCLUSIVE ((uint64_t)1 << 56) /* mapped by this process alone; not the zero page */

/* Bytes that a plain mapping of so many takes once each of its pages, of 4 KiB, was read. */
static inline size_t committed_by_reading(size_t size)
{
	volatile char *region = mmap(NULL, size, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	int fd = open("/proc/thread-self/pagemap", O_RDONLY | O_CLOEXEC);
	size_t committed = 0;

	if (region == MAP_FAILED || fd < 0)
		err(125, "what reading commits");
	for (size_t offset = 0; offset < size; offset += 4096) {
		uintptr_t page = ((uintptr_t)region + offset) / 4096;
		uint64_t entry;

		(void)region[offset];
		if (pread(fd, &entry, sizeof(entry), (off_t)(page * sizeof(entry))) !=
		    sizeof(entry))
			err(125, "what reading commits");
		committed += entry & ENTRY_EXCLUSIVE ? 4096 : 0;
	}
	close(fd);
	munmap((void *)region, size);
	return committed;
}

#endif
