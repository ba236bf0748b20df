// SPDX-License-Identifier: MIT
/*
 * The fuzzer's own files, in a program that closes all descriptors: the watcher, another
 * process, has them open. They are no files of a directory, so nothing remains of them.
 */
#include <err.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

unsigned char *file_view;

static char paths[FILES][48];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* As large as pagemap: it can be read wherever that could be. */
#define SPARSE_SIZE ((off_t)1 << 39)

static int create(enum file file, off_t size)
{
	int fd = memfd_create("fuzz-blocks", 0);

	if (fd < 0 || ftruncate(fd, size))
		err(2, "memfd_create");
	snprintf(paths[file], sizeof(paths[file]), "/proc/%d/fd/%d", (int)getpid(), fd);
	return fd;
}

void files_begin(void)
{
	unsigned char full[PAGE];
	int fd = create(FILE_PRIVATE, (off_t)FILE_PART);

	memset(full, 0xff, sizeof(full));
	for (size_t at = 0; at < FILE_PART; at += PAGE)
		if (pwrite(fd, full, PAGE, (off_t)at) != (ssize_t)PAGE)
			err(2, "write");
	create(FILE_SPARSE, SPARSE_SIZE);
	fd = create(FILE_SHARED, (off_t)(SLOTS * FILE_PART));
	file_view = mmap(NULL, SLOTS * FILE_PART, PROT_READ, MAP_SHARED, fd, 0);
	if (file_view == MAP_FAILED)
		err(2, "mmap");
}

void files_lock(void)
{
	pthread_mutex_lock(&lock);
}

void files_unlock(void)
{
	pthread_mutex_unlock(&lock);
}

void files_after_fork(void)
{
	pthread_mutex_init(&lock, NULL);
}

int file_open(enum file file)
{
	return open(paths[file], O_RDWR | O_CLOEXEC);
}

/* Numbers that somebody opened between two sweeps: they will be used again. */
#define USED 8
static int used[USED];
static size_t used_count;

static void find_used(int sparse, int most)
{
	struct stat mine, other;

	if (fstat(sparse, &mine))
		return;
	for (int fd = 3; fd < most; fd++)
		if (!fstat(fd, &other) &&
		    (other.st_ino != mine.st_ino || other.st_dev != mine.st_dev))
			used[used_count++ % USED] = fd;
}

/* Only these, many times: between any two calls of the others. */
static void replace_used(int sparse)
{
	for (size_t round = below(100); round && used_count; round--) {
		int fd = used[below(used_count < USED ? used_count : USED)];

		if (fd == sparse)
			continue;
		if (below(2))
			dup2(sparse, fd);
		else
			close(fd);
	}
}

/*
 * Whoever has kept the number of a descriptor of his own finds nothing there, or a file
 * that lets itself be read like many others, and holds zeroes.
 */
static void fill(int sparse, size_t most)
{
	size_t count = 0;

	switch (below(8)) {
	case 0: /* all but a few */
		for (count = most - 8 - below(16); count < most && count; count--)
			fcntl(sparse, F_DUPFD_CLOEXEC, 3);
		break;
	case 1: /* the lowest numbers */
		for (count = below(250); count; count--)
			fcntl(sparse, F_DUPFD_CLOEXEC, 3);
		break;
	case 2: /* some, anywhere */
		for (count = below(64); count; count--)
			dup2(sparse, 3 + (int)below(most));
		break;
	default:
		replace_used(sparse);
	}
}

void sweep(void)
{
	struct rlimit limit;
	int sparse, most;

	files_lock();
	sparse = file_open(FILE_SPARSE);
	if (sparse >= 0 && !getrlimit(RLIMIT_NOFILE, &limit)) {
		most = limit.rlim_cur < 1024 ? (int)limit.rlim_cur : 1024;
		if (!below(8)) {
			find_used(sparse, most);
			closefrom(3);
			sparse = file_open(FILE_SPARSE);
		}
		fill(sparse, (size_t)most);
		if (below(2))
			close(sparse);
	}
	files_unlock();
}
