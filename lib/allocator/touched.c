// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Which pages were touched, from /proc/thread-self/pagemap: by one ioctl(2) where the
 * kernel has PAGEMAP_SCAN (Linux 6.7), else by reading an entry for each page.
 * mincore(2) is of no use: it does not tell pages that are swapped out.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "allocator.h"

/* linux/fs.h has them since 6.7; Documentation/admin-guide/mm/pagemap.rst. */
#define IS_PRESENT  (1 << 3)
#define IS_SWAPPED  (1 << 4)
#define IS_PFNZERO  (1 << 5)

struct scanned {
	uint64_t start, end, categories;
};

struct scan {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};

#define PAGEMAP_SCAN_REQUEST _IOWR('f', 16, struct scan)

/*
 * More than 512 regions at once may come twice; few need a smaller buffer of the
 * kernel, and most blocks have one or two.
 */
#define REGIONS 64

#define ENTRY_PRESENT	((uint64_t)1 << 63)
#define ENTRY_SWAPPED	((uint64_t)1 << 62)
#define ENTRY_EXCLUSIVE ((uint64_t)1 << 56) /* mapped by this process only */

/* Where programs that expect the lowest numbers do not meet it. */
#define DESCRIPTOR_LEAST 200

#define CLOSED (-1)

static _Atomic int descriptor = CLOSED;
static _Atomic bool has_no_scan;
static _Atomic bool is_absent; /* there is no pagemap */

/*
 * Somebody may close the descriptor and open another file by this number. So ours has a
 * mark, where the kernel keeps a signal that no file like this ever sends.
 */
#define MARK SIGRTMAX

static bool is_ours(int fd)
{
	return fcntl(fd, F_GETSIG) == MARK;
}

static int open_pagemap(void)
{
	/* Not /proc/self: the first thread may have ended, and has no memory then. */
	int fd = open("/proc/thread-self/pagemap", O_RDONLY | O_CLOEXEC), high;
	int expected = CLOSED;

	if (fd < 0) {
		/* Too many open files may be so for a moment only. */
		if (errno != EMFILE && errno != ENFILE && errno != ENOMEM && errno != EINTR)
			atomic_store(&is_absent, true);
		return -1;
	}
	high = fcntl(fd, F_DUPFD_CLOEXEC, DESCRIPTOR_LEAST);
	if (high >= 0) {
		close(fd);
		fd = high;
	}
	/* A filter may refuse that; then it cannot be told from others. */
	if (fcntl(fd, F_SETSIG, MARK)) {
		close(fd);
		atomic_store(&is_absent, true);
		return -1;
	}
	/* Another thread may have been faster. */
	if (!atomic_compare_exchange_strong(&descriptor, &expected, fd)) {
		close(fd);
		fd = expected;
	}
	return fd;
}

/*
 * The descriptor is of the memory of the process that opened it: the parent's, in
 * the child of a fork. A word that the kernel wipes then tells, also of a fork that
 * the C library does not see; without that word, so do the pids.
 */
static _Atomic(_Atomic uint32_t *) mark_of_process;
static _Atomic pid_t opener;

static bool is_child(void)
{
	_Atomic uint32_t *mark = atomic_load_explicit(&mark_of_process, memory_order_acquire);

	return mark ? !atomic_load_explicit(mark, memory_order_acquire) : opener != getpid();
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void touched_after_fork(void)
{
	pthread_mutex_init(&lock, NULL);
}

static void begin_process(void)
{
	_Atomic uint32_t *mark = atomic_load(&mark_of_process);

	pthread_mutex_lock(&lock);
	if (is_child()) {
		int fd = atomic_exchange(&descriptor, CLOSED);

		if (fd != CLOSED && is_ours(fd))
			close(fd);
		atomic_store(&is_absent, false);
		atomic_store(&opener, getpid());
		if (!mark)
			mark = memory_wiped_by_fork();
		if (mark)
			atomic_store(mark, 1);
		atomic_store(&mark_of_process, mark);
	}
	pthread_mutex_unlock(&lock);
}

static int pagemap(void)
{
	int fd;

	if (is_child())
		begin_process();
	fd = atomic_load_explicit(&descriptor, memory_order_relaxed);
	if (fd != CLOSED)
		return fd;
	return atomic_load_explicit(&is_absent, memory_order_relaxed) ? -1 : open_pagemap();
}

/* It is not ours any more, and not ours to close. */
static void forget(int fd)
{
	atomic_compare_exchange_strong(&descriptor, &fd, CLOSED);
}

struct look {
	struct touched *touched;
	size_t first;
	bool marks, drops;
};

static void present(const struct look *look, size_t page, size_t pages)
{
	if (look->touched->prefix == page - look->first)
		look->touched->prefix += pages;
	look->touched->pages += pages;
	if (look->marks)
		dirty_set(page, pages);
}

static void swapped(const struct look *look, size_t page, size_t pages)
{
	/* Where it is wanted, or cannot be given back, it is dirty like any other. */
	if (look->marks && (!look->drops || memory_drop(page, pages)))
		present(look, page, pages);
	else
		look->touched->swapped += pages;
}

static int scan(int fd, const struct look *look, size_t page, size_t end)
{
	struct scanned regions[REGIONS] = { 0 }; /* valgrind does not know who fills it */
	struct scan request = {
		.size = sizeof(request),
		.vec = (uintptr_t)regions,
		.vec_len = REGIONS,
		/* A page that was only read shows zeroes that are the kernel's. */
		.category_inverted = IS_PFNZERO,
		.category_mask = IS_PFNZERO,
		.category_anyof_mask = IS_PRESENT | IS_SWAPPED,
		.return_mask = IS_PRESENT | IS_SWAPPED,
		.end = (uintptr_t)address_of(end),
	};

	while (page < end) {
		int count;

		request.start = (uintptr_t)address_of(page);
		count = ioctl(fd, PAGEMAP_SCAN_REQUEST, &request);
		if (count < 0)
			return -errno;
		for (int i = 0; i < count; i++) {
			size_t start = regions[i].start >> PAGE_SHIFT;
			size_t pages = (regions[i].end >> PAGE_SHIFT) - start;

			if (regions[i].categories & IS_SWAPPED)
				swapped(look, start, pages);
			else
				present(look, start, pages);
		}
		page = request.walk_end >> PAGE_SHIFT;
	}
	return 0;
}

#define ENTRY_STATE (ENTRY_PRESENT | ENTRY_SWAPPED | ENTRY_EXCLUSIVE)

/*
 * Here the kernel's zero page, of pages that were only read, looks like a page that is
 * shared with another process since a fork. What it holds tells.
 */
static void perhaps_shared(const struct look *look, size_t page, size_t pages)
{
	for (size_t end = page + pages; page < end; page++)
		if (!sample_is_zero(page))
			present(look, page, 1);
}

static void run_of_entries(const struct look *look, size_t page, size_t pages, uint64_t state)
{
	if (!(state & ENTRY_PRESENT) && state & ENTRY_SWAPPED)
		swapped(look, page, pages);
	else if (state & ENTRY_EXCLUSIVE)
		present(look, page, pages);
	else if (state & ENTRY_PRESENT)
		perhaps_shared(look, page, pages);
}

static int read_entries(int fd, const struct look *look, size_t page, size_t end)
{
	uint64_t entries[512];

	while (page < end) {
		size_t want = end - page < 512 ? end - page : 512, count;
		ssize_t got = pread(fd, entries, want * sizeof(entries[0]),
				    (off_t)(page * sizeof(entries[0])));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : -EIO;
		count = (size_t)got / sizeof(entries[0]);
		for (size_t i = 0, next; i < count; i = next) {
			uint64_t state = entries[i] & ENTRY_STATE;

			for (next = i + 1; next < count; next++)
				if ((entries[next] & ENTRY_STATE) != state)
					break;
			run_of_entries(look, page + i, next - i, state);
		}
		page += count;
	}
	return 0;
}

static int look_once(const struct look *look, size_t page, size_t end)
{
	int fd = pagemap(), err;

	if (fd < 0)
		return -ENOENT;
	if (!is_ours(fd)) {
		forget(fd);
		return -EAGAIN;
	}
	*look->touched = (struct touched){ 0 };
	if (!atomic_load_explicit(&has_no_scan, memory_order_relaxed)) {
		err = scan(fd, look, page, end);
		/* EPERM: a filter lets no such call pass. */
		if (err != -ENOTTY && err != -EINVAL && err != -EPERM)
			return err;
		atomic_store(&has_no_scan, true);
	}
	return read_entries(fd, look, page, end);
}

static int look_at(size_t page, size_t pages, struct touched *touched, bool marks, bool drops)
{
	const struct look look = {
		.touched = touched, .first = page, .marks = marks, .drops = drops,
	};
	int before = errno, state, err;

	/* A thread that is cancelled in open(2) would leave the block, or a lock, behind. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	err = look_once(&look, page, page + pages);
	if (err == -EAGAIN)
		err = look_once(&look, page, page + pages);
	pthread_setcancelstate(state, NULL);
	/* Half a look is none. */
	if (err && marks)
		dirty_clear(page, pages);
	errno = before;
	return err;
}

int touched_mark(size_t page, size_t pages, struct touched *touched)
{
	return look_at(page, pages, touched, true, true);
}

int touched_mark_live(size_t page, size_t pages, struct touched *touched)
{
	return look_at(page, pages, touched, true, false);
}

int touched_count(size_t page, size_t pages, struct touched *touched)
{
	return look_at(page, pages, touched, false, false);
}
