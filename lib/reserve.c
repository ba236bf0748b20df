// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* Reserves lazily zeroed memory: by system call 552, or as it does. */
#include <unistd.h>

#include "internal.h"

static int map(size_t size, void **address)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t whole = (size + page - 1) & ~(page - 1);
	int err;

	if (!size)
		return -EINVAL;
	if (whole < size)
		return -ENOMEM;
	err = mapping_new(whole, address);
	/* With mlockall(2) in force mmap(2) may say EAGAIN; the system call does not. */
	return err == -EAGAIN ? -ENOMEM : err;
}

int reserve_region(size_t size, void **address)
{
	struct backend backend = backend_choose();
	int before = errno, err = -ENOSYS;

	if (backend.kind == TAMALLOC_SYSCALL)
		err = call_reserve(size, address);
	/* 552 knows no EPERM: that is a filter's. */
	if (!backend.is_forced ? err == -ENOSYS || err == -EPERM
			       : backend.kind == TAMALLOC_PROC)
		err = map(size, address);
	errno = before;
	return err;
}

void *tamalloc_reserve(size_t size)
{
	void *address;
	int err = reserve_region(size, &address);

	if (!err)
		return address;
	errno = -err;
	return NULL;
}

int tamalloc_release(void *address, size_t size)
{
	return mapping_remove(address, size);
}
