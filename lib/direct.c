// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * System calls that the allocator makes besides those about mappings, by syscall(2). It makes them
 * in the midst of malloc(3), and the C library's names of them are the program's to define: an
 * open(2) of its own may allocate, or wait for a lock. Nor is anything here a point at which
 * a thread is cancelled.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

#include "internal.h"

/* Of a call that has set errno: what it returned or the error, and errno as it was. */
static long finish(long result, int before)
{
	if (result == -1)
		result = -errno;
	errno = before;
	return result;
}

int direct_open(const char *path)
{
	int before = errno;

	return (int)finish(syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0), before);
}

void direct_close(int fd)
{
	int before = errno;

	finish(syscall(SYS_close, fd), before);
}

ssize_t direct_text(const char *path, char *text, size_t size)
{
	int before = errno, fd = direct_open(path);
	ssize_t length = fd;

	if (fd >= 0) {
		length = finish(syscall(SYS_read, fd, text, size - 1), before);
		direct_close(fd);
	}
	text[length > 0 ? length : 0] = 0;
	return length;
}

ssize_t direct_read_at(int fd, void *to, size_t size, off_t offset)
{
	int before = errno;

	return finish(syscall(SYS_pread64, fd, to, size, offset), before);
}

/*
 * The call that the loader makes for the same: a filter may let no other pass. The C library has
 * one for both since 2.33, but asks about descriptors as before again since 2.39.
 */
static unsigned long library_version(void)
{
#ifdef __GLIBC__
	return strtoul(gnu_get_libc_version() + strlen("2."), NULL, 10);
#else
	return 0;
#endif
}

int direct_status(int fd, struct stat *status)
{
	unsigned long version = library_version();
	int before = errno;
	long result;

	if (version >= 33 && version < 39)
		result = syscall(SYS_newfstatat, fd, "", status, AT_EMPTY_PATH);
	else
		result = syscall(SYS_fstat, fd, status);
	return (int)finish(result, before);
}

int direct_status_of(const char *path, struct stat *status)
{
	int before = errno;

#ifdef SYS_stat
	if (library_version() < 33)
		return (int)finish(syscall(SYS_stat, path, status), before);
#endif
	return (int)finish(syscall(SYS_newfstatat, AT_FDCWD, path, status, 0), before);
}

int direct_fcntl(int fd, int command, long argument)
{
	int before = errno;

	return (int)finish(syscall(SYS_fcntl, fd, command, argument), before);
}

int direct_ioctl(int fd, unsigned long request, void *argument)
{
	int before = errno;

	return (int)finish(syscall(SYS_ioctl, fd, request, argument), before);
}

int direct_limit(int resource, struct rlimit *limit)
{
	int before = errno;

	return (int)finish(syscall(SYS_prlimit64, 0, resource, NULL, limit), before);
}

ssize_t direct_random(void *bytes, size_t size, unsigned int flags)
{
	int before = errno;

	return finish(syscall(SYS_getrandom, bytes, size, flags), before);
}

pid_t direct_pid(void)
{
	return (pid_t)syscall(SYS_getpid);
}

ssize_t direct_copy(void *to, const void *from, size_t size)
{
	struct iovec here = { to, size }, there = { (void *)from, size };
	int before = errno;

	return finish(syscall(SYS_process_vm_readv, direct_pid(), &here, 1L, &there, 1L, 0L),
		      before);
}

int direct_has_filter(void)
{
	int before = errno;

	return (int)finish(syscall(SYS_prctl, PR_GET_SECCOMP, 0L, 0L, 0L, 0L), before);
}
