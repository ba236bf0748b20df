// SPDX-License-Identifier: MIT
/*
 * Nobody waits long for anybody: no system call is made while others wait for the lock, and
 * what a call does hangs neither on how many blocks there are nor on how large they are. Counted
 * are calls, page faults and memory, and no time but as a ratio.
 */
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "../../lib/allocator/allocator.h"
#include "lib-allocate-common.h"

/*
 * System calls with the lock
 */

static bool is_armed;
static unsigned int looks, others, locked; /* calls: of the first two while it was free */
static unsigned int refusals; /* of huge pages */

static void see(unsigned int *count)
{
	if (!is_armed)
		return;
	if (lock_holder() == lock_owner())
		locked++;
	else
		(*count)++;
}

long __real_syscall(long number, long a, long b, long c, long d, long e, long f);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f);

long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	if (number == SYS_ioctl)
		see(&looks);
	else if (number != SYS_futex)
		see(&others);
	refusals += number == SYS_madvise && c == MADV_NOHUGEPAGE;
	return __real_syscall(number, a, b, c, d, e, f);
}

/* All that makes the kernel work, but for records, of which 400 are made by one call. */
static void count_calls(void)
{
	unsigned char *blocks[16];

	NEED(!tamalloc_set(TAMALLOC_DECAY, 1));
	tamfree(tamalloc(LARGE));
	is_armed = true;
	for (int round = 0; round < 20; round++) {
		for (size_t i = 0; i < 16; i++) {
			blocks[i] = tamalloc(LARGE + (i * 7 + (size_t)round) * 3 * MIB);
			NEED(blocks[i]);
			touch(blocks[i], i);
			touch(blocks[i], 60);
		}
		statistics();
		for (size_t i = 0; i < 16; i++) {
			blocks[i] = tamrealloc(blocks[i], LARGE + (16 - i) * 5 * MIB);
			NEED(blocks[i]);
		}
		for (size_t i = 0; i < 16; i++)
			tamfree(blocks[i]);
		sleep_milliseconds(2);
		tamalloc_trim();
	}
	is_armed = false;
	if (locked)
		fprintf(stderr, "# %u calls with the lock, %u without\n", locked, looks + others);
	NEED(locked == 0 && looks >= 300 && others >= 300);
}

static void test_calls(void **state)
{
	(void)state;
	in_child(count_calls);
}

/* What a program has asked for a block is undone once, not by each block that comes there next. */
static void advise_once(void)
{
	unsigned int before = 0;

	NEED(!tamalloc_set(TAMALLOC_HUGE_PAGES, 0));
	for (int round = 0; round < 20; round++) {
		unsigned char *block = tamalloc(8 * MIB);

		NEED(block);
		memset(block, 1, 8 * MIB);
		if (round == 5)
			heap_note_change(page_of(block), 8 * MIB / PAGE, CHANGE_HUGE);
		tamfree(block);
		if (round == 4)
			before = refusals;
	}
	if (refusals != before + 1)
		fprintf(stderr, "# %u times\n", refusals - before);
	NEED(refusals == before + 1);
}

static void test_advice(void **state)
{
	(void)state;
	in_child(advise_once);
}

/*
 * Many blocks
 */

static double spent(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

#define BLOCK (120 << 10)
#define GROWN 20000

static void take(size_t count)
{
	while (count--)
		NEED(tamalloc_aligned(PAGE, BLOCK));
}

/* The least of some. */
static double take_some(void)
{
	double least = 0;

	for (int i = 0; i < 5; i++) {
		double start = spent(), now;

		take(1000);
		now = spent() - start;
		if (!i || now < least)
			least = now;
	}
	return least;
}

/* Address space is had for each 140 of them. */
static void grow(void)
{
	double few, many;

	take(1000);
	few = take_some();
	for (int i = 0; i < 20; i++)
		take(GROWN);
	many = take_some();
	if (many > 3 * few)
		fprintf(stderr, "# %.1f times as long\n", many / few);
	NEED(many <= 3 * few);
}

/* What is told of all blocks without a look. */
static void ask_sizes(void)
{
	double few, many, start;

	take(1000);
	start = spent();
	for (int i = 0; i < 1000; i++)
		NEED(heap_sizes().blocks == 1000);
	few = spent() - start;
	take(100000);
	start = spent();
	for (int i = 0; i < 1000; i++)
		NEED(heap_sizes().blocks == 101000 && heap_sizes().live == 101000 * (size_t)BLOCK);
	many = spent() - start;
	NEED(many <= 10 * few + 1e6);
}

static void test_native_many(void **state)
{
	(void)state;
	in_child(grow);
	in_child(ask_sizes);
}

/*
 * Large blocks of which little is used
 */

#define LARGEST ((size_t)512 << 30)

static long faults(void)
{
	struct rusage usage;

	NEED(!getrusage(RUSAGE_SELF, &usage));
	return usage.ru_minflt;
}

/* The allocator's tables: a page of theirs stands for 128 MiB of blocks. */
static void use_little(void)
{
	long before;

	for (int round = 0; round < 3; round++) {
		unsigned char *block = tamalloc(LARGEST);

		/* With strict accounting there is no such thing. */
		if (!block)
			return;
		touch(block, LARGEST / PAGE / 2);
		before = faults();
		tamfree(block);
		block = tamalloc(LARGEST);
		NEED(block && !block[LARGEST / 2 + LARGEST / PAGE / 2 % PAGE]);
		if (faults() - before > 130)
			fprintf(stderr, "# %ld faults\n", faults() - before);
		NEED(faults() - before <= 130);
		tamfree(block);
	}
}

#define HELD	 3000
#define HELD_SIZE ((size_t)33 << 20)

/* The allocator's own memory for each block. */
static void hold_many(void)
{
	static unsigned char *blocks[HELD];
	size_t before = own_resident(), held;

	for (size_t i = 0; i < HELD; i++) {
		blocks[i] = tamalloc(HELD_SIZE);
		if (!blocks[i])
			return;
	}
	held = (own_resident() - before) / HELD;
	if (held > 1000)
		fprintf(stderr, "# %zu bytes a block\n", held);
	NEED(held <= 1000);
	for (size_t i = 0; i < HELD; i++) {
		touch(blocks[i], i % 8000);
		tamfree(blocks[i]);
	}
}

static void test_native_large(void **state)
{
	(void)state;
	in_child(use_little);
	in_child(hold_many);
}

/*
 * The table of dirty pages, against one that is plain
 */

#define TABLE_PAGES ((size_t)3 << 18) /* 3 GiB */

static void compare_tables(void)
{
	static unsigned char dirty[TABLE_PAGES];
	struct random random = { 11 };
	unsigned char *block = tamalloc(TABLE_PAGES * PAGE);
	size_t first = (uintptr_t)block / PAGE;

	NEED(block);
	for (int turn = 0; turn < 20000; turn++) {
		/* Now and then much, and all that a word of some level stands for. */
		size_t unit = turn % 3 ? 1 : turn % 5 ? 64 : turn % 7 ? 4096 : 262144;
		size_t page = below(&random, TABLE_PAGES) / unit * unit;
		size_t most = turn % 50 ? 200 : turn % 100 ? 300000 : 20000;
		size_t pages = (1 + below(&random, most) / unit) * unit, count = 0, at, run;

		if (pages > TABLE_PAGES - page)
			pages = TABLE_PAGES - page;
		if (turn % 2) {
			dirty_set(first + page, pages < 3000 ? pages : 3000);
			memset(dirty + page, 1, pages < 3000 ? pages : 3000);
		} else {
			dirty_clear(first + page, pages);
			memset(dirty + page, 0, pages);
		}
		for (size_t i = page; i < page + pages; i++)
			count += dirty[i];
		NEED(dirty_count(first + page, pages, SIZE_MAX) == count);
		for (at = first + page; (run = dirty_run(&at, first + page + pages)); at += run) {
			NEED(is_all(dirty + at - first, run, 1));
			NEED(at + run == first + page + pages || !dirty[at + run - first]);
			NEED(at == first + page || !dirty[at - 1 - first]);
			count -= run;
		}
		NEED(count == 0);
	}
	dirty_clear(first, TABLE_PAGES);
	NEED(dirty_count(first, TABLE_PAGES, SIZE_MAX) == 0);
}

static void test_table(void **state)
{
	(void)state;
	in_child(compare_tables);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_advice),
		cmocka_unit_test(test_table),
#if !IS_SANITIZED
		cmocka_unit_test(test_native_many),
		cmocka_unit_test(test_native_large),
#endif
	};

	print_tap();
	return cmocka_run_group_tests_name("lib-allocate-stalls", tests, NULL, NULL);
}
