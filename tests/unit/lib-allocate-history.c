// SPDX-License-Identifier: MIT
/*
 * The rule by which freed memory is kept or given back, alone: a program that uses
 * blocks of one size, and a memory of which the rule learns no more than from a kernel.
 */
#include "allocator/allocator.h"

#include "lib-allocate-common.h"

#define PAGES 4096 /* 16 MiB */

/* Two machines: on one a first touch takes 25 times as long as to zero a page, on another 4. */
static const struct costs dear = { .zero = 65, .fault = 1610, .drop = 220, .call = 500 };
static const struct costs cheap = { .zero = 60, .fault = 240, .drop = 60, .call = 200 };

/*
 * The program and its memory
 */

enum use_of_pages { NOTHING, DENSE, TENTH, RANDOM, STRIPES };

static struct machine {
	struct history history;
	const struct costs *costs;
	size_t pages;
	bool is_zeroed;		/* calloc(), not malloc() */
	bool writes_zeroes;	/* what a sample takes for unused */
	bool has_huge_pages;	/* a first touch brings 512 pages */
	struct random random;
	bool resident[PAGES];
} machine;

/* What became of the blocks. */
static struct {
	int looks, samples, kept, dropped;
	double nanoseconds;
	size_t resident; /* pages after the last free */
} seen;

static void start_machine(const struct costs *costs, size_t pages)
{
	machine = (struct machine){
		.history = HISTORY_INITIAL,
		.costs = costs,
		.pages = pages,
		.is_zeroed = true,
		.random = { 12345 },
	};
}

static bool is_used(enum use_of_pages use, size_t page)
{
	switch (use) {
	case NOTHING:
		return false;
	case DENSE:
		return true;
	case TENTH:
		return page < machine.pages / 10;
	case STRIPES:
		return page % 10 == 3;
	default:
		return !below(&machine.random, 100);
	}
}

static void bring_in(size_t page)
{
	size_t first = page, end = page + 1;

	if (machine.has_huge_pages) {
		first = page & ~(size_t)511;
		end = first + 512;
	}
	for (; first < end && first < machine.pages; first++)
		machine.resident[first] = true;
	seen.nanoseconds += machine.costs->fault;
}

static struct touched look(void)
{
	struct touched touched = { 0 };

	for (size_t page = 0; page < machine.pages; page++) {
		if (machine.resident[page] && touched.prefix == page)
			touched.prefix++;
		touched.pages += machine.resident[page];
	}
	return touched;
}

/* The block is handed out, used, and freed. */
static void cycle(enum use_of_pages pattern)
{
	struct use use = { .pages = machine.pages, .zeroed = machine.is_zeroed };
	size_t used = 0, before = look().pages, dropped, sampled = NO_SAMPLE;
	bool sample = machine.has_huge_pages, keeps = false;
	struct touched touched;
	enum history_mode mode;

	use.kept = before;
	if (machine.is_zeroed)
		seen.nanoseconds += (float)before * machine.costs->zero;
	for (size_t page = 0; page < machine.pages; page++) {
		if (!is_used(pattern, page))
			continue;
		used++;
		if (!machine.resident[page])
			bring_in(page);
	}
	touched = look();
	mode = history_plan(&machine.history, &use, &sample);
	if (mode == HISTORY_LOOK) {
		seen.looks++;
		seen.samples += sample;
		if (sample)
			sampled = machine.writes_zeroes ? 0 : used;
		keeps = history_keeps(&machine.history, machine.costs, &use, &touched, sampled);
	}
	if (mode == HISTORY_DENSE) {
		keeps = true;
		memset(machine.resident, true, machine.pages);
	}
	if (keeps) {
		seen.kept++;
	} else {
		dropped = touched.pages;
		seen.nanoseconds += machine.costs->call + (float)dropped * machine.costs->drop;
		memset(machine.resident, false, machine.pages);
		seen.dropped++;
	}
	seen.resident = look().pages;
}

static void run(enum use_of_pages pattern, int cycles)
{
	memset(&seen, 0, sizeof(seen));
	for (int i = 0; i < cycles; i++)
		cycle(pattern);
}

/* How many frees it takes until so many in a row become what they should. */
static int settles(enum use_of_pages pattern, bool (*is_good)(void))
{
	int good = 0;

	for (int i = 0; i < 2000; i++) {
		memset(&seen, 0, sizeof(seen));
		cycle(pattern);
		good = is_good() ? good + 1 : 0;
		if (good == 10)
			return i - 9;
	}
	return 2000;
}

static bool keeps_all(void)
{
	return seen.kept && seen.resident == machine.pages;
}

/* The tenth, and not much else. */
static bool keeps_tenth(void)
{
	return seen.kept && seen.resident <= machine.pages / 8;
}

static bool keeps_nothing(void)
{
	return !seen.resident;
}

/*
 * What is always alike
 */

static void test_dense(void **state)
{
	(void)state;
	for (int other = 0; other < 2; other++) {
		start_machine(other ? &cheap : &dear, PAGES);
		assert_true(settles(DENSE, keeps_all) <= 1);
		run(DENSE, 320);
		assert_int_equal(seen.dropped, 0);
		assert_in_range(seen.looks, 1, 320 / 16);
		assert_true(machine.history.touched > 0.95f);
		assert_true(machine.history.prefix > 0.95f);
	}
}

static void test_tenth(void **state)
{
	(void)state;
	for (int other = 0; other < 2; other++) {
		start_machine(other ? &cheap : &dear, PAGES);
		assert_true(settles(TENTH, keeps_tenth) <= 1);
		run(TENTH, 1000);
		assert_int_equal(seen.dropped, 0);
		assert_int_equal(seen.resident, PAGES / 10);
		assert_true(machine.history.touched > 0.09f && machine.history.touched < 0.11f);
		assert_true(machine.history.prefix > 0.09f && machine.history.prefix < 0.11f);
	}
}

/* Scattered, and always the same. No part of it is dense. */
static void test_stripes(void **state)
{
	(void)state;
	start_machine(&dear, PAGES);
	assert_true(settles(STRIPES, keeps_tenth) <= 1);
	run(STRIPES, 1000);
	assert_int_equal(seen.dropped, 0);
	assert_int_equal(seen.resident, (PAGES + 6) / 10);
	assert_true(machine.history.prefix < 0.01f);
}

/* What is kept must not creep up to all of the block. */
static void test_random(void **state)
{
	double best;

	(void)state;
	for (int other = 0; other < 2; other++) {
		start_machine(other ? &cheap : &dear, PAGES);
		run(RANDOM, 200);
		run(RANDOM, 1000);
		assert_true(seen.dropped >= 900);
		/* Nearly all of them without a look. */
		assert_true(seen.looks <= 120);
		/* Giving back each time, and the first touches; a tenth more for trying. */
		best = 1000.0 * (machine.costs->call +
				 PAGES / 100 * (machine.costs->fault + machine.costs->drop));
		assert_true(seen.nanoseconds < 1.15 * best);
	}
}

/* So few pages that it takes less to zero all of them than to fault some in. */
static void test_random_small(void **state)
{
	(void)state;
	start_machine(&dear, 64);
	run(RANDOM, 200);
	run(RANDOM, 1000);
	assert_true(seen.dropped <= 40);
	/* At most what zeroing the whole block each time costs, or faulting it in. */
	assert_true(seen.nanoseconds <= 1.1 * 1000 * 64 * machine.costs->zero);
}

static void test_nothing(void **state)
{
	(void)state;
	start_machine(&dear, PAGES);
	assert_true(settles(NOTHING, keeps_nothing) == 0);
	run(NOTHING, 320);
	assert_in_range(seen.looks, 1, 320 / 16);
	assert_int_equal(seen.samples, 0);
}

/* Memory that need not read as zero costs nothing when it is kept. */
static void test_not_zeroed(void **state)
{
	(void)state;
	for (int pattern = DENSE; pattern <= STRIPES; pattern++) {
		start_machine(&dear, PAGES);
		machine.is_zeroed = false;
		run((enum use_of_pages)pattern, 1000);
		assert_int_equal(seen.dropped, 0);
		assert_int_equal(seen.samples, 0);
	}
}

/* Zeroing dearer than a fault: nothing that has to be zeroed is kept. */
static void test_costs_decide(void **state)
{
	static const struct costs odd = { .zero = 1000, .fault = 300, .drop = 50, .call = 100 };

	(void)state;
	start_machine(&odd, PAGES);
	run(TENTH, 50);
	run(TENTH, 500);
	assert_true(seen.dropped >= 450);
}

/*
 * Change is noticed
 */

static void settle_on(enum use_of_pages pattern)
{
	start_machine(&dear, PAGES);
	run(pattern, 300);
}

static void test_change(void **state)
{
	(void)state;
	settle_on(DENSE);
	assert_true(settles(TENTH, keeps_tenth) <= 60);
	settle_on(DENSE);
	assert_true(settles(NOTHING, keeps_nothing) <= 60);
	settle_on(DENSE);
	run(RANDOM, 100);
	run(RANDOM, 300);
	assert_true(seen.dropped >= 250);
	settle_on(TENTH);
	assert_true(settles(DENSE, keeps_all) <= 20);
	settle_on(TENTH);
	run(RANDOM, 150);
	run(RANDOM, 300);
	assert_true(seen.dropped >= 250);
	settle_on(NOTHING);
	assert_true(settles(DENSE, keeps_all) <= 20);
	settle_on(NOTHING);
	assert_true(settles(TENTH, keeps_tenth) <= 20);
	/* Here patience is what is long: up to 64 frees. */
	settle_on(RANDOM);
	assert_true(settles(DENSE, keeps_all) <= 70);
	settle_on(RANDOM);
	assert_true(settles(TENTH, keeps_tenth) <= 70);
	settle_on(RANDOM);
	assert_true(settles(NOTHING, keeps_nothing) <= 70);
}

/* Now so and now so: never much dearer than the dearer of the simple ways. */
static void test_restless(void **state)
{
	static const int lengths[] = { 1, 2, 3, 7, 16, 17, 40, 100 };

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		for (int first = NOTHING; first <= STRIPES; first++)
			for (int second = NOTHING; second <= STRIPES; second++) {
				double drops, zeroes;

				start_machine(&dear, PAGES);
				memset(&seen, 0, sizeof(seen));
				for (int turn = 0; turn < 400; turn++)
					cycle((enum use_of_pages)(turn / lengths[i] % 2 ? second :
											  first));
				/* Dense throughout, and given back each time. */
				drops = 400.0 * (dear.call + PAGES * (dear.fault + dear.drop));
				assert_true(seen.nanoseconds < drops);
				if (first == DENSE || second == DENSE)
					continue;
				/* A tenth each time; or all of it zeroed each time. */
				drops = 400.0 * (dear.call + PAGES / 10 * (dear.fault + dear.drop));
				zeroes = 400.0 * PAGES * dear.zero;
				assert_true(seen.nanoseconds <
					    1.2 * (drops > zeroes ? drops : zeroes));
			}
}

/*
 * Samples
 */

/* Who writes zeroes seems to use nothing. It is given back for nothing a few times, once. */
static void test_lies(void **state)
{
	(void)state;
	start_machine(&dear, PAGES);
	machine.writes_zeroes = true;
	run(TENTH, 2000);
	assert_true(seen.dropped <= 40);
	assert_true(machine.history.lies >= 3);
	run(TENTH, 1000);
	assert_int_equal(seen.samples, 0);
	assert_int_equal(seen.resident, PAGES / 10);
	start_machine(&dear, PAGES);
	machine.writes_zeroes = true;
	run(DENSE, 2000);
	assert_true(seen.dropped <= 40);
}

/*
 * One huge page for each 512 pages of which a few are used looks dense. It is given back,
 * and the size is not taken for dense.
 */
static void test_huge(void **state)
{
	(void)state;
	start_machine(&dear, PAGES);
	machine.has_huge_pages = true;
	run(STRIPES, 20);
	assert_true(machine.history.touched < 0.2f);
	assert_true(machine.history.prefix < 0.2f);
	assert_int_not_equal(machine.history.mode, HISTORY_DENSE);
	start_machine(&dear, PAGES);
	machine.has_huge_pages = true;
	run(DENSE, 20);
	run(DENSE, 300);
	assert_int_equal(seen.dropped, 0);
	assert_true(machine.history.prefix > 0.95f);
}

/*
 * Sizes
 */

static void test_index(void **state)
{
	size_t before = 0;

	(void)state;
	assert_int_equal(history_index(BLOCK_MIN), 0);
	for (size_t pages = BLOCK_MIN; pages < (size_t)1 << 20; pages++) {
		size_t index = history_index(pages);

		assert_true(index == before || index == before + 1);
		/* Blocks of one history differ by an eighth at most. */
		if (index != before)
			assert_true(pages % (pages < 32 ? 2 : 4) == 0);
		before = index;
	}
	for (int power = 4; power < 52; power++) {
		size_t pages = (size_t)1 << power;

		assert_true(history_index(pages) < HISTORIES);
		assert_true(history_index(pages) >= history_index(pages - (power > 4)));
		if (power > 4 && power < 38) {
			assert_int_equal(history_index(pages), history_index(pages - 1) + 1);
			assert_int_equal(history_index(pages + pages / 9), history_index(pages));
			assert_int_equal(history_index(pages + pages / 8),
					 history_index(pages) + 1);
		}
	}
}

/* Whatever is said of a block: the answers are some, and the figures stay figures. */
static void test_anything(void **state)
{
	struct random random = { 31 };

	(void)state;
	start_machine(&dear, PAGES);
	for (int turn = 0; turn < 200000; turn++) {
		struct history *history = &machine.history;
		size_t pages = BLOCK_MIN + below(&random, (size_t)1 << (4 + below(&random, 30)));
		struct use use = { .pages = pages, .zeroed = below(&random, 2) };
		struct touched touched = { .pages = below(&random, pages + 1) };
		bool sample = below(&random, 2);
		size_t sampled = NO_SAMPLE;
		enum history_mode mode;

		use.kept = below(&random, 2) ? below(&random, pages + 1) : 0;
		if (use.kept > touched.pages && below(&random, 4))
			touched.pages = use.kept;
		touched.prefix = below(&random, touched.pages + 1);
		mode = history_plan(history, &use, &sample);
		assert_true(mode == HISTORY_LOOK || mode == HISTORY_DENSE || mode == HISTORY_DROP);
		if (mode != HISTORY_LOOK) {
			assert_false(sample);
			continue;
		}
		if (sample)
			sampled = below(&random, touched.pages + 1);
		history_keeps(history, below(&random, 2) ? &dear : &cheap, &use, &touched, sampled);
		assert_true(history->touched >= 0 && history->touched <= 1);
		assert_true(history->prefix >= 0 && history->prefix <= 1);
		if (!below(&random, 50))
			history->lies = 0;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dense),
		cmocka_unit_test(test_tenth),
		cmocka_unit_test(test_stripes),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_random_small),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_not_zeroed),
		cmocka_unit_test(test_costs_decide),
		cmocka_unit_test(test_change),
		cmocka_unit_test(test_restless),
		cmocka_unit_test(test_lies),
		cmocka_unit_test(test_huge),
		cmocka_unit_test(test_index),
		cmocka_unit_test(test_anything),
	};

	print_tap();
	return cmocka_run_group_tests_name("lib-allocate-history", tests, NULL, NULL);
}
