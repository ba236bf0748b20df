// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* The only file that calls mmap(2). */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/prctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "internal.h"

/* Since Linux 5.17. */
#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d61
#define PR_SET_VMA_ANON_NAME 0
#endif

static int map(size_t size, void **address)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t whole = (size + page - 1) & ~(page - 1);
	void *region;

	if (!size)
		return -EINVAL;
	if (whole < size)
		return -ENOMEM;
	region = mmap(NULL, whole, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	/* With mlockall(2) in force mmap() may say EAGAIN; the system call does not. */
	if (region == MAP_FAILED)
		return errno == EAGAIN ? -ENOMEM : -errno;
	/* A kernel without names has a region without one. */
	prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, region, whole, "tamalloc");
	*address = region;
	return 0;
}

void *tamalloc_reserve(size_t size)
{
	struct backend backend = backend_choose();
	int before = errno;
	void *address;
	int err = -ENOSYS;

	if (backend.kind == TAMALLOC_SYSCALL)
		err = call_reserve(size, &address);
	/* 552 knows no EPERM: that is a filter's. */
	if (!backend.is_forced ? err == -ENOSYS || err == -EPERM
			       : backend.kind == TAMALLOC_PROC)
		err = map(size, &address);
	errno = err ? -err : before;
	return err ? NULL : address;
}

int tamalloc_release(void *address, size_t size)
{
	return munmap(address, size) ? -errno : 0;
}
