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
#include <time.h>
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

/* Numbers that somebody had opened since the last sweep: they will be used again. */
#define USED 16
static int used[USED];
static size_t used_count;

static void find_used(int sparse, int most)
{
	for (int fd = 3; fd < most; fd++)
		if (fd != sparse && fcntl(fd, F_GETFD) >= 0 && used_count < USED)
			used[used_count++] = fd;
}

/* Only these, many times: between any two calls of the others. */
static void replace_used(int sparse)
{
	for (size_t round = below(64); round && used_count; round--) {
		int fd = used[below(used_count)];

		if (fd != sparse && below(2))
			dup2(sparse, fd);
		else if (fd != sparse)
			close(fd);
	}
}

/*
 * Whoever has kept the number of a descriptor of his own finds nothing there, or a file
 * that lets itself be read like many others, and holds zeroes.
 */
void sweep(void)
{
	struct rlimit limit;
	int sparse, most, count;

	files_lock();
	closefrom(3);
	sparse = file_open(FILE_SPARSE);
	if (sparse >= 0 && !getrlimit(RLIMIT_NOFILE, &limit)) {
		most = limit.rlim_cur < 1024 ? (int)limit.rlim_cur : 1024;
		used_count = 0;
		/* So long that the others have opened something. */
		nanosleep(&(struct timespec){ .tv_nsec = (long)below(100000) }, NULL);
		find_used(sparse, most);
		replace_used(sparse);
		switch (below(4)) {
		case 0:
			break;
		case 1: /* some, anywhere */
			for (count = (int)below(64); count; count--)
				dup2(sparse, 3 + (int)below((size_t)most));
			break;
		case 2: /* the lowest numbers */
			for (count = (int)below(250); count; count--)
				fcntl(sparse, F_DUPFD_CLOEXEC, 3);
			break;
		default: /* all but a few */
			for (count = most - 8 - (int)below(16); count > 0; count--)
				fcntl(sparse, F_DUPFD_CLOEXEC, 3);
		}
	}
	files_unlock();
}
