// SPDX-License-Identifier: MIT
/*
 * A program with functions of its own by the names of system calls, as those have that keep account
 * of descriptors: whatever these do, they are not called in the midst of malloc(3). Prints
 * "well", or which was.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "need.h"

#define MIB ((size_t)1 << 20)

static volatile int is_allocating; /* the compiler knows what calloc(3) does not look at */

static void see(const char *name)
{
	if (!is_allocating)
		return;
	is_allocating = 0;
	printf("%s is called\n", name);
	fflush(stdout);
	_exit(1);
}

int open(const char *path, int flags, ...)
{
	va_list list;
	int mode;

	va_start(list, flags);
	mode = va_arg(list, int);
	va_end(list);
	see("open");
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int openat(int fd, const char *path, int flags, ...)
{
	va_list list;
	int mode;

	va_start(list, flags);
	mode = va_arg(list, int);
	va_end(list);
	see("openat");
	return (int)syscall(SYS_openat, fd, path, flags, mode);
}

int fcntl(int fd, int command, ...)
{
	va_list list;
	long argument;

	va_start(list, command);
	argument = va_arg(list, long);
	va_end(list);
	see("fcntl");
	return (int)syscall(SYS_fcntl, fd, command, argument);
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list list;
	void *argument;

	va_start(list, request);
	argument = va_arg(list, void *);
	va_end(list);
	see("ioctl");
	return (int)syscall(SYS_ioctl, fd, request, argument);
}

int prctl(int option, ...)
{
	unsigned long value[4];
	va_list list;

	va_start(list, option);
	for (int i = 0; i < 4; i++)
		value[i] = va_arg(list, unsigned long);
	va_end(list);
	see("prctl");
	return (int)syscall(SYS_prctl, option, value[0], value[1], value[2], value[3]);
}

int close(int fd)
{
	see("close");
	return (int)syscall(SYS_close, fd);
}

ssize_t read(int fd, void *to, size_t size)
{
	see("read");
	return syscall(SYS_read, fd, to, size);
}

ssize_t pread(int fd, void *to, size_t size, off_t offset)
{
	see("pread");
	return syscall(SYS_pread64, fd, to, size, offset);
}

int stat(const char *path, struct stat *status)
{
	see("stat");
	return (int)syscall(SYS_newfstatat, AT_FDCWD, path, status, 0);
}

int fstat(int fd, struct stat *status)
{
	see("fstat");
	return (int)syscall(SYS_fstat, fd, status);
}

int getrlimit(__rlimit_resource_t resource, struct rlimit *limit)
{
	see("getrlimit");
	return (int)syscall(SYS_prlimit64, 0, resource, NULL, limit);
}

ssize_t getrandom(void *to, size_t size, unsigned int flags)
{
	see("getrandom");
	return syscall(SYS_getrandom, to, size, flags);
}

pid_t getpid(void)
{
	see("getpid");
	return (pid_t)syscall(SYS_getpid);
}

ssize_t process_vm_readv(pid_t pid, const struct iovec *to, unsigned long to_count,
			 const struct iovec *from, unsigned long from_count, unsigned long flags)
{
	see("process_vm_readv");
	return syscall(SYS_process_vm_readv, pid, to, to_count, from, from_count, flags);
}

static void cycle(size_t size, size_t step)
{
	char *block, *small;

	is_allocating = 1;
	block = calloc(1, size);
	is_allocating = 0;
	NEED(block);
	for (size_t at = 0; at < size; at += step)
		block[at] = 1;
	is_allocating = 1;
	block = realloc(block, size + size / 2);
	small = malloc(100);
	free(small);
	free(block);
	is_allocating = 0;
}

int main(void)
{
	/* Dense ones, so that huge pages are asked for and looked at, and sparse ones. */
	for (int round = 0; round < 12; round++) {
		cycle(16 * MIB, 4096);
		cycle(300000, 4096);
		cycle(30 * MIB, 300000);
		usleep(20000);
	}
	puts("well");
	return 0;
}
