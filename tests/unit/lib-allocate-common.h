/* SPDX-License-Identifier: MIT */
/* What the tests of the allocator share. */
#ifndef LIB_ALLOCATE_COMMON_H
#define LIB_ALLOCATE_COMMON_H

#include <fcntl.h>
#include <time.h>

#include "../by-reading.h"
#include "lib-common.h"

#ifndef PAGE /* the allocator's own header has it, too */
#define PAGE   ((size_t)4096)
#endif
#define LARGE  ((size_t)256 << 10) /* from here on a block is the allocator's own */
#define MIB    ((size_t)1 << 20)

/* A detector of the compiler's has memory, mappings and limits of its own. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#else
#define IS_SANITIZED 0
#endif

struct random {
	uint64_t state;
};

/* xorshift64*, S. Vigna, 2016 */
static inline uint64_t next(struct random *random)
{
	random->state ^= random->state >> 12;
	random->state ^= random->state << 25;
	random->state ^= random->state >> 27;
	return random->state * 2685821657736338717;
}

static inline size_t below(struct random *random, size_t limit)
{
	return (size_t)(next(random) % limit);
}

static inline bool is_all(const unsigned char *bytes, size_t count, unsigned char value)
{
	return !count || (bytes[0] == value && !memcmp(bytes, bytes + 1, count - 1));
}

static inline bool is_zero(const void *block, size_t size)
{
	return is_all(block, size, 0);
}

static inline void touch(void *block, size_t page)
{
	((volatile unsigned char *)block)[page * PAGE + page % PAGE] = 0xa5;
}

static inline void sleep_milliseconds(long milliseconds)
{
	struct timespec time = { milliseconds / 1000, milliseconds % 1000 * 1000000 };

	while (nanosleep(&time, &time) && errno == EINTR)
		;
}

/* The n-th number of a file of /proc, counted from 0. No memory is asked for. */
static inline size_t read_number(const char *path, int n)
{
	char text[256];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	char *at = text;

	NEED(length > 0);
	close(fd);
	text[length] = 0;
	while (n--)
		strtoul(at, &at, 10);
	return strtoul(at, NULL, 10);
}

static inline size_t own_reserved(void)
{
	return read_number("/proc/self/statm", 0) * PAGE;
}

static inline size_t own_resident(void)
{
	return read_number("/proc/self/statm", 1) * PAGE;
}

static inline size_t own_mappings(void)
{
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	static char text[1 << 16];
	size_t lines = 0;
	ssize_t length;

	NEED(fd >= 0);
	while ((length = read(fd, text, sizeof(text))) > 0)
		for (ssize_t i = 0; i < length; i++)
			lines += text[i] == '\n';
	close(fd);
	return lines;
}

static inline size_t own_descriptors(void)
{
	size_t count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* How many pages of a block are in memory, as the kernel's page table says. */
static inline size_t resident_pages(const void *block, size_t size)
{
	int fd = open("/proc/thread-self/pagemap", O_RDONLY | O_CLOEXEC);
	size_t count = 0;

	NEED(fd >= 0);
	for (size_t page = 0; page < (size + PAGE - 1) / PAGE; page++) {
		uint64_t entry;

		NEED(pread(fd, &entry, sizeof(entry),
			   (off_t)(((uintptr_t)block / PAGE + page) * sizeof(entry))) ==
		     sizeof(entry));
		count += entry >> 63;
	}
	close(fd);
	return count;
}

static inline struct tamalloc_statistics statistics(void)
{
	struct tamalloc_statistics now;

	NEED(!tamalloc_statistics(&now, sizeof(now)));
	return now;
}

#endif /* LIB_ALLOCATE_COMMON_H */
