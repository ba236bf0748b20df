// SPDX-License-Identifier: MIT
#include "parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void test_sizes(void **state)
{
	static const struct {
		const char *text;
		size_t size;
	} good[] = {
		{ "1", 1 },
		{ "0001", 1 },
		{ "4096", 4096 },
		{ "1K", 1024 },
		{ "1k", 1024 },
		{ "1M", (size_t)1 << 20 },
		{ "3g", (size_t)3 << 30 },
		{ "64T", (size_t)64 << 40 },
		{ "16777215T", (size_t)16777215 << 40 },
		{ "18014398509481983K", (size_t)18014398509481983 << 10 },
		{ "18446744073709551615", SIZE_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		size_t size = 0;

		assert_null(parse_size(good[i].text, &size));
		assert_int_equal(size, good[i].size);
	}
}

static void test_wrong_sizes(void **state)
{
	static const struct {
		const char *text;
		const char *wrong;
	} bad[] = {
		{ "0", "a size has to be at least 1 byte" },
		{ "0T", "a size has to be at least 1 byte" },
		{ "-1", "a size cannot be negative" },
		{ "-0", "a size cannot be negative" },
		{ "18446744073709551616", "a size has to be below 2^64 bytes" },
		{ "18014398509481984K", "a size has to be below 2^64 bytes" },
		{ "17592186044416M", "a size has to be below 2^64 bytes" },
		{ "17179869184G", "a size has to be below 2^64 bytes" },
		{ "16777216T", "a size has to be below 2^64 bytes" },
		{ "99999999999999999999999", "a size has to be below 2^64 bytes" },
	};
	static const char *const nonsense[] = {
		"", " ", "x", "K", "1X", "1KB", "1 K", " 1", "1 ", "+1", "-", "--1",
		"1.5M", "0x10", "1e3", "1\n", "\xff",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		size_t size = 42;

		assert_string_equal(parse_size(bad[i].text, &size), bad[i].wrong);
		assert_int_equal(size, 42);
	}
	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
		size_t size = 42;

		assert_string_equal(parse_size(nonsense[i], &size),
				    "a size is a whole number of bytes, "
				    "or one with K, M, G or T after it");
		assert_int_equal(size, 42);
	}
}

static void test_pids(void **state)
{
	static const char *const bad[] = {
		"", "0", "-1", "x", "1x", " 1", "1 ", "+1", "1.0", "2147483648",
		"18446744073709551616",
	};
	pid_t pid = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_non_null(parse_pid(bad[i], &pid));
		assert_int_equal(pid, 42);
	}
	assert_null(parse_pid("1", &pid));
	assert_int_equal(pid, 1);
	assert_null(parse_pid("2147483647", &pid));
	assert_int_equal(pid, 2147483647);
}

static void test_counts(void **state)
{
	static const char *const bad[] = { "", "0", "-1", "x", "1.5", "18446744073709551616" };
	unsigned long count = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_non_null(parse_count(bad[i], &count));
		assert_int_equal(count, 42);
	}
	assert_null(parse_count("18446744073709551615", &count));
	assert_true(count == 18446744073709551615UL);
}

static void test_decimals(void **state)
{
	static const char *const bad[] = {
		"", ".", "-1", "+1", "x", "1x", "1.2.3", " 1", "1 ", "1e1", "0x1",
		"inf", "nan", "1,5",
	};
	double number = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_non_null(parse_percent(bad[i], &number));
		assert_non_null(parse_interval(bad[i], &number));
		assert_non_null(parse_watch(bad[i], &number));
		assert_true(number == 42);
	}
	assert_null(parse_percent("12.5", &number));
	assert_true(number == 12.5);
	assert_null(parse_percent(".5", &number));
	assert_true(number == 0.5);
	assert_null(parse_percent("5.", &number));
	assert_true(number == 5);
}

static void test_ranges(void **state)
{
	double number = 42;

	(void)state;
	assert_non_null(parse_percent("100.1", &number));
	assert_non_null(parse_interval("86400.1", &number));
	assert_non_null(parse_watch("86401", &number));
	assert_non_null(parse_watch("0", &number));
	assert_non_null(parse_watch("0.099", &number));
	assert_true(number == 42);
	assert_null(parse_percent("0", &number));
	assert_null(parse_percent("100", &number));
	assert_null(parse_interval("0", &number));
	assert_null(parse_interval("86400", &number));
	assert_null(parse_watch("0.1", &number));
	assert_true(number == 0.1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_wrong_sizes),
		cmocka_unit_test(test_pids),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_decimals),
		cmocka_unit_test(test_ranges),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}
