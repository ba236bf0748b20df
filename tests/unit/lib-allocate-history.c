// SPDX-License-Identifier: MIT
/*
 * The allocator's rule, without memory: a simulated program touches pages of a block of
 * one size again and again, and what the rule makes of it is counted.
 */
#include "lib-common.h"

#include "allocator/allocator.h"

/* A machine on which the first touch of a page is 24 times as dear as zeroing it. */
static const struct costs costs = { .zero = 65, .fault = 1600, .drop = 220, .call = 500 };

#define MOST_PAGES 4096

struct program {
	struct history history;
	size_t pages;
	bool resident[MOST_PAGES];
	bool is_huge;	/* fresh memory comes in huge pages */
	bool is_zeroes; /* what it writes is zero */
	uint64_t random;
	/* What happened: */
	int frees, looks, samples, kept, dropped;
	double nanoseconds; /* of all zeroing, first touches, giving back */
};

static struct program program_of(size_t pages)
{
	return (struct program){ .history = HISTORY_INITIAL, .pages = pages, .random = 88172645463325252 };
}

static size_t random_page(struct program *program)
{
	program->random ^= program->random << 13;
	program->random ^= program->random >> 7;
	program->random ^= program->random << 17;
	return program->random % program->pages;
}

static size_t count(const struct program *program)
{
	size_t resident = 0;

	for (size_t i = 0; i < program->pages; i++)
		resident += program->resident[i];
	return resident;
}

static void give_back(struct program *program)
{
	program->nanoseconds += costs.call + (double)count(program) * costs.drop;
	memset(program->resident, 0, sizeof(program->resident));
	program->dropped++;
}

/* A block is handed out, so many pages of it are touched, and it is freed. */
static void turn(struct program *program, size_t first, size_t touched, bool at_random)
{
	struct use use = { .pages = program->pages, .kept = count(program), .zeroed = true };
	struct touched found = { 0 };
	bool sample = program->is_huge, used[MOST_PAGES] = { 0 };
	size_t sampled = NO_SAMPLE, really = 0;
	enum history_mode mode;

	program->frees++;
	program->nanoseconds += (double)use.kept * costs.zero;
	for (size_t i = 0; i < touched; i++) {
		size_t page = at_random ? random_page(program) : first + i;

		program->nanoseconds += program->resident[page] ? 0 : costs.fault;
		program->resident[page] = used[page] = true;
	}
	if (program->is_huge && touched)
		memset(program->resident, true, program->pages);

	mode = history_plan(&program->history, &use, &sample);
	if (mode == HISTORY_DENSE) {
		memset(program->resident, true, program->pages);
		program->kept++;
		return;
	}
	if (mode == HISTORY_DROP) {
		give_back(program);
		return;
	}
	program->looks++;
	for (size_t i = 0; i < program->pages; i++) {
		if (program->resident[i] && found.prefix == i)
			found.prefix++;
		found.pages += program->resident[i];
		really += used[i];
	}
	if (sample) {
		program->samples++;
		sampled = program->is_zeroes ? 0 : really;
	}
	if (history_keeps(&program->history, &costs, &use, &found, sampled))
		program->kept++;
	else
		give_back(program);
}

static void turns(struct program *program, int times, size_t touched, bool at_random)
{
	program->frees = program->looks = program->samples = 0;
	program->kept = program->dropped = 0;
	program->nanoseconds = 0;
	while (times--)
		turn(program, 0, touched, at_random);
}

static void test_dense(void **state)
{
	struct program program = program_of(4096);

	(void)state;
	turns(&program, 1, 4096, false);
	turns(&program, 1000, 4096, false);
	assert_int_equal(program.dropped, 0);
	/* One look in sixteen. */
	assert_in_range(program.looks, 50, 70);
}

static void test_first_tenth(void **state)
{
	struct program program = program_of(4096);

	(void)state;
	turns(&program, 1, 410, false);
	turns(&program, 1000, 410, false);
	assert_int_equal(program.dropped, 0);
	assert_int_equal(count(&program), 410);
	assert_int_equal(program.looks, 1000);
	assert_in_range(program.nanoseconds, 0, 1000.0 * 411 * costs.zero);
}

/* Changing places: given back, mostly without a look, and tried again now and then. */
static void test_changing_places(void **state)
{
	struct program program = program_of(4096);

	(void)state;
	turns(&program, 20, 41, true);
	turns(&program, 1000, 41, true);
	assert_in_range(program.dropped, 950, 1000);
	assert_in_range(program.looks, 10, 60);
	/* Hardly dearer than to give back always. */
	assert_in_range(program.nanoseconds, 0,
			1.05 * 1000 * (41 * (costs.fault + costs.drop) + costs.call));
}

/* A small block is zeroed as a whole instead. */
static void test_changing_places_small(void **state)
{
	struct program program = program_of(32);

	(void)state;
	turns(&program, 20, 2, true);
	turns(&program, 1000, 2, true);
	assert_int_equal(program.dropped, 0);
	assert_in_range(program.looks, 0, 100);
}

static void test_nothing(void **state)
{
	struct program program = program_of(4096);

	(void)state;
	turns(&program, 5, 0, false);
	turns(&program, 1000, 0, false);
	/* To give back nothing is the cheapest way to know. */
	assert_in_range(program.looks, 50, 70);
}

/* So many turns at most until what was dense costs as what it has become. */
static void test_less_than_before(void **state)
{
	struct program program = program_of(4096);

	(void)state;
	turns(&program, 100, 4096, false);
	turns(&program, 40, 410, false);
	assert_in_range(program.dropped, 1, 2);
	turns(&program, 100, 410, false);
	assert_int_equal(count(&program), 410);
	turns(&program, 40, 0, false);
	turns(&program, 100, 0, false);
	assert_int_equal(count(&program), 0);
}

static void test_more_than_before(void **state)
{
	struct program program = program_of(4096);

	(void)state;
	/* So long that it is looked at as seldom as ever. */
	turns(&program, 1000, 41, true);
	turns(&program, 70, 4096, false);
	turns(&program, 100, 4096, false);
	assert_int_equal(program.dropped, 0);
	turns(&program, 100, 0, false);
	turns(&program, 20, 410, false);
	turns(&program, 100, 410, false);
	assert_int_equal(program.dropped, 0);
	assert_int_equal(count(&program), 410);
}

/* A program that writes zeroes looks to a sample as if it used nothing. */
static void test_sample_lies(void **state)
{
	struct program program = program_of(4096);

	(void)state;
	program.is_zeroes = true;
	turns(&program, 200, 4096, false);
	assert_in_range(program.dropped, 1, 80);
	turns(&program, 1000, 4096, false);
	assert_int_equal(program.dropped, 0);
	assert_int_equal(program.samples, 0);
}

/* Of memory that is not zeroed, what is kept costs nothing. */
static void test_not_zeroed(void **state)
{
	struct history history = HISTORY_INITIAL;
	struct use use = { .pages = 4096, .kept = 0 };
	struct touched touched = { .pages = 41 };
	bool sample = false;

	(void)state;
	assert_int_equal(history_plan(&history, &use, &sample), HISTORY_LOOK);
	assert_true(history_keeps(&history, &costs, &use, &touched, NO_SAMPLE));
	use.kept = 41;
	touched.pages = 82;
	assert_int_equal(history_plan(&history, &use, &sample), HISTORY_LOOK);
	assert_false(sample);
	assert_true(history_keeps(&history, &costs, &use, &touched, NO_SAMPLE));
}

/* Dense twice: huge pages may be asked for. A little used of them: not any more. */
static void test_huge(void **state)
{
	struct program program = program_of(4096);

	(void)state;
	turns(&program, 1, 4096, false);
	assert_true(program.history.prefix < 0.01f);
	turns(&program, 2, 4096, false);
	assert_true(program.history.prefix > 0.99f);

	program = program_of(4096);
	program.is_huge = true;
	program.history.prefix = program.history.last_prefix = 1;
	turns(&program, 1, 41, true);
	assert_int_equal(program.samples, 1);
	assert_int_equal(program.dropped, 1);
	assert_true(program.history.prefix < 0.02f);
}

static void test_index(void **state)
{
	size_t before = 0;

	(void)state;
	assert_int_equal(history_index(BLOCK_MIN), 0);
	for (size_t pages = BLOCK_MIN; pages < 1 << 20; pages++) {
		size_t index = history_index(pages);

		assert_true(index == before || index == before + 1);
		before = index;
	}
	assert_int_equal(history_index(1024), history_index(1151));
	assert_int_not_equal(history_index(1024), history_index(1152));
	assert_in_range(history_index((size_t)1 << 35), 0, HISTORIES - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dense),
		cmocka_unit_test(test_first_tenth),
		cmocka_unit_test(test_changing_places),
		cmocka_unit_test(test_changing_places_small),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_less_than_before),
		cmocka_unit_test(test_more_than_before),
		cmocka_unit_test(test_sample_lies),
		cmocka_unit_test(test_not_zeroed),
		cmocka_unit_test(test_huge),
		cmocka_unit_test(test_index),
	};

	print_tap();
	return cmocka_run_group_tests_name("lib-allocate-history", tests, NULL, NULL);
}
