// SPDX-License-Identifier: MIT
#include "cell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_cell(enum column_type type, struct value value, struct style style,
			const char *wanted)
{
	const struct column column = { .type = type };
	char *cell = cell_format(&column, &value, &style);

	assert_non_null(cell);
	assert_string_equal(cell, wanted);
	free(cell);
}

static void assert_number(enum column_type type, int64_t number, const char *wanted)
{
	assert_cell(type, (struct value){ .known = true, .number = number },
		    (struct style){ 0 }, wanted);
}

static void test_numbers(void **state)
{
	(void)state;
	assert_number(COLUMN_NUMBER, 0, "0");
	assert_number(COLUMN_NUMBER, -1000, "-1000");
	assert_number(COLUMN_NUMBER, INT64_MIN, "-9223372036854775808");
	assert_number(COLUMN_TENTHS, 7, "0.7");
	assert_number(COLUMN_TENTHS, 1000, "100.0");
	assert_number(COLUMN_TENTHS, -7, "-0.7");
	assert_number(COLUMN_TENTHS, -1234, "-123.4");
}

static void test_unknown(void **state)
{
	const struct value unknown = { .known = false };

	(void)state;
	for (enum column_type type = COLUMN_NUMBER; type <= COLUMN_BAR; type++)
		assert_cell(type, unknown, (struct style){ 0 }, "-");
}

static void test_text(void **state)
{
	const struct value name = { .known = true, .text = "a b\n" };
	const struct value empty = { .known = true, .text = "" };

	(void)state;
	assert_cell(COLUMN_TEXT, name, (struct style){ 0 }, "a b\\x0a");
	assert_cell(COLUMN_TEXT, name, (struct style){ .one_word = true }, "a\\x20b\\x0a");
	assert_cell(COLUMN_TEXT, empty, (struct style){ 0 }, "?");
}

static void assert_bar(int64_t thousandths, bool blocks, const char *wanted)
{
	assert_cell(COLUMN_BAR, (struct value){ .known = true, .number = thousandths },
		    (struct style){ .blocks = blocks }, wanted);
}

static void test_bar(void **state)
{
	(void)state;
	assert_bar(0, false, "..........");
	assert_bar(1, false, "#.........");
	assert_bar(500, false, "#####.....");
	assert_bar(1000, false, "##########");
	assert_bar(2000, false, "##########");
	assert_bar(0, true, "░░░░░░░░░░");
	assert_bar(1, true, "▏░░░░░░░░░");
	assert_bar(450, true, "████▌░░░░░");
	assert_bar(1000, true, "██████████");
}

static void test_header(void **state)
{
	const struct column size = { .header = "SWAP", .type = COLUMN_SIZE };
	const struct column other = { .header = "PID", .type = COLUMN_NUMBER };
	char text[HEADER_TEXT];

	(void)state;
	cell_header(&size, UNIT_KB, text);
	assert_string_equal(text, "SWAP(KB)");
	cell_header(&size, UNIT_BYTES, text);
	assert_string_equal(text, "SWAP(B)");
	cell_header(&size, UNIT_HUMAN, text);
	assert_string_equal(text, "SWAP");
	cell_header(&other, UNIT_KB, text);
	assert_string_equal(text, "PID");
}

static void test_moment(void **state)
{
	char text[MOMENT_TEXT];

	(void)state;
	cell_moment(0, text);
	assert_string_equal(text, "1970-01-01T00:00:00Z");
	cell_moment(1700000000999999999, text);
	assert_string_equal(text, "2023-11-14T22:13:20Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers), cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_text),	cmocka_unit_test(test_bar),
		cmocka_unit_test(test_header),	cmocka_unit_test(test_moment),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("cell", tests, NULL, NULL);
}
