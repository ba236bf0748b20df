// SPDX-License-Identifier: MIT
#include "size.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void assert_formatted(uint64_t size, enum unit unit, const char *wanted)
{
	char text[SIZE_TEXT];

	assert_int_equal(size_format(text, size, unit), strlen(wanted));
	assert_string_equal(text, wanted);
}

static void test_kb(void **state)
{
	(void)state;
	assert_formatted(0, UNIT_KB, "0");
	assert_formatted(1023, UNIT_KB, "0");
	assert_formatted(4096, UNIT_KB, "4");
	assert_formatted(UINT64_MAX, UNIT_KB, "18014398509481983");
}

static void test_bytes(void **state)
{
	(void)state;
	assert_formatted(0, UNIT_BYTES, "0");
	assert_formatted(1023, UNIT_BYTES, "1023");
	assert_formatted(UINT64_MAX, UNIT_BYTES, "18446744073709551615");
}

static void test_human(void **state)
{
	(void)state;
	assert_formatted(0, UNIT_HUMAN, "0B");
	assert_formatted(1023, UNIT_HUMAN, "1023B");
	assert_formatted(1024, UNIT_HUMAN, "1.0K");
	assert_formatted(1536, UNIT_HUMAN, "1.5K");
	assert_formatted(10 * 1024 - 1, UNIT_HUMAN, "10K");
	assert_formatted(1023 * 1024, UNIT_HUMAN, "1023K");
	/* not 1024K */
	assert_formatted(1024 * 1024 - 1, UNIT_HUMAN, "1.0M");
	assert_formatted(20ULL << 40, UNIT_HUMAN, "20T");
	assert_formatted(UINT64_MAX, UNIT_HUMAN, "16E");
}

static void assert_tenths(int64_t tenths, const char *wanted)
{
	char text[SIZE_TEXT];

	assert_int_equal(size_tenths(text, tenths), strlen(wanted));
	assert_string_equal(text, wanted);
}

static void test_tenths(void **state)
{
	(void)state;
	assert_tenths(0, "0.0");
	assert_tenths(-5, "-0.5");
	assert_tenths(1234, "123.4");
	assert_tenths(INT64_MIN, "-922337203685477580.8");
}

static void test_signed(void **state)
{
	char text[SIZE_TEXT];

	(void)state;
	assert_int_equal(size_signed(text, INT64_MIN), 20);
	assert_string_equal(text, "-9223372036854775808");
	assert_int_equal(size_signed(text, 7), 1);
	assert_string_equal(text, "7");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kb),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_human),
		cmocka_unit_test(test_tenths),
		cmocka_unit_test(test_signed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("size", tests, NULL, NULL);
}
