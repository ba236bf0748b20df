// SPDX-License-Identifier: GPL-2.0
/*
 * Whatever processes there are, 550 and 553 cost no more a process among many
 * than among few. Counted in instructions: for a machine with one CPU whose time
 * stamp counter counts one per instruction (QEMU's -icount shift=0,sleep=off).
 */
#include <x86intrin.h>

#include "sharers.h"
#include "snapshot.h"

#define PAIRS		400
#define FEW		200
#define MANY		(3 * FEW)
#define RECORDS		(2 * (MANY + PAIRS) + 200)
#define REPETITIONS	3
/* Percent: trees of pids and caches of the kernel's allocator grow, too. */
#define TOLERANCE	25
/* A dozen times what a process with a memory of its own takes. */
#define MOST_EACH	10000

static struct tamalloc_record records[RECORDS];

static uint64_t counter(void)
{
	_mm_lfence();
	return __rdtsc();
}

static uint64_t cost_of_loop(unsigned long rounds)
{
	uint64_t start = counter();

	while (rounds--)
		asm volatile("");
	return counter() - start;
}

/* Where the counter counts anything else, twice as much is not twice as many. */
static bool counts_instructions(void)
{
	uint64_t once = cost_of_loop(100000), twice = cost_of_loop(200000);

	return once >= 200000 && once <= 500000 && distance(twice, 2 * once) < 1000;
}

static uint64_t cost_of_total(void)
{
	struct tamalloc_global_info info;
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < REPETITIONS; i++) {
		uint64_t start = counter(), cost;

		if (total(&info))
			return 0;
		cost = counter() - start;
		best = cost < best ? cost : best;
	}
	return best;
}

/* Of the processes from a pid on. */
static uint64_t cost_of_snapshot(uint32_t cursor)
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < REPETITIONS; i++) {
		struct tamalloc_snapshot about = request(records, RECORDS);
		uint64_t start = counter(), cost;

		about.cursor = cursor;
		if (ask(&about) < 1)
			return 0;
		cost = counter() - start;
		best = cost < best ? cost : best;
	}
	return best;
}

/* A full look at the crowd: by each call, and by one that begins in its midst. */
struct costs {
	uint64_t total, snapshot, rest;
};

static struct costs costs_now(void)
{
	return (struct costs){
		.total = cost_of_total(),
		.snapshot = cost_of_snapshot(0),
		.rest = cost_of_snapshot(getpid()),
	};
}

FIXTURE(cost) {
	pid_t pids[MANY];
	int count;
};

FIXTURE_SETUP(cost)
{
}

FIXTURE_TEARDOWN(cost)
{
	reap_all(self->pids, self->count);
	while (waitpid(-1, NULL, __WALL) > 0)
		;
}

/* Starts as many as are wanted, each of them by start(). */
static void start_until(struct __test_metadata *_metadata,
			FIXTURE_DATA(cost) *self, int count, pid_t (*start)(void))
{
	while (self->count < count) {
		self->pids[self->count] = start();
		ASSERT_LT(0, self->pids[self->count]);
		self->count++;
	}
}

/* What each of the first costs, and each of those that came later. */
static void expect_linear(struct __test_metadata *_metadata, const char *what,
			  uint64_t none, uint64_t few, uint64_t many)
{
	long first, later;

	ASSERT_LT(0, none);
	ASSERT_LT(none, few);
	ASSERT_LT(few, many);
	first = (few - none) / FEW;
	later = (many - few) / (MANY - FEW);
	TH_LOG("%s: %ld instructions for each of the first, %ld for each later one", what, first, later);
	EXPECT_LE(later * 100, first * (100 + TOLERANCE));
	EXPECT_GE(MOST_EACH, later);
}

static void expect_crowd_is_linear(struct __test_metadata *_metadata,
				   FIXTURE_DATA(cost) *self, pid_t (*start)(void))
{
	struct costs none = costs_now(), few, many;

	start_until(_metadata, self, FEW, start);
	few = costs_now();
	start_until(_metadata, self, MANY, start);
	many = costs_now();
	expect_linear(_metadata, "550", none.total, few.total, many.total);
	expect_linear(_metadata, "553", none.snapshot, few.snapshot, many.snapshot);
	expect_linear(_metadata, "553 from the test on", none.rest, few.rest, many.rest);
}

static pid_t start_idle(void)
{
	return spawn_stopped(NULL, NULL);
}

TEST_F(cost, of_processes_by_themselves_is_linear)
{
	expect_crowd_is_linear(_metadata, self, start_idle);
}

static pid_t start_pair(void)
{
	return spawn_stopped(share_and_stop, NULL);
}

TEST_F(cost, of_pairs_is_linear)
{
	expect_crowd_is_linear(_metadata, self, start_pair);
}

static pid_t start_sharer(void)
{
	return spawn_sharer(sleep_on, 0, NULL);
}

TEST_F(cost, of_many_in_one_address_space_is_linear)
{
	expect_crowd_is_linear(_metadata, self, start_sharer);
}

int main(int argc, char **argv)
{
	static pid_t pairs[PAIRS];
	int status;

	if (calls_are_absent() || !counts_instructions()) {
		ksft_print_header();
		ksft_exit_skip("kernel without tamalloc, or no count of instructions\n");
	}
	/* Somebody else's. They come first, so that a table that is too small is full. */
	if (raise_crowd(pairs, PAIRS, share_and_stop)) {
		ksft_print_header();
		ksft_exit_fail_msg("%d pairs: %s\n", PAIRS, strerror(errno));
	}
	if (raise_to("/proc/sys/kernel/threads-max", 8 * MANY) ||
	    raise_to("/proc/sys/kernel/pid_max", 8 * MANY))
		ksft_exit_fail_msg("limits: %s\n", strerror(errno));
	status = test_harness_run(argc, argv);
	reap_all(pairs, PAIRS);
	return status;
}
