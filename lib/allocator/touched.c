// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Which pages were touched, from /proc/thread-self/pagemap: by one ioctl(2) where the
 * kernel has PAGEMAP_SCAN (Linux 6.7), else by reading an entry for each page.
 * Where there is none, mincore(2) has to do.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
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

/* Where programs that expect the lowest numbers do not meet it, and the table stays small. */
#define DESCRIPTOR_MOST 255

/*
 * Somebody may close the descriptor and open another file by this number; and then this file
 * may be opened again by the same number. So a handle is of three parts: the descriptor plus
 * one, how many were opened before, and the number of the file's inode, which /proc gives to
 * no other file while this one is open.
 */
#define CLOSED	     ((uint64_t)0)
#define NUMBER_BITS  16
#define NUMBER_MOST  ((1 << NUMBER_BITS) - 2)
#define INODE_SHIFT  32

static _Atomic uint64_t opened = CLOSED;
static _Atomic uint64_t device; /* of /proc */
static _Atomic bool has_no_scan;
static _Atomic bool is_absent; /* there is no pagemap */

/*
 * Our files have a mark besides, where the kernel keeps a signal that no file like this ever
 * sends: to see it takes half as long as to see the inode. Somebody else's may get it, who
 * puts it in our place before it is set: so it is not believed meanwhile, nor afterwards where
 * that has happened.
 */
#define MARK SIGRTMAX

static _Atomic unsigned int doubts;

static int number_of(uint64_t handle)
{
	return (int)(handle & ((1 << NUMBER_BITS) - 1)) - 1;
}

static bool has_inode(uint64_t handle)
{
	struct stat file;

	return !direct_status(number_of(handle), &file) && file.st_dev == atomic_load(&device) &&
	       (uint32_t)file.st_ino == (uint32_t)(handle >> INODE_SHIFT);
}

static bool is_ours(uint64_t handle)
{
	return direct_fcntl(number_of(handle), F_GETSIG, 0) == MARK &&
	       (!atomic_load(&doubts) || has_inode(handle));
}

/* False: it is not ours any more, or a filter lets nobody tell. */
static bool mark(uint64_t handle)
{
	int err;

	atomic_fetch_add(&doubts, 1);
	err = direct_fcntl(number_of(handle), F_SETSIG, MARK);
	/* A closed one has got no mark, nor one that a filter keeps from it. */
	if (err || has_inode(handle))
		atomic_fetch_sub(&doubts, 1);
	if (err && err != -EBADF)
		atomic_store(&is_absent, true);
	return !err;
}

/* The same file by the highest number that there may be, up to the most. */
static int raise_number(int fd)
{
	struct rlimit limit;
	int least = DESCRIPTOR_MOST, high = -1;

	if (!direct_limit(RLIMIT_NOFILE, &limit) && limit.rlim_cur <= DESCRIPTOR_MOST)
		least = (int)limit.rlim_cur - 1;
	/* Others may be there already. */
	for (int tries = 0; high < 0 && least > fd && tries < 16; tries++, least--)
		high = direct_fcntl(fd, F_DUPFD_CLOEXEC, least);
	if (high < 0)
		return fd;
	direct_close(fd);
	return high;
}

/* How many forks this process comes from: what was opened before one is the parent's. */
static _Atomic unsigned int forks;

/* Not /proc/self: the first thread may have ended, and has no memory then. */
#define PAGEMAP "/proc/thread-self/pagemap"

/* What the file is, is asked by its name: the number may be another's as soon as it is there. */
static uint64_t make_handle(int fd, const struct stat *file)
{
	static _Atomic uint16_t count;

	atomic_store(&device, file->st_dev);
	return (uint64_t)(uint32_t)file->st_ino << INODE_SHIFT |
	       (uint32_t)atomic_fetch_add(&count, 1) << NUMBER_BITS | (uint32_t)(fd + 1);
}

static void close_ours(uint64_t handle)
{
	if (has_inode(handle))
		direct_close(number_of(handle));
}

static uint64_t open_pagemap(void)
{
	unsigned int before = atomic_load(&forks);
	uint64_t expected = CLOSED, handle, stored;
	struct stat file;
	int fd = direct_status_of(PAGEMAP, &file);

	if (!fd)
		fd = direct_open(PAGEMAP);
	if (fd < 0) {
		/* Too many open files may be so for a moment only. */
		if (fd != -EMFILE && fd != -ENFILE && fd != -ENOMEM && fd != -EINTR)
			atomic_store(&is_absent, true);
		return CLOSED;
	}
	fd = raise_number(fd);
	if (fd > NUMBER_MOST) {
		direct_close(fd);
		return CLOSED;
	}
	handle = make_handle(fd, &file);
	if (!mark(handle)) {
		close_ours(handle);
		return CLOSED;
	}
	/* Another thread may have been faster. */
	if (!atomic_compare_exchange_strong(&opened, &expected, handle)) {
		close_ours(handle);
		return expected;
	}
	/* A signal handler may have forked meanwhile. */
	stored = handle;
	if (atomic_load(&forks) != before) {
		if (atomic_compare_exchange_strong(&opened, &stored, CLOSED))
			close_ours(handle);
		return CLOSED;
	}
	return handle;
}

/* The descriptor is of the memory of the process that opened it: the parent's. */
void touched_after_fork(void)
{
	uint64_t handle;

	atomic_fetch_add(&forks, 1);
	handle = atomic_exchange(&opened, CLOSED);
	if (handle != CLOSED)
		close_ours(handle);
	atomic_store(&is_absent, false);
}

/* Without a word of the kernel's, who opened it is known by its pid. */
static void close_others(void)
{
	static _Atomic pid_t opener;
	pid_t now = direct_pid();

	if (atomic_exchange(&opener, now) != now)
		touched_after_fork();
}

static uint64_t pagemap(void)
{
	uint64_t handle;

	if (fork_is_child())
		fork_settle();
	if (!fork_is_known())
		close_others();
	handle = atomic_load_explicit(&opened, memory_order_relaxed);
	if (handle != CLOSED)
		return handle;
	return atomic_load_explicit(&is_absent, memory_order_relaxed) ? CLOSED : open_pagemap();
}

/*
 * Since this was opened, nobody has had another file by its number. In this order: whoever
 * opens anew has forgotten it before.
 */
static bool was_ours(uint64_t handle)
{
	return is_ours(handle) && atomic_load(&opened) == handle;
}

/* It is not ours any more, and not ours to close. */
static void forget(uint64_t handle)
{
	atomic_compare_exchange_strong(&opened, &handle, CLOSED);
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
		count = direct_ioctl(fd, PAGEMAP_SCAN_REQUEST, &request);
		if (count < 0)
			return count;
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
		if (!sample_is_zero(address_of(page)))
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
		ssize_t got = direct_read_at(fd, entries, want * sizeof(entries[0]),
					     (off_t)(page * sizeof(entries[0])));

		if (got == -EINTR)
			continue;
		if (got <= 0)
			return got ? (int)got : -EIO;
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

/*
 * Where there is no pagemap: by mincore(2), which does not tell pages that are swapped out
 * from others that are not in memory. So of a block that is free all these are given back;
 * of a live one nothing is known.
 */

#define RESIDENCY_BATCH 4096 /* pages */

static size_t end_of_run(const unsigned char *states, size_t from, size_t count)
{
	size_t end = from + 1;

	while (end < count && (states[end] & 1) == (states[from] & 1))
		end++;
	return end;
}

/*
 * A call for each gap is less than the first touch beside it. But to zero gaps with the rest,
 * time and again, may be less than the calls: then they count as there, in blocks of which
 * others keep and zero all, too.
 */
static bool fills_gaps(const unsigned char *states, size_t count)
{
	struct costs costs = costs_get();
	size_t gaps = 0, pages = 0;

	for (size_t i = 0, next; i < count; i = next) {
		next = end_of_run(states, i, count);
		if (states[i] & 1)
			continue;
		gaps++;
		pages += next - i;
	}
	return gaps > 1 && (float)gaps * costs.call > (float)pages * costs.zero;
}

static int look_by_residency(const struct look *look, size_t page, size_t end)
{
	unsigned char states[RESIDENCY_BATCH];
	size_t count;
	int err;

	if (look->marks && !look->drops)
		return -ENOENT;
	*look->touched = (struct touched){ 0 };
	for (; page < end; page += count) {
		count = end - page < RESIDENCY_BATCH ? end - page : RESIDENCY_BATCH;
		err = mapping_residency(address_of(page), bytes_of(count), states);
		if (err)
			return err;
		if (look->drops && end - look->first <= BLIND_MOST && fills_gaps(states, count)) {
			present(look, page, count);
			look->touched->is_filled = true;
			continue;
		}
		for (size_t i = 0, next; i < count; i = next) {
			next = end_of_run(states, i, count);
			/* What cannot be given back may be anything. */
			if (states[i] & 1 || (look->drops && memory_drop(page + i, next - i)))
				present(look, page + i, next - i);
		}
	}
	return 0;
}

static int look_by(int fd, const struct look *look, size_t page, size_t end)
{
	*look->touched = (struct touched){ 0 };
	if (!atomic_load_explicit(&has_no_scan, memory_order_relaxed))
		return scan(fd, look, page, end);
	return read_entries(fd, look, page, end);
}

/*
 * The number may be another file's since the look began: so what was seen counts only if it
 * was ours until the look was over.
 */
void touched_close(void)
{
	uint64_t handle = atomic_exchange(&opened, CLOSED);

	if (handle != CLOSED)
		close_ours(handle);
}

/*
 * By calls only that the loader makes as well: so without a mark, a number of our choice, or
 * anything that stays open.
 */
static int look_plain(const struct look *look, size_t page, size_t end)
{
	struct stat file;
	int fd = direct_status_of(PAGEMAP, &file) ? -1 : direct_open(PAGEMAP), err;
	uint64_t handle;

	if (fd < 0 || fd > NUMBER_MOST) {
		if (fd >= 0)
			direct_close(fd);
		return -ENOENT;
	}
	handle = make_handle(fd, &file);
	*look->touched = (struct touched){ 0 };
	err = read_entries(fd, look, page, end);
	if (!has_inode(handle))
		return -EAGAIN;
	direct_close(fd);
	/* A signal handler may have forked: then it was the parent's memory. */
	return fork_is_child() ? -EAGAIN : err;
}

static int look_once(const struct look *look, size_t page, size_t end)
{
	uint64_t handle;
	int err;

	if (!look_plainly())
		return -ENOENT;
	if (!look_fully()) {
		if (fork_is_child())
			fork_settle();
		return look_plain(look, page, end);
	}
	handle = pagemap();
	if (handle == CLOSED)
		return -ENOENT;
	err = look_by(number_of(handle), look, page, end);
	/* A signal handler may have forked: then it was the parent's memory. */
	if (fork_is_child())
		return -EAGAIN;
	if (!was_ours(handle)) {
		forget(handle);
		return -EAGAIN;
	}
	/* EPERM: a filter lets no such call pass. */
	if ((err == -ENOTTY || err == -EINVAL || err == -EPERM) &&
	    !atomic_exchange(&has_no_scan, true))
		return -EAGAIN;
	return err;
}

/* As often as each thing that may be in the way can be found, and somebody closes files. */
#define LOOKS 4

static int look_at(size_t page, size_t pages, struct touched *touched, bool marks, bool drops)
{
	const struct look look = {
		.touched = touched, .first = page, .marks = marks, .drops = drops,
	};
	int before = errno, err = -EAGAIN;

	for (int i = 0; i < LOOKS && err == -EAGAIN; i++) {
		err = look_once(&look, page, page + pages);
		/* Half a look is none. */
		if (err && marks)
			dirty_clear(page, pages);
	}
	if (err && look_fully()) {
		err = look_by_residency(&look, page, page + pages);
		if (err && marks)
			dirty_clear(page, pages);
	}
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
