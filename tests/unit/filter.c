// SPDX-License-Identifier: MIT
#include "filter.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct tamalloc_process shell = {
	.fields = TAMALLOC_USER | TAMALLOC_COMMAND | TAMALLOC_COMMITTED,
	.user = 1000,
	.committed = 4096,
	.command = "ba\nsh",
};

static void test_nothing_set(void **state)
{
	struct filter filter = { 0 };
	const struct tamalloc_process unknown = { 0 };

	(void)state;
	assert_true(filter_passes(&filter, &shell));
	assert_true(filter_passes(&filter, &unknown));
	assert_int_equal(filter_fields(&filter), 0);
}

static void test_users(void **state)
{
	struct filter filter = { 0 };

	(void)state;
	assert_true(filter_add_user(&filter, 0));
	assert_false(filter_passes(&filter, &shell));
	assert_true(filter_add_user(&filter, 1000));
	assert_true(filter_passes(&filter, &shell));
	assert_int_equal(filter_fields(&filter), TAMALLOC_USER);
	filter_free(&filter);
}

static void test_command(void **state)
{
	struct filter filter = { 0 };

	(void)state;
	assert_int_equal(filter_set_command(&filter, "^(ba|z).sh$"), 0);
	assert_true(filter_passes(&filter, &shell));
	/* In place of the one before */
	assert_int_equal(filter_set_command(&filter, "zsh"), 0);
	assert_false(filter_passes(&filter, &shell));
	assert_int_not_equal(filter_set_command(&filter, "("), 0);
	filter_free(&filter);
}

static void test_least(void **state)
{
	struct filter filter = { .least = 4096 };

	(void)state;
	assert_true(filter_passes(&filter, &shell));
	filter.least++;
	assert_false(filter_passes(&filter, &shell));
}

/* What is not known does not pass, whatever the record holds. */
static void test_unknown(void **state)
{
	struct filter filter = { .least = 1 };
	struct tamalloc_process unknown = shell;

	(void)state;
	unknown.fields &= ~TAMALLOC_COMMITTED;
	assert_false(filter_passes(&filter, &unknown));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_set), cmocka_unit_test(test_users),
		cmocka_unit_test(test_command),	    cmocka_unit_test(test_least),
		cmocka_unit_test(test_unknown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
