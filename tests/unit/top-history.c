// SPDX-License-Identifier: MIT
#include "top-history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define MIB (1ULL << 20)

static struct history filled(size_t count)
{
	struct history history = { 0 };

	for (size_t i = 1; i <= count; i++)
		history_add(&history, i * MIB);
	return history;
}

static void test_empty(void **state)
{
	const struct history history = { 0 };

	(void)state;
	assert_true(history_ceiling(&history, 80) > 0);
	assert_int_equal(history_height(&history, 0, history_ceiling(&history, 80), 32), 0);
}

static void test_ages(void **state)
{
	const struct history history = filled(3);

	(void)state;
	assert_int_equal(history_height(&history, 0, 4 * MIB, 4), 3);
	assert_int_equal(history_height(&history, 1, 4 * MIB, 4), 2);
	assert_int_equal(history_height(&history, 2, 4 * MIB, 4), 1);
	assert_int_equal(history_height(&history, 3, 4 * MIB, 4), 0);
}

/* The oldest makes room. */
static void test_full(void **state)
{
	const struct history history = filled(HISTORY_LENGTH + 1);
	unsigned int steps = 2 * HISTORY_LENGTH;

	(void)state;
	assert_int_equal(history_height(&history, 0, steps * MIB, steps), HISTORY_LENGTH + 1);
	assert_int_equal(history_height(&history, HISTORY_LENGTH - 1, steps * MIB, steps), 2);
	assert_int_equal(history_height(&history, HISTORY_LENGTH, steps * MIB, steps), 0);
}

static uint64_t ceiling_of(uint64_t value)
{
	struct history history = { 0 };

	history_add(&history, value);
	return history_ceiling(&history, 1);
}

/* At or a little above the largest, a number with three bits. */
static void test_ceiling(void **state)
{
	(void)state;
	assert_int_equal(ceiling_of(4 * MIB), 4 * MIB);
	assert_int_equal(ceiling_of(4 * MIB + 1), 5 * MIB);
	assert_int_equal(ceiling_of(7 * MIB + 1), 8 * MIB);
	assert_int_equal(ceiling_of(9 * MIB), 10 * MIB);
	assert_true(ceiling_of(UINT64_MAX) == UINT64_MAX);
}

/* What has left the screen at its left does not count. */
static void test_ceiling_of_what_is_shown(void **state)
{
	struct history history = { 0 };

	(void)state;
	history_add(&history, 64 * MIB);
	history_add(&history, 4 * MIB);
	assert_int_equal(history_ceiling(&history, 1), 4 * MIB);
	assert_int_equal(history_ceiling(&history, 2), 64 * MIB);
}

static void test_heights(void **state)
{
	struct history history = { 0 };

	(void)state;
	history_add(&history, 1);
	assert_int_equal(history_height(&history, 0, 1024 * MIB, 32), 1);
	history_add(&history, 0);
	assert_int_equal(history_height(&history, 0, 1024 * MIB, 32), 0);
	history_add(&history, UINT64_MAX);
	assert_int_equal(history_height(&history, 0, UINT64_MAX, 64), 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_ages),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_ceiling),
		cmocka_unit_test(test_ceiling_of_what_is_shown),
		cmocka_unit_test(test_heights),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
