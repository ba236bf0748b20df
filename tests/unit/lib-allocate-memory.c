// SPDX-License-Identifier: MIT
/*
 * How much memory the allocator takes: no more than what is touched, and for how long it
 * keeps what is free. The tests ask the kernel, not only the allocator.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "lib-allocate-common.h"

/* What else a process takes meanwhile: stacks, the C library's, page tables' records. */
#define SLACK (2 * MIB)

/* A machine that is busy with others wakes us up late. */
#define PATIENCE 20000 /* milliseconds */

static long now_milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool is_back_at(size_t resident)
{
	return own_resident() <= resident + SLACK;
}

/* Milliseconds until it is so; without any call of the allocator. */
static long wait_for_resident(size_t resident)
{
	long start = now_milliseconds();

	while (!is_back_at(resident)) {
		NEED(now_milliseconds() - start < PATIENCE);
		sleep_milliseconds(5);
	}
	return now_milliseconds() - start;
}

static unsigned char *touched_block(size_t size, size_t step)
{
	unsigned char *block = tamalloc(size);

	NEED(block);
	for (size_t page = 0; page < size / PAGE; page += step)
		touch(block, page);
	return block;
}

/*
 * Live blocks
 */

static void commit_sparse(void)
{
	static const size_t sizes[] = { LARGE, MIB, 5 * MIB, 64 * MIB, 1024 * MIB };
	size_t before = own_resident();

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		unsigned char *block = tamalloc(sizes[i]);

		NEED(block);
		NEED(tamalloc_committed(block) == 0);
		for (size_t part = 0; part < 10; part++) {
			touch(block, sizes[i] / PAGE * part / 10);
			NEED(tamalloc_committed(block) == (part + 1) * PAGE);
		}
		NEED(resident_pages(block, sizes[i]) == 10);
		NEED(is_back_at(before));
		tamfree(block);
		tamalloc_trim();
	}
}

static void commit_nothing(void)
{
	size_t by_reading = committed_by_reading(64 * MIB), before = own_resident();
	unsigned char *blocks[100];

	/* 100 GiB. */
	for (int i = 0; i < 100; i++) {
		blocks[i] = tamalloc(1024 * MIB);
		NEED(blocks[i]);
	}
	NEED(statistics().committed == 0);
	NEED(is_back_at(before));
	/* To read commits no more than in any other mapping: nothing, with the zero page. */
	NEED(is_zero(blocks[7], 64 * MIB));
	NEED(is_back_at(before + by_reading));
	NEED(statistics().committed == by_reading);
	for (int i = 0; i < 100; i++)
		tamfree(blocks[i]);
	NEED(is_back_at(before));
}

static void commit_once(void)
{
	unsigned char *block = touched_block(40 * MIB, 1);

	NEED(tamalloc_committed(block) == 40 * MIB);
	/* A part of it is given back by the program itself. */
	NEED(!madvise(block + MIB, 2 * MIB, MADV_DONTNEED));
	NEED(tamalloc_committed(block) == 38 * MIB);
	NEED(statistics().committed == 38 * MIB);
	tamfree(block);
	block = tamalloc(100);
	NEED(tamalloc_committed(block) == 100);
	tamfree(block);
}

/* Time and again, each time other pages: what is kept of it does not add up. */
static void stay_sparse(void)
{
	struct random random = { 3 };
	size_t before = own_resident(), most = 0;

	for (int round = 0; round < 300; round++) {
		unsigned char *block = tamalloc(64 * MIB);

		for (int i = 0; i < 164; i++)
			touch(block, below(&random, 64 * MIB / PAGE));
		if (round > 200 && tamalloc_committed(block) > most)
			most = tamalloc_committed(block);
		tamfree(block);
		NEED(is_back_at(before + 4 * MIB));
	}
	/* 1 % of it is touched. */
	NEED(most < 64 * MIB / 20);
}

/* Sparse blocks grow and shrink without becoming dense. */
static void resize_sparse(void)
{
	static const size_t sizes[] = { LARGE, MIB, 3 * MIB, 20 * MIB, 40 * MIB, 100 * MIB };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t before = own_resident();
		unsigned char *block = tamalloc(sizes[i]), *behind[8];

		touch(block, 1);
		touch(block, 20);
		touch(block, sizes[i] / PAGE - 1);
		/* Perhaps one is in the way. */
		for (int j = 0; j < 8; j++)
			behind[j] = tamalloc(sizes[i]);
		for (size_t factor = 2; factor <= 16; factor *= 2) {
			block = tamrealloc(block, sizes[i] * factor);
			NEED(block);
			NEED(resident_pages(block, sizes[i]) == 3);
			NEED(tamalloc_committed(block) == 3 * PAGE);
		}
		block = tamrealloc(block, sizes[i] / 2);
		NEED(block && tamalloc_committed(block) == 2 * PAGE);
		NEED(is_back_at(before));
		tamfree(block);
		for (int j = 0; j < 8; j++)
			tamfree(behind[j]);
		tamalloc_trim();
	}
}

/* What a block is shrunk by is free memory, at once. */
static void shrink_dense(void)
{
	size_t by_reading = committed_by_reading(80 * MIB), before = own_resident();
	unsigned char *block = touched_block(100 * MIB, 1);

	NEED(!is_back_at(before + 90 * MIB));
	block = tamrealloc(block, 20 * MIB);
	NEED(block && is_back_at(before + 20 * MIB));
	NEED(tamalloc_committed(block) == 20 * MIB);
	block = tamrealloc(block, 100 * MIB);
	NEED(block && is_back_at(before + 20 * MIB));
	NEED(is_zero(block + 20 * MIB, 80 * MIB));
	NEED(is_back_at(before + 20 * MIB + by_reading));
	tamfree(block);
}

static void reset(void)
{
	for (size_t step = 1; step < 200; step *= 3)
		for (int round = 0; round < 3; round++) {
			unsigned char *block = touched_block(8 * MIB, step);
			size_t touched = tamalloc_committed(block);

			tamalloc_reset(block);
			/* No page that was not there before; counted before it is read. */
			NEED(tamalloc_committed(block) <= touched + 8 * MIB / 16);
			NEED(is_zero(block, 8 * MIB));
			NEED(tamalloc_committed(block) <=
			     touched + 8 * MIB / 16 + committed_by_reading(8 * MIB));
			touch(block, 5);
			tamalloc_reset(block);
			NEED(is_zero(block, 8 * MIB));
			tamfree(block);
		}
}

static void test_native_sparse(void **state)
{
	(void)state;
	in_child(commit_sparse);
	in_child(commit_nothing);
	in_child(commit_once);
	in_child(stay_sparse);
}

static void test_native_resize(void **state)
{
	(void)state;
	in_child(resize_sparse);
	in_child(shrink_dense);
}

static void test_native_reset(void **state)
{
	(void)state;
	in_child(reset);
}

/*
 * Free memory
 */

/* Kept for a while, then given back by the next call, of whatever size. */
static void decay_by_call(void)
{
	size_t before = own_resident();
	struct tamalloc_statistics now;
	unsigned char *block;

	NEED(!tamalloc_set(TAMALLOC_DECAY, 200));
	tamfree(touched_block(40 * MIB, 1));
	NEED(statistics().cached == 40 * MIB);
	NEED(!is_back_at(before + 30 * MIB));
	sleep_milliseconds(300);
	/* Nothing happens by itself. */
	NEED(!is_back_at(before + 30 * MIB));
	block = tamalloc(LARGE);
	NEED(is_back_at(before));
	NEED(statistics().cached == 0);
	tamfree(block);
	sleep_milliseconds(300);
	tamfree(tamalloc(LARGE));
	/* Address space, too: at most what that last block came from. */
	now = statistics();
	NEED(now.reserved <= 16 * MIB);
	/* A part of it perhaps by that block; or it is kept, where the kernel's calls cost
	 * more than to zero it. */
	NEED(now.cached <= LARGE);
	NEED(now.released_bytes + now.dropped_bytes + now.cached == 40 * MIB);
}

/* Also while the program goes on with blocks of another size. */
static void decay_among_calls(void)
{
	size_t before = own_resident();
	long start = now_milliseconds();

	NEED(!tamalloc_set(TAMALLOC_DECAY, 200));
	tamfree(touched_block(40 * MIB, 1));
	tamfree(touched_block(MIB, 4));
	/* It is there to be used again until then. */
	NEED(!is_back_at(before + 30 * MIB) || now_milliseconds() - start >= 100);
	while (!is_back_at(before + MIB)) {
		tamfree(touched_block(MIB, 4));
		/* It is there to be used again until then. */
		NEED(!statistics().released_bytes || now_milliseconds() - start >= 100);
		NEED(now_milliseconds() - start < PATIENCE);
	}
}

/* However long it was used before: what a program frees now, it needed until now. */
static void decay_after_long_use(void)
{
	unsigned char *block;

	NEED(!tamalloc_set(TAMALLOC_DECAY, 1000));
	block = touched_block(40 * MIB, 1);
	sleep_milliseconds(2500);
	tamfree(block);
	NEED(statistics().cached == 40 * MIB);
	NEED(statistics().released_bytes == 0);
}

/* After the default, about a second, by the thread that was asked for. */
static void decay_in_background(void)
{
	size_t before = own_resident();
	long took;

	NEED(!tamalloc_set(TAMALLOC_BACKGROUND, 1));
	for (int round = 0; round < 2; round++) {
		tamfree(touched_block(40 * MIB, 1));
		took = wait_for_resident(before);
		NEED(took >= 500);
		/* Another time after it has slept without end. */
		sleep_milliseconds(200);
	}
	NEED(statistics().cached == 0 && statistics().reserved == 0);
}

/* The thread takes no signal away from the program, and no time. */
static volatile sig_atomic_t signals;
static pthread_t signalled;

static void count_signal(int signal)
{
	(void)signal;
	signals++;
	signalled = pthread_self();
}

static void background_is_quiet(void)
{
	struct timespec spent;
	sigset_t set;

	NEED(!tamalloc_set(TAMALLOC_BACKGROUND, 1));
	NEED(!tamalloc_set(TAMALLOC_DECAY, 50));
	tamfree(touched_block(MIB, 1));
	sleep_milliseconds(400);
	signal(SIGUSR1, count_signal);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	kill(getpid(), SIGUSR1);
	sleep_milliseconds(100);
	NEED(!signals);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	NEED(signals == 1 && pthread_equal(signalled, pthread_self()));
	sleep_milliseconds(500);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
	NEED(!spent.tv_sec && spent.tv_nsec < 100000000);
}

static void decay_never_early(void)
{
	unsigned char *block;

	NEED(!tamalloc_set(TAMALLOC_DECAY, 3600000));
	NEED(!tamalloc_set(TAMALLOC_BACKGROUND, 1));
	tamfree(touched_block(40 * MIB, 1));
	sleep_milliseconds(1500);
	tamfree(tamalloc(LARGE));
	NEED(statistics().cached >= 39 * MIB);
	/* A shorter time is in force at once. */
	NEED(!tamalloc_set(TAMALLOC_DECAY, 100));
	sleep_milliseconds(200);
	block = tamalloc(LARGE);
	NEED(statistics().cached == 0);
	tamfree(block);
}

static void decay_at_once(void)
{
	size_t before = own_resident();

	NEED(!tamalloc_set(TAMALLOC_DECAY, 0));
	for (int round = 0; round < 10; round++) {
		tamfree(touched_block(10 * MIB, 1));
		NEED(is_back_at(before));
		NEED(statistics().cached == 0);
	}
}

static void test_native_decay(void **state)
{
	(void)state;
	in_child(decay_by_call);
	in_child(decay_among_calls);
	in_child(decay_after_long_use);
	in_child(decay_never_early);
	in_child(decay_at_once);
}

static void test_native_background(void **state)
{
	(void)state;
	in_child(decay_in_background);
	in_child(background_is_quiet);
}

static void trim(void)
{
	size_t before = own_resident();
	unsigned char *block = touched_block(3 * MIB, 1), *live = touched_block(5 * MIB, 1);

	tamfree(block);
	NEED(statistics().cached == 3 * MIB);
	NEED(tamalloc_trim() == 3 * MIB);
	NEED(tamalloc_trim() == 0);
	NEED(statistics().cached == 0);
	NEED(is_back_at(before + 5 * MIB));
	NEED(tamalloc_committed(live) == 5 * MIB);
	tamfree(live);
	NEED(tamalloc_trim() == 5 * MIB);
	NEED(statistics().reserved == 0);
	NEED(is_back_at(before));
}

static void test_native_trim(void **state)
{
	(void)state;
	in_child(trim);
}

/*
 * Blocks of random sizes that are touched throughout: live and cached memory together are
 * not much more than live memory was at its most, of late.
 */
#define PLACES 12

static void stay_below(long percent)
{
	static unsigned char *blocks[PLACES];
	static size_t sizes[PLACES];
	struct random random = { 17 };
	size_t before = own_resident(), live = 0, peak = 0, most = 0;

	NEED(!tamalloc_set(TAMALLOC_CACHE, percent));
	for (int turn = 0; turn < 3000; turn++) {
		size_t i = below(&random, PLACES), resident;

		if (blocks[i]) {
			tamfree(blocks[i]);
			blocks[i] = NULL;
			live -= sizes[i];
		} else {
			sizes[i] = LARGE + below(&random, 4 * MIB) / PAGE * PAGE;
			blocks[i] = tamalloc(sizes[i]);
			NEED(blocks[i]);
			memset(blocks[i], 1, sizes[i]);
			live += sizes[i];
		}
		if (live > peak)
			peak = live;
		resident = own_resident() - before;
		if (turn > 200 && resident > most)
			most = resident;
	}
	NEED(most >= peak * 9 / 10);
	NEED(most <= peak + peak * (size_t)percent / 100 + peak / 20 + SLACK);
	for (int i = 0; i < PLACES; i++)
		tamfree(blocks[i]);
	memset(blocks, 0, sizeof(blocks));
}

static void stay_below_default(void)
{
	stay_below(10);
}

static void stay_below_nothing(void)
{
	stay_below(0);
}

/* What was needed long ago is not kept for it. */
static void forget_peak(void)
{
	static unsigned char *blocks[16];
	size_t before = own_resident();

	NEED(!tamalloc_set(TAMALLOC_DECAY, 300));
	/* So that it is known how these are used. */
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 16; i++)
			blocks[i] = touched_block(4 * MIB, 1);
		for (int i = 0; i < 16; i++)
			tamfree(blocks[i]);
	}
	NEED(statistics().cached >= 60 * MIB);
	/* Long enough for two periods, in which little is needed. */
	for (int round = 0; round < 100; round++) {
		tamfree(touched_block(MIB, 1));
		sleep_milliseconds(10);
	}
	NEED(is_back_at(before + 2 * MIB));
	NEED(statistics().cached <= 2 * MIB);
}

static void test_native_cap(void **state)
{
	(void)state;
	in_child(stay_below_default);
	in_child(stay_below_nothing);
	in_child(forget_peak);
}

/*
 * Statistics
 */

static void add_up(void)
{
	struct tamalloc_statistics now;
	unsigned char *blocks[20];
	uint64_t pages = 0, resident = 0;

	for (size_t i = 0; i < 20; i++) {
		blocks[i] = touched_block(LARGE + i * 30000, i + 1);
		pages += (LARGE + i * 30000 + PAGE - 1) / PAGE;
		resident += resident_pages(blocks[i], LARGE + i * 30000);
	}
	now = statistics();
	NEED(now.blocks == 20 && now.handed_out == 20);
	NEED(now.allocated == pages * PAGE);
	NEED(now.committed == resident * PAGE);
	NEED(now.cached == 0 && now.zeroed == 0);
	NEED(now.zeroed_nothing == 20 && now.zeroed_touched == 0 && now.zeroed_whole == 0);
	NEED(now.reserved >= pages * PAGE);
	NEED(now.kept == 0 && now.dropped == 0 && now.dropped_bytes == 0);
	NEED(now.released_bytes == 0);
	for (size_t i = 0; i < 10; i++)
		tamfree(blocks[i]);
	now = statistics();
	NEED(now.blocks == 10 && now.handed_out == 20);
	NEED(now.kept + now.dropped == 10);
	/* What was resident is in use, kept, or given back. */
	NEED(now.committed + now.cached + now.dropped_bytes + now.released_bytes ==
	     resident * PAGE);
	for (size_t i = 0; i < 10; i++)
		blocks[i] = touched_block(LARGE + i * 30000, i + 1);
	now = statistics();
	NEED(now.handed_out == 30 && now.zeroed <= now.allocated);
	NEED(now.zeroed_nothing + now.zeroed_touched + now.zeroed_whole == 30);
	NEED((now.zeroed != 0) == (now.zeroed_touched + now.zeroed_whole != 0));
	for (size_t i = 0; i < 20; i++)
		tamfree(blocks[i]);
	now = statistics();
	NEED(now.blocks == 0 && now.committed == 0 && now.kept + now.dropped == 30);
	NEED(now.cached <= now.reserved);
}

static void test_native_statistics(void **state)
{
	(void)state;
	in_child(add_up);
}

/*
 * Huge pages
 */

#define POLICY "/sys/kernel/mm/transparent_hugepage/enabled"

static char policy_before[64];

static bool set_policy(const char *policy)
{
	int fd = open(POLICY, O_WRONLY | O_CLOEXEC);
	bool is_set;

	if (fd < 0)
		return false;
	is_set = write(fd, policy, strlen(policy)) == (ssize_t)strlen(policy);
	close(fd);
	return is_set;
}

/* The word in brackets. */
static bool read_policy(void)
{
	char text[64];
	int fd = open(POLICY, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	char *start, *end;

	if (fd >= 0)
		close(fd);
	if (length <= 0)
		return false;
	text[length] = 0;
	start = strchr(text, '[');
	end = strchr(text, ']');
	if (!start || !end)
		return false;
	*end = 0;
	strcpy(policy_before, start + 1);
	return true;
}

static int restore_policy(void **state)
{
	(void)state;
	return set_policy(policy_before) ? 0 : -1;
}

/* Bytes that are in huge pages. */
static size_t own_huge(void)
{
	char text[4096], *found;
	int fd = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	NEED(length > 0);
	close(fd);
	text[length] = 0;
	found = strstr(text, "AnonHugePages:");
	NEED(found);
	return strtoul(found + strlen("AnonHugePages:"), NULL, 10) * 1024;
}

/* Whether the machine has any to give: not when its memory is in pieces. */
static bool has_huge(void)
{
	char *region = mmap(NULL, 4 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);
	size_t before = own_huge(), after;

	NEED(region != MAP_FAILED && !madvise(region, 4 * MIB, MADV_HUGEPAGE));
	memset(region, 1, 4 * MIB);
	after = own_huge();
	munmap(region, 4 * MIB);
	return after > before;
}

/* Dense blocks of 64 MiB, until one that is fresh is in huge pages, if there are any. */
static unsigned char *huge_block(void)
{
	size_t before = own_huge();
	unsigned char *block;

	for (int round = 0; round < 4; round++)
		tamfree(touched_block(64 * MIB, 1));
	tamalloc_trim();
	block = touched_block(64 * MIB, 1);
	NEED(!has_huge() || own_huge() >= before + 32 * MIB);
	return block;
}

/* As many pages in memory as were touched, in blocks of sizes that were never dense. */
static void all_sparse(void)
{
	static const size_t sizes[] = { LARGE, 300000, MIB, 3 * MIB, 7 * MIB, 48 * MIB };
	unsigned char *blocks[40];

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t count = sizes[i] < 8 * MIB ? 40 : 2, resident = 0, already = 0;

		for (size_t j = 0; j < count; j++) {
			blocks[j] = tamalloc(sizes[i]);
			NEED(blocks[j]);
			already += tamalloc_committed(blocks[j]) / PAGE;
			touch(blocks[j], 3);
			touch(blocks[j], sizes[i] / PAGE / 2);
			touch(blocks[j], sizes[i] / PAGE - 1);
			resident += tamalloc_committed(blocks[j]) / PAGE;
		}
		if (resident > already + 3 * count)
			fprintf(stderr, "# %zu blocks of %zu bytes: %zu pages, %zu of them before\n",
				count, sizes[i], resident, already);
		NEED(resident <= already + 3 * count);
		for (size_t j = 0; j < count; j++)
			tamfree(blocks[j]);
	}
}

static void huge_sparse(void)
{
	all_sparse();
}

/* Where dense blocks were, and were given back. */
static void huge_after_dense(void)
{
	unsigned char *block = huge_block();

	tamfree(block);
	NEED(!tamalloc_set(TAMALLOC_CACHE, 0));
	tamalloc_trim();
	all_sparse();
}

/* Behind a dense block that has become shorter. */
static void huge_after_shrinking(void)
{
	unsigned char *block = huge_block();

	block = tamrealloc(block, 32 * MIB);
	NEED(block);
	all_sparse();
	tamfree(block);
}

/* The kernel's advice goes with the pages that are moved. */
static void huge_after_moving(void)
{
	unsigned char *block = huge_block(), *others[6];

	for (int i = 0; i < 6; i++)
		others[i] = tamalloc(64 * MIB);
	block = tamrealloc(block, 128 * MIB);
	NEED(block);
	block = tamrealloc(block, 70 * MIB);
	NEED(block);
	all_sparse();
	for (int i = 0; i < 6; i++)
		tamfree(others[i]);
	all_sparse();
	tamfree(block);
	tamalloc_trim();
	all_sparse();
}

/* The same size, used otherwise from now on: noticed within some dozens of frees. */
static void huge_becomes_sparse(void)
{
	size_t committed = 0;

	tamfree(huge_block());
	for (int round = 0; round < 300; round++) {
		unsigned char *block = tamalloc(64 * MIB);

		for (size_t page = 0; page < 100; page++)
			touch(block, page * 160);
		committed = tamalloc_committed(block);
		tamfree(block);
	}
	NEED(committed <= 2 * 100 * PAGE);
}

/* What is wrongly expected to be dense costs no more than this, and a tenth of what is not. */
#define HUGE_MOST (64 * MIB)

/* Dense blocks, then sparse ones of their size, which stay. */
static void huge_sparse_that_stay(void)
{
	static unsigned char *blocks[100];
	size_t before, after;

	for (int round = 0; round < 4; round++)
		tamfree(touched_block(16 * MIB, 1));
	tamalloc_trim();
	before = own_resident();
	for (size_t i = 0; i < 100; i++) {
		blocks[i] = touched_block(16 * MIB, 256);
		NEED(blocks[i]);
	}
	after = own_resident();
	if (after > before + 100 * 16 * PAGE + HUGE_MOST + SLACK)
		fprintf(stderr, "# %zu MiB\n", (after - before) / MIB);
	NEED(after <= before + 100 * 16 * PAGE + HUGE_MOST + SLACK);
	for (size_t i = 0; i < 100; i++)
		tamfree(blocks[i]);
}

/* A filter lets nobody look whether they were written. */
static void huge_sparse_unseen(void)
{
	NEED(!tamalloc_set(TAMALLOC_LOOK, 1));
	refuse_call(SYS_process_vm_readv, EPERM);
	huge_sparse_that_stay();
}

/* All are handed out before the first of them is used. */
static void huge_sparse_later(void)
{
	static unsigned char *blocks[100];
	size_t before = own_resident();

	for (int round = 0; round < 4; round++)
		tamfree(touched_block(16 * MIB, 1));
	tamalloc_trim();
	for (size_t i = 0; i < 100; i++)
		blocks[i] = tamalloc(16 * MIB);
	for (size_t i = 0; i < 100; i++)
		for (size_t page = 0; page < 16 * MIB / PAGE; page += 256)
			touch(blocks[i], page);
	NEED(own_resident() <= before + 100 * 16 * PAGE + HUGE_MOST + SLACK);
}

/* Not the size that was dense, but that of nearly as many. */
static void huge_read_only(void)
{
	size_t by_reading = committed_by_reading(256 * MIB), before;
	unsigned char *block;

	for (int round = 0; round < 4; round++)
		tamfree(touched_block(256 * MIB, 1));
	tamalloc_trim();
	before = own_resident();
	block = tamalloc(256 * MIB);
	touch(block, 0);
	NEED(own_resident() <= before + HUGE_MOST);
	NEED(is_zero(block + PAGE, 100 * PAGE));
	NEED(own_resident() <= before + by_reading + HUGE_MOST);
	tamfree(block);
}

/* Who writes to all of it has huge pages as ever, not for the first blocks only. */
static void huge_dense(void)
{
	static unsigned char *blocks[20];
	size_t before = own_huge();

	if (!has_huge())
		return;
	for (int round = 0; round < 4; round++)
		tamfree(touched_block(32 * MIB, 1));
	tamalloc_trim();
	for (size_t i = 0; i < 20; i++)
		blocks[i] = touched_block(32 * MIB, 1);
	if (own_huge() < before + 600 * MIB)
		fprintf(stderr, "# %zu MiB\n", (own_huge() - before) / MIB);
	NEED(own_huge() >= before + 600 * MIB);
	for (size_t i = 0; i < 20; i++)
		tamfree(blocks[i]);
}

/* Bytes of the allocator's for which huge pages are asked, by the flags of smaps. */
static size_t advised(void)
{
	FILE *file = fopen("/proc/self/smaps", "r");
	size_t size = 0, sum = 0;
	char line[512];

	NEED(file);
	while (fgets(line, sizeof(line), file)) {
		if (!strncmp(line, "Size:", 5))
			size = strtoul(line + 5, NULL, 10) * 1024;
		if (!strncmp(line, "VmFlags:", 8) && strstr(line, " hg"))
			sum += size;
	}
	fclose(file);
	return sum;
}

/* Advice ends with the block, or that part of it, which it was for. */
static void huge_advice_ends(void)
{
	unsigned char *block = huge_block();

	block = tamrealloc(block, 20 * MIB);
	NEED(advised() <= 20 * MIB);
	tamfree(block);
	NEED(advised() == 0);
	NEED(!tamalloc_set(TAMALLOC_DECAY, 0));
	tamalloc_trim();
	block = touched_block(64 * MIB, 1);
	tamfree(block);
	NEED(advised() == 0);
}

static void huge_refused(void)
{
	size_t before = own_huge();
	unsigned char *block;

	NEED(!tamalloc_set(TAMALLOC_HUGE_PAGES, 0));
	for (int round = 0; round < 4; round++)
		tamfree(touched_block(64 * MIB, 1));
	tamalloc_trim();
	block = touched_block(64 * MIB, 1);
	NEED(own_huge() == before);
	tamfree(block);
}

static void test_native_huge(void **state)
{
	static const char *const policies[] = { "always", "madvise", "never" };

	(void)state;
	if (!read_policy() || !set_policy(policy_before)) {
		print_message("# " POLICY " cannot be written\n");
		skip();
	}
	for (int i = 0; i < 3; i++) {
		assert_true(set_policy(policies[i]));
		in_child(huge_sparse);
		in_child(huge_refused);
		if (!strcmp(policies[i], "never"))
			continue;
		in_child(huge_after_dense);
		in_child(huge_after_shrinking);
		in_child(huge_after_moving);
		in_child(huge_becomes_sparse);
		in_child(huge_sparse_that_stay);
		in_child(huge_sparse_unseen);
		in_child(huge_sparse_later);
		in_child(huge_read_only);
		in_child(huge_dense);
		in_child(huge_advice_ends);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#if IS_SANITIZED
		/* It has memory of its own. */
		cmocka_unit_test(test_native_reset),
#else
		cmocka_unit_test(test_native_sparse),
		cmocka_unit_test(test_native_resize),
		cmocka_unit_test(test_native_reset),
		cmocka_unit_test(test_native_decay),
		cmocka_unit_test(test_native_background),
		cmocka_unit_test(test_native_trim),
		cmocka_unit_test(test_native_cap),
		cmocka_unit_test(test_native_statistics),
		cmocka_unit_test_teardown(test_native_huge, restore_policy),
#endif
	};

	print_tap();
	return cmocka_run_group_tests_name("lib-allocate-memory", tests, NULL, NULL);
}
