// SPDX-License-Identifier: MIT
/*
 * What the kernel refuses, the program takes away, or the machine has not: blocks read as
 * zero nevertheless and keep what is written, and what cannot be had is NULL and ENOMEM.
 */
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "allocator/allocator.h"
#include "lib-allocate-common.h"

/*
 * The n-th call of a kind fails
 */

enum kind { MMAP, MUNMAP, MADVISE, MREMAP, IOCTL, OPEN, FCNTL, PREAD, KINDS };

static const char *const kind_names[KINDS] = {
	"mmap", "munmap", "madvise", "mremap", "ioctl", "open", "fcntl", "pread",
};

static struct {
	bool is_armed;
	enum kind kind;
	int n, error;
	bool for_ever; /* and all that follow */
	int count;
	bool has_no_scan; /* PAGEMAP_SCAN */
} fault;

static bool fails(enum kind kind)
{
	if (!fault.is_armed || kind != fault.kind)
		return false;
	fault.count++;
	if (fault.for_ever ? fault.count < fault.n : fault.count != fault.n)
		return false;
	errno = fault.error;
	return true;
}

/* Somebody else's, where mremap() had taken the target away. */
#define OTHERS 8
static struct {
	unsigned char *address;
	size_t size;
} others[OTHERS];

static void map_over(unsigned char *address, size_t size)
{
	for (int i = 0; i < OTHERS; i++) {
		if (others[i].size)
			continue;
		NEED(mmap(address, size, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == address);
		memset(address, 0x3c, PAGE);
		memset(address + size - PAGE, 0x3c, PAGE);
		others[i].address = address;
		others[i].size = size;
		return;
	}
	munmap(address, size);
}

static void check_others(void)
{
	for (int i = 0; i < OTHERS && others[i].size; i++) {
		NEED(is_all(others[i].address, PAGE, 0x3c));
		NEED(is_zero(others[i].address + PAGE, others[i].size - 2 * PAGE));
		NEED(is_all(others[i].address + others[i].size - PAGE, PAGE, 0x3c));
	}
}

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

/* As far as a test pretends that pages are swapped out, see below. */
static uintptr_t swapped_start, swapped_end;

static long residency_swapped(uintptr_t address, size_t size, unsigned char *states)
{
	long result = __real_syscall(SYS_mincore, address, size, states);

	for (size_t i = 0; i < size / PAGE; i++)
		if (address + i * PAGE >= swapped_start && address + i * PAGE < swapped_end)
			states[i] = 0;
	return result;
}

static bool is_crowded;
static size_t depth_left, crowded;

static void *ask_in_hole(void)
{
	return tamalloc_aligned(512 * 1024, 300 * 1024);
}

/*
 * While one call waits for the kernel, which has no memory, another comes as far, and so on.
 * Then each goes on with what is there, and needs a record for what is in front of its block, and
 * one for what is behind it.
 */
static void crowd(void)
{
	/* Not where it is for records: that is under the lock. */
	if (!depth_left || lock_holder() == lock_owner())
		return;
	depth_left--;
	if (ask_in_hole())
		crowded++;
}

static int scan_swapped(int fd, void *argument);

static int count_looks; /* by PAGEMAP_SCAN, which found something */
static int sparse_file = -1;

/* When the program puts a file of its own in the place of the allocator's. */
static enum { BEFORE_LOOK, DURING_LOOK, BEFORE_MARK } moment;

/* Each third look finds another file by its number. */
static bool sweep(int fd, unsigned int when)
{
	static int looks;

	if (sparse_file < 0 || moment != when || looks++ % 3 != 2)
		return false;
	NEED(dup2(sparse_file, fd) == fd);
	return true;
}

/* The program closes its file, and somebody else has looked, before the look is over. */
static void reopen(int fd)
{
	int other = sparse_file, before = errno;
	struct touched touched;

	sparse_file = -1;
	close(fd);
	NEED(!touched_count(page_of(&touched), 1, &touched) && touched.pages == 1);
	/* The allocator's again, by the same number. */
	NEED(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	sparse_file = other;
	errno = before;
}

static int ask(int fd, unsigned long request, void *argument)
{
	bool is_swept;
	int result;

	if (fault.has_no_scan && _IOC_TYPE(request) == 'f' && _IOC_NR(request) == 16) {
		errno = ENOTTY;
		return -1;
	}
	if (fails(IOCTL))
		return -1;
	sweep(fd, BEFORE_LOOK);
	if (swapped_end)
		return scan_swapped(fd, argument);
	is_swept = sweep(fd, DURING_LOOK);
	result = (int)__real_syscall(SYS_ioctl, fd, request, argument);
	count_looks += result > 0;
	if (is_swept)
		reopen(fd);
	return result;
}

static bool swaps(uintptr_t address)
{
	return address >= swapped_start && address < swapped_end;
}

#define ENTRY_PRESENT ((uint64_t)1 << 63)
#define ENTRY_SWAPPED ((uint64_t)1 << 62)

static ssize_t read_at(int fd, uint64_t *entries, size_t size, off_t offset)
{
	bool is_swept;
	ssize_t got;

	if (fails(PREAD))
		return -1;
	sweep(fd, BEFORE_LOOK);
	is_swept = sweep(fd, DURING_LOOK);
	got = __real_syscall(SYS_pread64, fd, entries, size, offset);
	if (is_swept)
		reopen(fd);
	if (!fault.is_armed)
		return got;
	for (ssize_t i = 0; i < got / (ssize_t)sizeof(entries[0]); i++)
		if (entries[i] & ENTRY_PRESENT &&
		    swaps(((uintptr_t)offset / sizeof(entries[0]) + (uintptr_t)i) * PAGE))
			entries[i] = ENTRY_SWAPPED;
	return got;
}

/* All calls of the allocator. */
long __wrap_syscall(long number, ...)
{
	long value[6];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		value[i] = va_arg(list, long);
	va_end(list);
	switch (number) {
	case SYS_ioctl:
		return ask((int)value[0], (unsigned long)value[1], (void *)value[2]);
	case SYS_pread64:
		return read_at((int)value[0], (uint64_t *)value[1], (size_t)value[2], value[3]);
	case SYS_fcntl:
		if (fails(FCNTL))
			return -1;
		if ((int)value[1] == F_SETSIG)
			sweep((int)value[0], BEFORE_MARK);
		break;
	case SYS_mmap:
		if (!is_crowded)
			break;
		crowd();
		errno = ENOMEM;
		return -1;
	case SYS_mremap:
		if (!fails(MREMAP))
			break;
		/* EINVAL: this kernel has no such flag. Else it began, and another thread was quick. */
		if (value[3] & MREMAP_FIXED && fault.error != EINVAL)
			map_over((unsigned char *)value[4], (size_t)value[2]);
		errno = fault.error;
		return -1;
	case SYS_mincore:
		if (fault.is_armed && swapped_end)
			return residency_swapped((uintptr_t)value[0], (size_t)value[1],
						 (unsigned char *)value[2]);
		break;
	}
	if ((number == SYS_mmap && fails(MMAP)) || (number == SYS_munmap && fails(MUNMAP)) ||
	    (number == SYS_madvise && fails(MADVISE)) || (number == SYS_openat && fails(OPEN)))
		return -1;
	return __real_syscall(number, value[0], value[1], value[2], value[3], value[4], value[5]);
}

/*
 * What is done then: a few hundred operations on blocks that are checked throughout
 */

#define SLOTS 8

struct slot {
	unsigned char *block;
	size_t size, written;
	unsigned char mark;
};

static bool is_right(const struct slot *slot)
{
	return is_all(slot->block, slot->written, slot->mark) &&
	       is_zero(slot->block + slot->written, slot->size - slot->written);
}

static void write_on(struct slot *slot, struct random *random)
{
	slot->written = below(random, slot->size / (1 + below(random, 8)) + 1);
	slot->mark = (unsigned char)(1 + below(random, 255));
	memset(slot->block, slot->mark, slot->written);
}

/* Every other page, more than one look takes in at once. */
static void stripe(struct random *random, bool may_fail)
{
	size_t size = 2 * MIB + below(random, 2) * MIB;
	unsigned char *block = tamalloc(size);

	if (!block) {
		NEED(may_fail && errno == ENOMEM);
		return;
	}
	NEED(is_zero(block, size));
	for (size_t page = 0; page < size / PAGE; page += 2)
		touch(block, page);
	if (below(random, 2)) {
		tamalloc_reset(block);
		NEED(is_zero(block, size));
	}
	tamfree(block);
}

static size_t random_size(struct random *random)
{
	static const size_t sizes[] = { LARGE, 300000, MIB, 3 * MIB, 5 * MIB };

	return sizes[below(random, sizeof(sizes) / sizeof(sizes[0]))];
}

static void resize(struct slot *slot, struct random *random, bool may_fail)
{
	size_t size = random_size(random) + below(random, 3) * PAGE;
	unsigned char *block = tamrealloc(slot->block, size);

	if (!block) {
		NEED(may_fail && errno == ENOMEM);
		NEED(is_right(slot));
		return;
	}
	slot->block = block;
	slot->size = size;
	if (slot->written > size)
		slot->written = size;
	NEED(is_right(slot));
}

/* Several at once, so that one is in the other's way and they have to move. */
static void grow(bool may_fail)
{
	static const size_t sizes[] = { MIB, 3 * MIB, 5 * MIB, 8 * MIB };
	struct random random = { 7 };
	struct slot slots[3] = { 0 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (int j = 0; j < 3; j++) {
			unsigned char *block = tamrealloc(slots[j].block, sizes[i]);

			if (!block) {
				NEED(may_fail && errno == ENOMEM);
				NEED(!slots[j].block || is_right(&slots[j]));
				continue;
			}
			slots[j].block = block;
			slots[j].size = sizes[i];
			NEED(is_right(&slots[j]));
			memset(block, 0, slots[j].written);
			write_on(&slots[j], &random);
		}
	for (int j = 0; j < 3; j++)
		tamfree(slots[j].block);
}

static void play(int turns, bool may_fail)
{
	struct random random = { 20201 };
	struct slot slots[SLOTS] = { 0 };
	uint64_t before = statistics().blocks;

	grow(may_fail);

	for (int turn = 0; turn < turns; turn++) {
		struct slot *slot = &slots[below(&random, SLOTS)];

		if (!slot->block) {
			slot->size = random_size(&random);
			slot->block = tamalloc(slot->size);
			if (!slot->block) {
				NEED(may_fail && errno == ENOMEM);
				continue;
			}
			slot->written = 0;
			NEED(is_right(slot));
			write_on(slot, &random);
			continue;
		}
		NEED(is_right(slot));
		switch (below(&random, 8)) {
		case 0:
		case 1:
		case 2:
			resize(slot, &random, may_fail);
			break;
		case 3:
			tamalloc_reset(slot->block);
			slot->written = 0;
			NEED(is_right(slot));
			break;
		case 4:
			stripe(&random, may_fail);
			break;
		case 5:
			if (turn % 4 == 0)
				tamalloc_trim();
			NEED(tamalloc_committed(slot->block) <=
			     tamalloc_usable_size(slot->block));
			break;
		default:
			tamfree(slot->block);
			slot->block = NULL;
		}
	}
	for (int i = 0; i < SLOTS; i++) {
		NEED(!slots[i].block || is_right(&slots[i]));
		tamfree(slots[i].block);
	}
	NEED(statistics().blocks == before);
	NEED(statistics().cached <= statistics().reserved);
}

#define TURNS 30

static void play_well(void)
{
	play(TURNS, false);
}

static void play_badly(void)
{
	play(TURNS, true);
}

/* Once with the fault and once without: whether the fault came is the exit status. */
static void play_with_fault(void)
{
	alarm(60);
	NEED(!tamalloc_set(TAMALLOC_DECAY, 0));
	fault.is_armed = true;
	play(TURNS, fault.kind == MMAP);
	fault.is_armed = false;
	play_well();
	check_others();
	_exit(fault.count >= fault.n ? 0 : 2);
}

/* Until no call is left that could fail. */
static void fail_each(enum kind kind, int error)
{
	fault.kind = kind;
	fault.error = error;
	for (fault.n = 1;; fault.n++) {
		pid_t pid = fork();
		int status;

		assert_true(pid >= 0);
		if (!pid)
			play_with_fault();
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (status == 2 << 8)
			break;
		if (status)
			fail_msg("%s number %d fails with %s: status 0x%x", kind_names[kind],
				 fault.n, strerror(error), status);
	}
	/* Or nothing was tested. */
	assert_true(fault.n > 1);
}

/* All of them from one on. */
static void fail_for_ever(enum kind kind, int error)
{
	static const int firsts[] = { 1, 2, 3, 10 };

	fault.kind = kind;
	fault.error = error;
	fault.for_ever = true;
	for (size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
		pid_t pid = fork();
		int status;

		assert_true(pid >= 0);
		fault.n = firsts[i];
		if (!pid)
			play_with_fault();
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (status && status != 2 << 8)
			fail_msg("%s fails with %s from number %d on: status 0x%x",
				 kind_names[kind], strerror(error), fault.n, status);
	}
	fault.for_ever = false;
}

static void fail_both(enum kind kind, int error)
{
	fail_each(kind, error);
	fail_for_ever(kind, error);
}

static void test_mmap(void **state)
{
	(void)state;
	fail_both(MMAP, ENOMEM);
}

static void test_munmap(void **state)
{
	(void)state;
	fail_both(MUNMAP, ENOMEM);
}

static void test_madvise(void **state)
{
	(void)state;
	fail_both(MADVISE, EINVAL);
}

static void test_mremap(void **state)
{
	(void)state;
	fail_both(MREMAP, EINVAL);
	fail_both(MREMAP, ENOMEM);
	fail_both(MREMAP, EFAULT);
}

static void test_ioctl(void **state)
{
	(void)state;
	fail_both(IOCTL, ENOMEM);
	fail_both(IOCTL, EPERM);
	fail_for_ever(IOCTL, EBADF);
}

static void test_open(void **state)
{
	(void)state;
	fail_both(OPEN, EMFILE);
	fail_both(OPEN, ENOENT);
}

static void test_fcntl(void **state)
{
	(void)state;
	fail_both(FCNTL, EBADF);
	fail_for_ever(FCNTL, EPERM);
}

/* A kernel before 6.7. */
static void test_pread(void **state)
{
	(void)state;
	fault.has_no_scan = true;
	fail_both(PREAD, EIO);
	fault.has_no_scan = false;
}

/*
 * The pagemap says what it says by either call
 */

/* All that is touched is zeroed, and nothing else is. */
static void zero_touched(size_t step, size_t size)
{
	struct tamalloc_statistics before, after;
	unsigned char *block;
	size_t touched = 0;

	/* So that it is kept. */
	for (int round = 0; round < 3; round++) {
		/* Not read: in the table's entries the kernel's zero page counts as touched. */
		block = tamalloc(size);
		NEED(block);
		touched = 0;
		for (size_t page = 0; page < size / PAGE; page += step, touched++)
			touch(block, page);
		tamfree(block);
	}
	before = statistics();
	NEED(before.cached == touched * PAGE);
	block = tamalloc(size);
	after = statistics();
	NEED(after.zeroed - before.zeroed == touched * PAGE);
	NEED(after.zeroed_touched == before.zeroed_touched + 1);
	NEED(is_zero(block, size));
	tamfree(block);
	tamalloc_trim();
}

/* Up to 2,048 regions in one block: a look at more than 512 at once counts some twice. */
static void zero_many(void)
{
	zero_touched(2, 16 * MIB);
	zero_touched(7, MIB);
	zero_touched(100, 9 * MIB);
}

static void test_regions(void **state)
{
	(void)state;
	in_child(zero_many);
	fault.has_no_scan = true;
	in_child(zero_many);
	fault.has_no_scan = false;
}

static void test_no_scan(void **state)
{
	(void)state;
	fault.has_no_scan = true;
	in_child(play_well);
	fault.has_no_scan = false;
}

/*
 * Pages that are swapped out are dirty, too. Here they only seem to be: those between two
 * addresses.
 */

/* linux/fs.h has them since 6.7. */
#define IS_PRESENT (1 << 3)
#define IS_SWAPPED (1 << 4)

struct scanned {
	uint64_t start, end, categories;
};

struct scan {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};

static uint64_t least(uint64_t one, uint64_t other)
{
	return one < other ? one : other;
}

/* Who does not ask for swapped pages is not told of them. */
static int scan_swapped(int fd, void *argument)
{
	struct scan *scan = argument;
	struct scanned *regions = (struct scanned *)scan->vec, real[1024];
	int count = (int)__real_syscall(SYS_ioctl, fd, _IOWR('f', 16, struct scan), argument);
	int kept = 0;

	NEED(count <= 1024);
	memcpy(real, regions, (size_t)(count > 0 ? count : 0) * sizeof(real[0]));
	for (int i = 0; i < count; i++)
		for (uint64_t start = real[i].start, end; start < real[i].end; start = end) {
			bool swapped = swaps(start);

			end = real[i].end;
			if (start < swapped_start)
				end = least(end, swapped_start);
			else if (swapped)
				end = least(end, swapped_end);
			if (swapped && !(scan->category_anyof_mask & IS_SWAPPED))
				continue;
			NEED((uint64_t)kept < scan->vec_len);
			regions[kept++] = (struct scanned){
				.start = start,
				.end = end,
				.categories = scan->return_mask & (swapped ? IS_SWAPPED : IS_PRESENT),
			};
		}
	return count < 0 ? count : kept;
}

static void reuse_swapped(void)
{
	/* Of the pages that are only read, below. */
	size_t by_reading = committed_by_reading(MIB - 120 * PAGE);

	for (int round = 0; round < 20; round++) {
		unsigned char *block = tamalloc(MIB);

		NEED(block && is_zero(block, MIB));
		/* Two runs: in memory, and swapped out. */
		memset(block + 10 * PAGE, 1, 20 * PAGE);
		memset(block + 40 * PAGE, 1, 100 * PAGE);
		swapped_start = (uintptr_t)block + 40 * PAGE;
		swapped_end = (uintptr_t)block + 140 * PAGE;
		fault.is_armed = true;
		if (round % 5 == 4)
			tamalloc_reset(block);
		else if (!fault.has_no_scan)
			NEED(tamalloc_committed(block) == 20 * PAGE + by_reading);
		NEED(round % 5 != 4 || is_zero(block, MIB));
		tamfree(block);
		fault.is_armed = false;
	}
}

/* Nothing that is swapped out is lost when a block moves, is copied, or shrinks. */
static void resize_swapped(void)
{
	static const size_t sizes[] = { 300000, MIB, 3 * MIB, 5 * MIB, 40 * MIB };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (int part = 0; part < 2; part++) {
			size_t size = sizes[i], written = part ? size : size / 8;
			unsigned char *block = tamalloc(size), *behind;

			NEED(block && is_zero(block, size));
			memset(block, 0x21, written);
			swapped_start = (uintptr_t)block + 3 * PAGE;
			swapped_end = (uintptr_t)block + (written / 2 & ~(PAGE - 1));
			fault.is_armed = true;
			/* Where it is there is no room. */
			behind = tamalloc(size);
			block = tamrealloc(block, 3 * size);
			swapped_end = 0;
			NEED(block && is_all(block, written, 0x21));
			NEED(is_zero(block + written, 3 * size - written));
			block = tamrealloc(block, size / 2);
			NEED(block && is_all(block, written < size / 2 ? written : size / 2, 0x21));
			tamfree(block);
			tamfree(behind);
			fault.is_armed = false;
		}
}

static void reuse_swapped_undroppable(void)
{
	fault.kind = MADVISE;
	fault.error = EINVAL;
	fault.n = 1;
	fault.for_ever = true;
	reuse_swapped();
}

/* What mincore(2) does not tell. */
static void reuse_swapped_unseen(void)
{
	fault.kind = OPEN;
	fault.error = EACCES;
	fault.n = 1;
	fault.for_ever = true;
	reuse_swapped();
	resize_swapped();
}

static void test_swapped(void **state)
{
	(void)state;
	fault.kind = KINDS;
	in_child(reuse_swapped);
	in_child(resize_swapped);
	fault.has_no_scan = true;
	in_child(reuse_swapped_unseen);
	in_child(reuse_swapped);
	in_child(resize_swapped);
	fault.has_no_scan = false;
	in_child(reuse_swapped_undroppable);
}

/*
 * What the program does to the allocator's descriptor
 */

static int find_descriptor(int other)
{
	for (int fd = 3; fd < 1024; fd++) {
		char path[64], target[64] = "";

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		if (readlink(path, target, sizeof(target) - 1) > 0 && strstr(target, "/pagemap") &&
		    fd != other)
			return fd;
	}
	return -1;
}

/* Blocks that are freed and used again: who looks at another's pages finds few or none. */
static void use_pages(void)
{
	for (size_t round = 0; round < 6; round++) {
		unsigned char *block = tamalloc(3 * MIB);

		NEED(block && is_zero(block, 3 * MIB));
		for (size_t page = round; page < 3 * MIB / PAGE; page += 9)
			touch(block, page);
		tamfree(block);
	}
}

/* Another file has the number now: it is neither believed nor closed. */
static void replace_descriptor(int other)
{
	struct stat before, after;
	int fd;

	NEED(other >= 0);
	use_pages();
	fd = find_descriptor(other);
	NEED(fd > 2 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
	NEED(dup2(other, fd) == fd && !fstat(fd, &before));
	use_pages();
	play_well();
	NEED(!fstat(fd, &after));
	NEED(before.st_dev == after.st_dev && before.st_ino == after.st_ino);
	close(fd);
	NEED(find_descriptor(other) > 2);
	close(other);
	use_pages();
}

static void replace_by_device(void)
{
	replace_descriptor(open("/dev/zero", O_RDWR));
}

static void replace_by_pipe(void)
{
	int ends[2];

	NEED(!pipe(ends));
	replace_descriptor(ends[0]);
}

static void replace_by_file(void)
{
	replace_descriptor(memfd_create("a file", 0));
}

/* A pagemap, but of a memory where none of our pages is. */
static void replace_by_pagemap(void)
{
	char path[64];
	pid_t pid;

	/* Such as a parent is that never allocated. */
	pid = fork();
	if (!pid)
		sleep_on();
	NEED(pid > 0);
	snprintf(path, sizeof(path), "/proc/%d/pagemap", pid);
	use_pages();
	replace_descriptor(open(path, O_RDONLY));
	end(pid);
}

static void close_all(void)
{
	size_t before;

	play_well();
	before = own_descriptors();
	for (int round = 0; round < 5; round++) {
		for (int fd = 3; fd < 1024; fd++)
			close(fd);
		use_pages();
	}
	play_well();
	NEED(own_descriptors() <= before);
}

static void look(void)
{
	unsigned char *block = tamalloc(MIB);

	NEED(block);
	touch(block, 3);
	NEED(tamalloc_committed(block) >= PAGE);
	tamfree(block);
}

/*
 * Another thread closes what it finds and opens a file without a byte instead, at the worst
 * moments: when a look has begun, and so that it ends before the look; or when the
 * descriptor is about to get what it is known by. The calls and the file are real.
 */
static void use_swept(void)
{
	sparse_file = memfd_create("sparse", 0);
	NEED(sparse_file >= 0 && !ftruncate(sparse_file, (off_t)1 << 62));
	/* Closed by the allocator it must not be, either. */
	for (int round = 0; round < 20; round++) {
		/* It is opened anew. */
		for (int fd = 3; moment == BEFORE_MARK && fd < 260; fd++)
			if (fd != sparse_file)
				close(fd);
		look();
		use_pages();
		play(3, false);
	}
	/* Nobody's answer was taken for this kernel's. */
	sparse_file = -1;
	for (int fd = 3; fd < 260; fd++)
		close(fd);
	count_looks = 0;
	look();
	NEED(fault.has_no_scan || count_looks);
}

/* It is the parent's, and may show what the child has no right to see. */
static void fork_with_descriptor(void)
{
	int status;
	pid_t pid;

	look();
	NEED(find_descriptor(-1) > 2);
	pid = fork();
	NEED(pid >= 0);
	if (!pid) {
		NEED(find_descriptor(-1) < 0);
		look();
		NEED(find_descriptor(-1) > 2);
		_exit(0);
	}
	NEED(waitpid(pid, &status, 0) == pid && !status);
	NEED(find_descriptor(-1) > 2);
}

/* The lowest numbers are the program's, however few there are. */
static void use_few_numbers(void)
{
	int fd, expected;

	for (rlim_t most = 300; most > 12; most -= most > 20 ? 70 : 3) {
		struct rlimit limit = { most, most };

		NEED(!setrlimit(RLIMIT_NOFILE, &limit));
		fd = find_descriptor(-1);
		if (fd >= 0)
			close(fd);
		expected = open("/", O_RDONLY | O_CLOEXEC);
		close(expected);
		look();
		NEED(find_descriptor(-1) == (most > 256 ? 255 : (int)most - 1));
		fd = open("/", O_RDONLY | O_CLOEXEC);
		NEED(fd == expected);
		close(fd);
	}
}

static void test_native_sweep(void **state)
{
	(void)state;
	for (moment = BEFORE_LOOK; moment <= BEFORE_MARK; moment++) {
		in_child(use_swept);
		fault.has_no_scan = true;
		in_child(use_swept);
		fault.has_no_scan = false;
	}
}

static void test_native_fork(void **state)
{
	(void)state;
	in_child(fork_with_descriptor);
}

static void test_native_numbers(void **state)
{
	(void)state;
	in_child(use_few_numbers);
}

static void test_descriptor(void **state)
{
	(void)state;
	in_child(replace_by_device);
	in_child(replace_by_pipe);
	in_child(replace_by_file);
	in_child(replace_by_pagemap);
	in_child(close_all);
}

/* However it is refused to look, descriptors do not add up. */
static void refuse_fcntl(void)
{
	size_t count = 0;

	refuse_call(SYS_fcntl, EPERM);
	for (int round = 0; round < 50; round++)
		use_pages();
	play_well();
	/* Without fcntl(2). */
	for (int fd = 0; fd < 1024; fd++) {
		struct stat status;

		count += !fstat(fd, &status);
	}
	NEED(count < 20);
}

static void test_fcntl_refused(void **state)
{
	(void)state;
	in_child(refuse_fcntl);
}

/*
 * Filters of system calls
 */

static const struct refusal {
	unsigned int number;
	unsigned short error;
	bool may_fail;
} refusals[] = {
	{ SYS_openat, ENOENT, false },
	{ SYS_openat, EPERM, false },
	{ SYS_openat, EACCES, false },
	{ SYS_ioctl, EPERM, false },
	{ SYS_ioctl, ENOSYS, false },
	{ SYS_madvise, EPERM, false },
	{ SYS_madvise, ENOSYS, false },
	{ SYS_mremap, EPERM, false },
	{ SYS_mremap, ENOSYS, false },
	{ SYS_munmap, EPERM, false },
	{ SYS_prctl, EPERM, false },
	{ SYS_pread64, EPERM, false },
	{ SYS_mmap, ENOMEM, true },
	{ SYS_mmap, EPERM, true },
};

static const struct refusal *refusal;

static void play_refused(void)
{
	refuse_call(refusal->number, refusal->error);
	play(TURNS, refusal->may_fail);
	use_pages();
}

static void play_refused_later(void)
{
	play_well();
	use_pages();
	refuse_call(refusal->number, refusal->error);
	play(TURNS, refusal->may_fail);
}

static void test_filters(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		refusal = &refusals[i];
		/* Without mmap nothing is had; so let it be had first. */
		if (!refusal->may_fail)
			in_child(play_refused);
		in_child(play_refused_later);
	}
	fault.has_no_scan = true;
	refusal = &(const struct refusal){ SYS_pread64, EPERM, false };
	in_child(play_refused);
	fault.has_no_scan = false;
}

/*
 * Where there is no pagemap
 */

static long faults(void)
{
	struct rusage usage;

	NEED(!getrusage(RUSAGE_SELF, &usage));
	return usage.ru_minflt;
}

/* Faults of each cycle when it is known how blocks of this size are used. */
static long faults_of_cycle(size_t size, size_t step)
{
	enum { CYCLES = 12 };
	long before = 0;

	for (int i = 0; i < 2 * CYCLES; i++) {
		unsigned char *block;

		if (i == CYCLES)
			before = faults();
		block = tamalloc(size);
		NEED(block && is_zero(block, step ? PAGE : 0));
		for (size_t page = 0; step && page < size / PAGE; page += step) {
			NEED(block[page * PAGE + page % PAGE] == 0);
			touch(block, page);
		}
		tamfree(block);
	}
	return (faults() - before) / CYCLES;
}

/* Dense memory is kept, and of sparse memory what was touched. */
static void need_few_faults(size_t largest)
{
	static const size_t sizes[] = { LARGE, MIB, 8 * MIB, 30 * MIB, 64 * MIB };
	static const size_t steps[] = { 1, 10, 300 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]) && sizes[i] <= largest; i++)
		for (size_t j = 0; j < sizeof(steps) / sizeof(steps[0]); j++) {
			long count = faults_of_cycle(sizes[i], steps[j]);

			if (count > 16)
				fprintf(stderr, "# %zu KiB, every %zu: %ld faults\n",
					sizes[i] >> 10, steps[j], count);
			NEED(count <= 16);
		}
}

static void go_without_pagemap(void)
{
	size_t before = own_resident();

	fault.is_armed = fault.for_ever = true;
	fault.kind = OPEN;
	fault.n = 1;
	fault.error = EACCES;
	need_few_faults(64 * MIB);
	tamalloc_trim();
	/* What is sparse stays so. */
	for (int round = 0; round < 20; round++) {
		unsigned char *block = tamalloc(128 * MIB);

		touch(block, 77);
		touch(block, 20000);
		fault.is_armed = false;
		NEED(resident_pages(block, 128 * MIB) <= 4);
		fault.is_armed = true;
		tamfree(block);
	}
	fault.is_armed = false;
	tamalloc_trim();
	NEED(own_resident() <= before + 4 * MIB);
	fault.is_armed = true;
	play_well();
	use_pages();
}

/* Servers that become another user are not dumpable, and /proc is not theirs any more. */
static void drop_rights(void)
{
	if (!getuid())
		NEED(!setgid(65534) && !setuid(65534));
	NEED(!prctl(PR_SET_DUMPABLE, 0));
	need_few_faults(64 * MIB);
	play_well();
	use_pages();
}

/* Nothing may be looked at: as the C library does, which keeps what is not too large. */
static void go_blind(void)
{
	NEED(!tamalloc_set(TAMALLOC_LOOK, 0));
	need_few_faults(30 * MIB);
	play_well();
	use_pages();
}

static void test_native_blind(void **state)
{
	(void)state;
	in_child(go_without_pagemap);
	in_child(drop_rights);
	in_child(go_blind);
}

/*
 * Limits of the process
 */

static void set_limit(int resource, size_t most)
{
	struct rlimit limit = { most, most };

	NEED(!setrlimit(resource, &limit));
}

static void limit_files(void)
{
	set_limit(RLIMIT_NOFILE, 3);
	play_well();
	use_pages();
}

static void limit_files_later(void)
{
	use_pages();
	set_limit(RLIMIT_NOFILE, 3);
	for (int fd = 3; fd < 1024; fd++)
		close(fd);
	play_well();
}

static void test_files(void **state)
{
	(void)state;
	in_child(limit_files);
	in_child(limit_files_later);
}

#define HOLES 320

/* Free are dirty holes, which do not pay for blocks that are hardly touched. */
static void crowd_in_holes(void)
{
	static unsigned char *block[2 * HOLES];
	size_t size = MIB + 16 * PAGE, count = 0;

	NEED(!tamalloc_set(TAMALLOC_DECAY, 3600000) && !tamalloc_set(TAMALLOC_CACHE, 1000));
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 2 * HOLES; i++) {
			block[i] = tamalloc(size);
			NEED(block[i]);
			memset(block[i], 1, size);
		}
		for (int i = 0; i < 2 * HOLES && !round; i++)
			tamfree(block[i]);
		for (int i = 0; i < 40 && !round; i++)
			tamfree(tamalloc(300 * 1024));
	}
	for (int i = 0; i < 2 * HOLES; i += 2)
		tamfree(block[i]);
	is_crowded = true;
	do {
		count += crowded;
		crowded = 0;
		depth_left = 8;
	} while (ask_in_hole() || crowded);
	is_crowded = false;
	/* With memory it goes on. */
	NEED(count > HOLES / 8 && errno == ENOMEM && ask_in_hole());
}

static void test_records(void **state)
{
	(void)state;
	in_child(crowd_in_holes);
}

/* Takes what there is, down to blocks of 256 KiB. */
static size_t take_all(unsigned char **blocks, size_t most)
{
	size_t count = 0;

	for (size_t size = 64 * MIB; size >= LARGE; size /= 2)
		while (count < most) {
			errno = 0;
			blocks[count] = tamalloc(size);
			if (!blocks[count])
				break;
			NEED(is_zero(blocks[count], size));
			touch(blocks[count++], 3);
		}
	return count;
}

static void limit_address_space(void)
{
	static unsigned char *blocks[1000];
	size_t count = 0, room = 0;

	for (int round = 0; round < 3; round++) {
		if (!round)
			set_limit(RLIMIT_AS, own_reserved() + 200 * MIB);
		count = take_all(blocks, 1000);
		NEED(count && errno == ENOMEM);
		/* Nearly all of it can be had, the first time and later: 8 MiB are lost to
		 * records and to the borders of chunks. */
		for (size_t i = 0; i < count; i++)
			room += tamalloc_usable_size(blocks[i]);
		NEED(room > 180 * MIB);
		room = 0;
		NEED(!tamrealloc(blocks[0], 300 * MIB) && errno == ENOMEM);
		NEED(blocks[0][3 * PAGE + 3] == 0xa5);
		for (size_t i = 0; i < count; i++)
			tamfree(blocks[i]);
	}
	/* What is cached does not stand in the way of one large block. */
	blocks[0] = tamalloc(150 * MIB);
	NEED(blocks[0] && is_zero(blocks[0], 150 * MIB));
	tamfree(blocks[0]);
	play_badly();
}

static void test_native_address_space(void **state)
{
	(void)state;
	in_child(limit_address_space);
}

/*
 * As many mappings as there may be, but for some: their borders keep those of the
 * allocator from being cut.
 */
static void limit_mappings(void)
{
	static unsigned char *blocks[64];
	size_t most = read_number("/proc/sys/vm/max_map_count", 0), count = 0;
	void **regions = calloc(most, sizeof(regions[0]));

	for (size_t i = 0; i < 64; i++) {
		blocks[i] = tamalloc(2 * MIB);
		NEED(blocks[i]);
		memset(blocks[i], 1, MIB);
	}
	/* Every second one has another access, so that they do not become one. */
	for (; count < most; count++) {
		regions[count] = mmap(NULL, PAGE, count % 2 ? PROT_READ : PROT_NONE,
					     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (regions[count] == MAP_FAILED)
			break;
	}
	NEED(count > 1000 && count < most && errno == ENOMEM);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 1; i < 64; i += 2)
			tamfree(blocks[i]);
		tamalloc_trim();
		for (size_t i = 0; i < 64; i++) {
			if (i % 2) {
				blocks[i] = tamalloc(2 * MIB);
				NEED(!blocks[i] || is_zero(blocks[i], 2 * MIB));
			} else {
				NEED(is_all(blocks[i], MIB, 1));
				NEED(is_zero(blocks[i] + MIB, MIB));
			}
		}
		play_badly();
		/* A few more in the second round, many in the third. */
		for (int i = 0; i < (round ? 500 : 6); i++)
			NEED(!munmap(regions[--count], PAGE));
	}
	for (size_t i = 0; i < 64; i++)
		tamfree(blocks[i]);
	play_well();
}

static void test_native_mappings(void **state)
{
	(void)state;
	in_child(limit_mappings);
}

/* Locked memory cannot be given back page by page. */
static void lock_all(void)
{
	NEED(!mlockall(MCL_CURRENT | MCL_FUTURE));
	play_well();
	use_pages();
	NEED(!munlockall());
	play_well();
}

/* What is locked is a part of it. */
static void lock_some(void)
{
	for (int round = 0; round < 20; round++) {
		unsigned char *block = tamalloc(2 * MIB);

		NEED(block && is_zero(block, 2 * MIB));
		NEED(!mlock(block + (round + 1) * PAGE, 7 * PAGE));
		memset(block + 3 * PAGE, 1, (size_t)(round + 1) * 20 * PAGE);
		if (round % 3 == 2) {
			tamalloc_reset(block);
			NEED(is_zero(block, 2 * MIB));
		}
		tamfree(block);
		if (round == 10)
			tamalloc_trim();
	}
}

static void test_native_locked(void **state)
{
	(void)state;
	in_child(lock_all);
	in_child(lock_some);
}

/*
 * Other machines
 */

static long since_boot = -1; /* seconds, instead of what the clock says */

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	static long first;
	int result = __real_clock_gettime(clock, now);

	if (since_boot < 0)
		return result;
	if (!first)
		first = now->tv_sec;
	now->tv_sec += since_boot - first;
	return result;
}

/* It was started a moment ago, and freed memory is to be kept longer than that. */
static void start_young(void)
{
	unsigned char *blocks[4];

	alarm(60);
	since_boot = 1;
	NEED(!tamalloc_set(TAMALLOC_DECAY, 3600000));
	NEED(!tamalloc_set(TAMALLOC_CACHE, 1000));
	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 4; i++) {
			blocks[i] = tamalloc(LARGE + (size_t)i * PAGE);
			NEED(blocks[i] && is_zero(blocks[i], LARGE));
			memset(blocks[i], 1, LARGE);
		}
		for (int i = 0; i < 4; i += 2)
			tamfree(blocks[i]);
		for (int i = 1; i < 4; i += 2)
			tamfree(blocks[i]);
	}
	NEED(statistics().cached >= 2 * LARGE);
	since_boot = 3601;
	tamfree(tamalloc(LARGE));
	NEED(statistics().cached <= LARGE);
}

static void test_young(void **state)
{
	(void)state;
	in_child(start_young);
}

static unsigned long other_page; /* its size on this machine */

unsigned long __real_getauxval(unsigned long type);
unsigned long __wrap_getauxval(unsigned long type);

unsigned long __wrap_getauxval(unsigned long type)
{
	return type == AT_PAGESZ && other_page ? other_page : __real_getauxval(type);
}

/* All blocks are the C library's then. */
static void use_other_pages(void)
{
	static const size_t sizes[] = { 0, 1, 100, 5000, MIB, 3 * MIB };

	other_page = 65536;
	for (size_t alignment = 1; alignment <= 2 * MIB; alignment *= 2)
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			unsigned char *block = tamalloc_aligned(alignment, sizes[i]);

			NEED(block && !((uintptr_t)block & (alignment - 1)));
			NEED(is_zero(block, sizes[i]));
			NEED(tamalloc_usable_size(block) == sizes[i]);
			memset(block, 1, sizes[i]);
			block = tamrealloc(block, sizes[i] + 1);
			NEED(block && is_all(block, sizes[i], 1) && !block[sizes[i]]);
			tamalloc_reset(block);
			NEED(is_zero(block, sizes[i]));
			tamfree(block);
		}
	for (size_t less = 0; less < 100; less++) {
		NEED(!tamalloc(SIZE_MAX - less) && errno == ENOMEM);
		NEED(!tamalloc_aligned(65536, SIZE_MAX - less * 1000) && errno == ENOMEM);
	}
	NEED(statistics().handed_out == 0);
}

static void use_other_pages_large(void)
{
	size_t size = ((size_t)1 << 32) + 5;
	unsigned char *block;

	other_page = 16384;
	block = tamalloc(size);
	if (!block)
		_exit(0); /* that much is not to be had */
	NEED(tamalloc_usable_size(block) == size);
	block[size - 1] = 1;
	tamfree(block);
}

static void test_other_pages(void **state)
{
	(void)state;
	in_child(use_other_pages);
#if !IS_SANITIZED
	in_child(use_other_pages_large);
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mmap),
		cmocka_unit_test(test_munmap),
		cmocka_unit_test(test_madvise),
		cmocka_unit_test(test_mremap),
		cmocka_unit_test(test_ioctl),
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_fcntl),
		cmocka_unit_test(test_pread),
		cmocka_unit_test(test_regions),
		cmocka_unit_test(test_no_scan),
		cmocka_unit_test(test_swapped),
		cmocka_unit_test(test_descriptor),
		cmocka_unit_test(test_native_sweep),
		cmocka_unit_test(test_native_fork),
		cmocka_unit_test(test_native_numbers),
		cmocka_unit_test(test_fcntl_refused),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_files),
#if !IS_SANITIZED
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_native_address_space),
		cmocka_unit_test(test_native_mappings),
		cmocka_unit_test(test_native_locked),
		cmocka_unit_test(test_native_blind),
#endif
		cmocka_unit_test(test_young),
		cmocka_unit_test(test_other_pages),
	};

	print_tap();
	return cmocka_run_group_tests_name("lib-allocate-limits", tests, NULL, NULL);
}
