// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * The only file that makes, changes and removes mappings. It asks the kernel by syscall(2):
 * the C library's names of these calls are the program's to define, and the preloaded
 * library defines them itself to notice what programs do to their blocks.
 */
#define _GNU_SOURCE
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"
#include "prctl.h"

/* In units that do not matter, for the offset is 0. */
#ifdef SYS_mmap2
#define CALL_MMAP SYS_mmap2
#else
#define CALL_MMAP SYS_mmap
#endif

#define LAZY (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)

/* Of a call that has set errno: the error, and errno as it was. */
static int finish(long result, int before)
{
	int err = result == -1 ? -errno : 0;

	errno = before;
	return err;
}

static int map(void *wanted, size_t size, int access, int flags, void **address)
{
	int before = errno;
	long result = syscall(CALL_MMAP, wanted, size, access, flags, -1, 0L);

	*address = (void *)result;
	return finish(result, before);
}

static void name(void *address, size_t size)
{
	int before = errno;

	if (!look_fully())
		return;
	/* A kernel without names has a region without one. */
	syscall(SYS_prctl, SET_VMA, SET_VMA_ANON_NAME, address, size, "tamalloc");
	errno = before;
}

int mapping_new(size_t size, void **address)
{
	int err = map(NULL, size, PROT_READ | PROT_WRITE, LAZY, address);

	if (!err)
		name(*address, size);
	return err;
}

int mapping_new_hidden(size_t size, void **address)
{
	int err = map(NULL, size, PROT_NONE, LAZY, address);

	if (!err)
		name(*address, size);
	return err;
}

int mapping_renew(void *address, size_t size)
{
	int err = map(address, size, PROT_READ | PROT_WRITE, LAZY | MAP_FIXED, &address);

	if (!err)
		name(address, size);
	return err;
}

int mapping_hide(void *address, size_t size)
{
	return map(address, size, PROT_NONE, LAZY | MAP_FIXED, &address);
}

/* A kernel before 4.17 takes the address for a wish. */
int mapping_fill(void *address, size_t size)
{
	void *found;
	int err = map(address, size, PROT_NONE, LAZY | MAP_FIXED_NOREPLACE, &found);

	if (!err && found != address) {
		mapping_remove(found, size);
		return -EEXIST;
	}
	return err;
}

int mapping_show(void *address, size_t size)
{
	int before = errno;

	return finish(syscall(SYS_mprotect, address, size, PROT_READ | PROT_WRITE), before);
}

int mapping_remove(void *address, size_t size)
{
	int before = errno;

	return finish(syscall(SYS_munmap, address, size), before);
}

int mapping_advise(void *address, size_t size, int advice)
{
	int before = errno;

	return finish(syscall(SYS_madvise, address, size, advice), before);
}

int mapping_lock_on_fault(void *address, size_t size)
{
	int before = errno;

	return finish(syscall(SYS_mlock2, address, size, MLOCK_ONFAULT), before);
}

int mapping_residency(void *address, size_t size, unsigned char *states)
{
	int before = errno;

	return finish(syscall(SYS_mincore, address, size, states), before);
}

/*
 * It grows: a range of several mappings is refused then, by every kernel, before
 * anything moves. One of the same size is not since Linux 6.17, and is moved in part where
 * that fails half-way.
 */
int mapping_move(void *to, size_t to_size, void *from, size_t size)
{
	int before = errno;

	if (to_size <= size)
		return -EINVAL;
	return finish(syscall(SYS_mremap, from, size, to_size, MREMAP_MAYMOVE | MREMAP_FIXED, to),
		      before);
}

/*
 * Asks to grow where it is, up to the program's first stack, which is in the way: ENOMEM.
 * But a range of several mappings is refused earlier, as EFAULT. The size must be one
 * that the kernel would allow elsewhere, for it looks at that first since Linux 6.17.
 */
bool mapping_is_one(void *address, size_t size)
{
	uintptr_t start = (uintptr_t)address, page = (uintptr_t)getauxval(AT_PAGESZ);
	uintptr_t stack = (uintptr_t)getauxval(AT_RANDOM) & ~(page - 1);
	int before = errno;

	if (stack <= start || stack - start < size)
		return false;
	return finish(syscall(SYS_mremap, address, size, stack - start + page, 0, NULL),
		      before) == -ENOMEM;
}
