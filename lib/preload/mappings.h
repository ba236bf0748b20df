/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/* The next library's functions that change mappings. */
#ifndef PRELOAD_MAPPINGS_H
#define PRELOAD_MAPPINGS_H

#include <stddef.h>
#include <sys/types.h>

struct mappings {
	void *(*mmap)(void *address, size_t size, int access, int flags, int fd, off_t offset);
	int (*munmap)(void *address, size_t size);
	void *(*mremap)(void *from, size_t before, size_t size, int flags, ...);
	int (*mprotect)(void *address, size_t size, int access);
	int (*pkey_mprotect)(void *address, size_t size, int access, int key);
	int (*madvise)(void *address, size_t size, int advice);
	int (*mlock)(const void *address, size_t size);
	int (*mlock2)(const void *address, size_t size, unsigned int flags);
	int (*remap_file_pages)(void *address, size_t size, int access, size_t offset, int flags);
	void *(*shmat)(int id, const void *address, int flags);
	int (*ioctl)(int fd, unsigned long request, ...);
};

/* calls.c: the system calls, where no library has the function or none is known yet. */
void *call_mmap(void *address, size_t size, int access, int flags, int fd, off_t offset);
int call_munmap(void *address, size_t size);
void *call_mremap(void *from, size_t before, size_t size, int flags, ...);
int call_mprotect(void *address, size_t size, int access);
int call_pkey_mprotect(void *address, size_t size, int access, int key);
int call_madvise(void *address, size_t size, int advice);
int call_mlock(const void *address, size_t size);
int call_mlock2(const void *address, size_t size, unsigned int flags);
int call_remap_file_pages(void *address, size_t size, int access, size_t offset, int flags);
void *call_shmat(int id, const void *address, int flags);
int call_ioctl(int fd, unsigned long request, ...);

#define MAPPINGS_BY_CALL							\
	{									\
		call_mmap, call_munmap, call_mremap, \
		call_mprotect, call_pkey_mprotect, call_madvise, \
		call_mlock, call_mlock2, call_remap_file_pages, \
		call_shmat, call_ioctl \
	}

#endif
