// SPDX-License-Identifier: MIT
/* Columns, their order and groups, on made-up processes. */
#include "groups.h"
#include "order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct machine machine = { .memory = 1 << 20 };

#define KNOWN (ROW_PID | TAMALLOC_USER | TAMALLOC_COMMAND | TAMALLOC_RESERVED | \
	       TAMALLOC_COMMITTED)

static struct row row(pid_t pid, const char *command, uint32_t user, uint64_t reserved,
		      uint64_t committed)
{
	struct row row = {
		.process = { .fields = KNOWN, .pid = pid, .user = user,
			     .reserved = reserved, .committed = committed },
		.processes = 1,
	};

	strcpy(row.process.command, command);
	return row;
}

static void test_names(void **state)
{
	const struct column *column;

	(void)state;
	for (size_t i = 0; (column = column_at(i)); i++) {
		assert_ptr_equal(column_find(column->name), column);
		for (const char *const *alias = column->aliases; *alias; alias++)
			assert_ptr_equal(column_find(*alias), column);
		assert_non_null(column_find(column->key));
	}
	assert_ptr_equal(column_find("reserved"), column_find("vsz"));
	assert_ptr_equal(column_find("committed"), column_find("rss"));
	assert_null(column_find(""));
	assert_null(column_find("xyzzy"));
	assert_string_equal(column_nearest("comitted"), "committed");
	assert_null(column_nearest("xyzzy"));
}

static void test_values(void **state)
{
	struct row some = row(1, "a", 0, 1000, 999);
	const struct machine unknown = { 0 };
	struct value value;

	(void)state;
	value = column_value(column_find("use"), &some, &machine);
	assert_true(value.known);
	assert_int_equal(value.number, 99);
	some.process.reserved = 0;
	assert_int_equal(column_value(column_find("use"), &some, &machine).number, 0);
	some.process.reserved = some.process.committed = UINT64_MAX;
	assert_int_equal(column_value(column_find("use"), &some, &machine).number, 100);
	assert_false(column_value(column_find("pmem"), &some, &unknown).known);
	/* There, but not said to be valid */
	assert_false(column_value(column_find("swap"), &some, &machine).known);
	assert_false(column_value(column_find("ppid"), &some, &machine).known);
}

static void assert_order(const char *key, bool descending, const struct row *rows,
			 size_t count, const char *wanted)
{
	const struct row *sorted[8];
	struct order order = { 0 };
	char pids[16] = "";

	assert_true(order_add(&order, column_find(key), descending));
	for (size_t i = 0; i < count; i++)
		sorted[count - 1 - i] = &rows[i];
	order_sort(&order, sorted, count, &machine);
	for (size_t i = 0; i < count; i++)
		pids[i] = (char)('0' + sorted[i]->process.pid);
	assert_string_equal(pids, wanted);
}

static void test_order(void **state)
{
	struct row rows[] = {
		row(1, "b", 0, 0, 300), row(2, "a", 0, 0, 100), row(3, "b", 0, 0, 200),
		row(4, "c", 0, 0, 999), row(5, "a", 0, 0, 100),
	};

	(void)state;
	rows[3].process.fields &= ~(TAMALLOC_COMMITTED | TAMALLOC_COMMAND);
	assert_order("pid", false, rows, 5, "12345");
	assert_order("pid", true, rows, 5, "54321");
	/* Ties by rising pid, what is not known last, both ways */
	assert_order("rss", false, rows, 5, "25314");
	assert_order("rss", true, rows, 5, "13254");
	assert_order("comm", false, rows, 5, "25134");
	assert_order("comm", true, rows, 5, "13254");
}

static void test_sum(void **state)
{
	const struct row a = row(1, "a", 7, 100, 10), b = row(2, "a", 7, 200, 20);
	struct row c = row(3, "c", 7, 400, 40);
	struct row sum = { 0 };

	(void)state;
	groups_add(&sum, &a);
	assert_int_equal(sum.process.fields, KNOWN);
	groups_add(&sum, &b);
	assert_int_equal(sum.processes, 2);
	assert_int_equal(sum.process.reserved, 300);
	assert_int_equal(sum.process.committed, 30);
	assert_string_equal(sum.process.command, "a");
	/* Only what is the same for all is left beside the sums. */
	assert_int_equal(sum.process.fields, KNOWN & ~ROW_PID);
	c.process.fields &= ~TAMALLOC_RESERVED;
	groups_add(&sum, &c);
	assert_int_equal(sum.process.fields, TAMALLOC_USER | TAMALLOC_COMMITTED);
	assert_int_equal(sum.process.committed, 70);
}

static void test_groups(void **state)
{
	struct row list[] = {
		row(1, "b", 0, 100, 1), row(2, "a", 0, 100, 2), row(3, "b", 1, 100, 4),
		row(4, "", 1, 100, 8),
	};
	const struct rows rows = { .list = list, .count = 4 };
	struct rows groups = { 0 };

	(void)state;
	list[3].process.fields &= ~TAMALLOC_COMMAND;
	assert_int_equal(groups_make(&groups, &rows, groups_column("command"), &machine), 0);
	assert_int_equal(groups.count, 3);
	assert_string_equal(groups.list[0].process.command, "a");
	assert_int_equal(groups.list[1].processes, 2);
	assert_int_equal(groups.list[1].process.committed, 5);
	assert_false(groups.list[1].process.fields & TAMALLOC_USER);
	assert_int_equal(groups.list[2].process.committed, 8);
	groups_free(&groups);
	assert_null(groups_column("pid"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names), cmocka_unit_test(test_values),
		cmocka_unit_test(test_order), cmocka_unit_test(test_sum),
		cmocka_unit_test(test_groups),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("groups", tests, NULL, NULL);
}
