// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* The system calls that change mappings, for when the next library's functions are not known. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mappings.h"

void *call_mmap(void *address, size_t size, int access, int flags, int fd, off_t offset)
{
	return (void *)syscall(SYS_mmap, address, size, access, flags, fd, offset);
}

int call_munmap(void *address, size_t size)
{
	return (int)syscall(SYS_munmap, address, size);
}

void *call_mremap(void *from, size_t before, size_t size, int flags, ...)
{
	va_list list;
	void *to;

	va_start(list, flags);
	to = va_arg(list, void *);
	va_end(list);
	return (void *)syscall(SYS_mremap, from, before, size, flags, to);
}

int call_mprotect(void *address, size_t size, int access)
{
	return (int)syscall(SYS_mprotect, address, size, access);
}

int call_pkey_mprotect(void *address, size_t size, int access, int key)
{
	return (int)syscall(SYS_pkey_mprotect, address, size, access, key);
}

int call_madvise(void *address, size_t size, int advice)
{
	return (int)syscall(SYS_madvise, address, size, advice);
}

int call_mlock(const void *address, size_t size)
{
	return (int)syscall(SYS_mlock, address, size);
}

int call_mlock2(const void *address, size_t size, unsigned int flags)
{
	return (int)syscall(SYS_mlock2, address, size, flags);
}

int call_remap_file_pages(void *address, size_t size, int access, size_t offset, int flags)
{
	return (int)syscall(SYS_remap_file_pages, address, size, access, offset, flags);
}

void *call_shmat(int id, const void *address, int flags)
{
	return (void *)syscall(SYS_shmat, id, address, flags);
}

int call_ioctl(int fd, unsigned long request, ...)
{
	va_list list;
	void *argument;

	va_start(list, request);
	argument = va_arg(list, void *);
	va_end(list);
	return (int)syscall(SYS_ioctl, fd, request, argument);
}
