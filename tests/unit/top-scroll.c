// SPDX-License-Identifier: MIT
#include "top-scroll.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <curses.h>

static void assert_at(const struct scroll *scroll, size_t selected, size_t first)
{
	assert_int_equal(scroll->selected, selected);
	assert_int_equal(scroll->first, first);
}

static void test_lines(void **state)
{
	struct scroll scroll = { 0 };

	(void)state;
	scroll_fit(&scroll, 10, 4);
	assert_true(scroll_key(&scroll, KEY_UP));
	assert_at(&scroll, 0, 0);
	for (int i = 0; i < 4; i++)
		scroll_key(&scroll, KEY_DOWN);
	assert_at(&scroll, 4, 1);
	scroll_key(&scroll, KEY_UP);
	assert_at(&scroll, 3, 1);
}

static void test_pages(void **state)
{
	struct scroll scroll = { 0 };

	(void)state;
	scroll_fit(&scroll, 10, 4);
	scroll_key(&scroll, KEY_NPAGE);
	assert_at(&scroll, 4, 1);
	scroll_key(&scroll, KEY_END);
	assert_at(&scroll, 9, 6);
	scroll_key(&scroll, KEY_NPAGE);
	scroll_key(&scroll, KEY_DOWN);
	assert_at(&scroll, 9, 6);
	scroll_key(&scroll, KEY_PPAGE);
	assert_at(&scroll, 5, 5);
	scroll_key(&scroll, KEY_HOME);
	assert_at(&scroll, 0, 0);
}

static void test_other_keys(void **state)
{
	struct scroll scroll = { 0 };

	(void)state;
	scroll_fit(&scroll, 10, 4);
	assert_false(scroll_key(&scroll, KEY_ENTER));
	assert_at(&scroll, 0, 0);
}

/* The list gets shorter, the screen larger. */
static void test_changes(void **state)
{
	struct scroll scroll = { 0 };

	(void)state;
	scroll_fit(&scroll, 10, 4);
	scroll_key(&scroll, KEY_END);
	scroll_fit(&scroll, 8, 4);
	assert_at(&scroll, 7, 4);
	scroll_fit(&scroll, 8, 6);
	assert_at(&scroll, 7, 2);
	scroll_fit(&scroll, 8, 20);
	assert_at(&scroll, 7, 0);
	scroll_fit(&scroll, 8, 2);
	assert_at(&scroll, 7, 6);
}

static void test_nothing(void **state)
{
	struct scroll scroll = { 0 };

	(void)state;
	scroll_fit(&scroll, 0, 4);
	scroll_key(&scroll, KEY_DOWN);
	scroll_key(&scroll, KEY_END);
	scroll_key(&scroll, KEY_NPAGE);
	assert_at(&scroll, 0, 0);
	scroll_fit(&scroll, 3, 0);
	scroll_key(&scroll, KEY_DOWN);
	assert_int_equal(scroll.selected, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_other_keys),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
