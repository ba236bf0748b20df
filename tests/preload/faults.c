// SPDX-License-Identifier: MIT
/*
 * A block whose first touches are the program's to answer, by userfaultfd(2): the thread that
 * answers allocates, and so must not wait for an answer itself. Prints "well"; also where
 * nobody may have a userfaultfd.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "need.h"

#define PAGE ((size_t)4096)
#define MIB  ((size_t)1 << 20)
#define SIZE (16 * MIB)

static int fd;
static char fresh[4096] __attribute__((aligned(4096)));

/* As somebody who unpacks what the page is to hold. */
static void *answer(void *unused)
{
	struct uffd_msg message;

	while (read(fd, &message, sizeof(message)) == (ssize_t)sizeof(message)) {
		char *buffer = malloc(4 * MIB);
		struct uffdio_copy copy = {
			.dst = message.arg.pagefault.address & ~(PAGE - 1),
			.src = (uintptr_t)fresh,
			.len = PAGE,
		};

		NEED(buffer);
		buffer[0] = 1;
		ioctl(fd, UFFDIO_COPY, &copy);
		free(buffer);
	}
	return unused;
}

int main(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	pthread_t thread;
	void *found;
	char *block;

	alarm(60);
	/* Blocks of this size are dense: huge pages are hoped for, and looked at later. */
	for (int i = 0; i < 4; i++) {
		block = malloc(SIZE);
		NEED(block);
		memset(block, 1, SIZE);
		free(block);
	}
	fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	if (fd < 0 || ioctl(fd, UFFDIO_API, &api)) {
		puts("well");
		return 0;
	}
	malloc_trim(0);
	NEED(!posix_memalign(&found, PAGE, SIZE));
	block = found;
	NEED(!madvise(block, SIZE, MADV_DONTNEED));
	range.range.start = (uintptr_t)block;
	range.range.len = SIZE;
	NEED(!ioctl(fd, UFFDIO_REGISTER, &range));
	memset(fresh, 7, PAGE);
	NEED(!pthread_create(&thread, NULL, answer, NULL));
	/* Here and there, as others do. */
	for (size_t i = 0; i < SIZE / PAGE; i++)
		NEED(((volatile char *)block)[i * 1237 % (SIZE / PAGE) * PAGE] == 7);
	puts("well");
	return 0;
}
