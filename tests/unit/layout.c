// SPDX-License-Identifier: MIT
/* The regions are those of a table here, in place of the library's. */
#include "layout.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define PAGE 4096
#define TARGET 1234 /* any other process is the caller */

static char page[PAGE];

static struct {
	struct tamalloc_region regions[4];
	size_t count;
	bool keeps_names;
	int open_error, next_error;
	int open; /* walks that were not ended */
} kernel;

struct tamalloc_regions {
	size_t next;
};

static struct tamalloc_regions of_target, of_caller;

int tamalloc_regions_open(struct tamalloc_regions **regions, pid_t pid)
{
	if (pid == TARGET && kernel.open_error)
		return kernel.open_error;
	*regions = pid == TARGET ? &of_target : &of_caller;
	(*regions)->next = 0;
	kernel.open++;
	return 0;
}

static int next_own(struct tamalloc_region *region)
{
	if (of_caller.next++)
		return 0;
	*region = (struct tamalloc_region){
		.start = (uintptr_t)page,
		.reserved = PAGE,
		.is_tamalloc = kernel.keeps_names,
		.name = "",
	};
	return 1;
}

int tamalloc_regions_next(struct tamalloc_regions *regions,
			  struct tamalloc_region *region, size_t size)
{
	static char name[32];

	assert_int_equal(size, sizeof(*region));
	if (regions == &of_caller)
		return next_own(region);
	if (regions->next == kernel.count)
		return kernel.next_error;
	*region = kernel.regions[regions->next++];
	/* Good until the next call. */
	strcpy(name, region->name);
	region->name = name;
	return 1;
}

void tamalloc_regions_close(struct tamalloc_regions *regions)
{
	assert_non_null(regions);
	kernel.open--;
}

void *tamalloc_reserve(size_t size)
{
	assert_in_range(size, 1, PAGE);
	return page;
}

int tamalloc_release(void *address, size_t size)
{
	assert_ptr_equal(address, page);
	assert_in_range(size, 1, PAGE);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	kernel.keeps_names = true;
	kernel.count = 3;
	kernel.regions[0] = (struct tamalloc_region){
		.fields = TAMALLOC_REGION_MEMORY, .start = 0x400000, .reserved = 3 * PAGE,
		.committed = 2 * PAGE, .private_memory = PAGE, .offset = PAGE,
		.access = TAMALLOC_READ | TAMALLOC_EXECUTE, .name = "/bin/true",
	};
	kernel.regions[1] = (struct tamalloc_region){
		.fields = TAMALLOC_REGION_MEMORY, .start = 0x7f0000000000,
		.reserved = 1000 * PAGE, .committed = 999 * PAGE, .swap = PAGE,
		.access = TAMALLOC_READ | TAMALLOC_WRITE, .is_tamalloc = 1,
		.name = "[anon:tamalloc]",
	};
	kernel.regions[2] = (struct tamalloc_region){
		.fields = TAMALLOC_REGION_MEMORY, .start = 0xffffffffff600000,
		.reserved = PAGE, .access = TAMALLOC_MAP_SHARED, .name = "",
	};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return kernel.open;
}

static struct value value(const struct layout_row *row, const char *name)
{
	const struct machine machine = { 0 };
	const struct column *column = layout_column_find(name);

	assert_non_null(column);
	if ((row->row.process.fields & column->fields) != column->fields)
		return (struct value){ .known = false };
	return column->get(column, &row->row, &machine);
}

#define assert_text(row, name, expected) \
	assert_string_equal(value(row, name).text, expected)
#define assert_unknown(row, name) assert_false(value(row, name).known)

static void test_rows(void **state)
{
	struct layout layout;

	(void)state;
	assert_int_equal(layout_read(&layout, TARGET, false), 0);
	assert_int_equal(layout.count, 3);
	assert_text(&layout.rows[0], "address", "400000");
	assert_text(&layout.rows[0], "name", "/bin/true");
	assert_text(&layout.rows[0], "access", "r-xp");
	assert_text(&layout.rows[0], "tamalloc", "no");
	assert_int_equal(value(&layout.rows[0], "reserved").size, 3 * PAGE);
	assert_int_equal(value(&layout.rows[0], "committed").size, 2 * PAGE);
	assert_int_equal(value(&layout.rows[0], "private").size, PAGE);
	assert_int_equal(value(&layout.rows[0], "offset").size, PAGE);
	assert_text(&layout.rows[1], "access", "rw-p");
	assert_text(&layout.rows[1], "tamalloc", "yes");
	assert_int_equal(value(&layout.rows[1], "swap").size, PAGE);
	assert_text(&layout.rows[2], "address", "ffffffffff600000");
	assert_text(&layout.rows[2], "access", "---s");
	assert_unknown(&layout.rows[2], "name");
	layout_free(&layout);
}

/* Rounded down: what is not whole is not 100 %. */
static void test_use(void **state)
{
	struct layout layout;

	(void)state;
	kernel.regions[2].reserved = 1ULL << 57;
	kernel.regions[2].committed = 1ULL << 57;
	assert_int_equal(layout_read(&layout, TARGET, false), 0);
	assert_int_equal(value(&layout.rows[0], "use").number, 66);
	assert_int_equal(value(&layout.rows[0], "bar").number, 666);
	assert_int_equal(value(&layout.rows[1], "use").number, 99);
	assert_int_equal(value(&layout.rows[2], "use").number, 100);
	layout_free(&layout);
}

static void test_total(void **state)
{
	struct layout layout;

	(void)state;
	assert_int_equal(layout_read(&layout, TARGET, false), 0);
	assert_int_equal(value(&layout.total, "reserved").size, 1004 * PAGE);
	assert_int_equal(value(&layout.total, "committed").size, 1001 * PAGE);
	assert_int_equal(value(&layout.total, "private").size, PAGE);
	assert_int_equal(value(&layout.total, "swap").size, PAGE);
	assert_int_equal(value(&layout.total, "use").number, 99);
	assert_unknown(&layout.total, "address");
	assert_unknown(&layout.total, "offset");
	assert_unknown(&layout.total, "access");
	assert_unknown(&layout.total, "tamalloc");
	assert_unknown(&layout.total, "name");
	layout_free(&layout);
}

/* A sum of which a part is not known is not known. */
static void test_unknown_memory(void **state)
{
	struct layout layout;

	(void)state;
	kernel.regions[1].fields = 0;
	assert_int_equal(layout_read(&layout, TARGET, false), 0);
	assert_unknown(&layout.rows[1], "committed");
	assert_unknown(&layout.rows[1], "use");
	assert_true(value(&layout.rows[0], "committed").known);
	assert_unknown(&layout.total, "committed");
	assert_unknown(&layout.total, "swap");
	assert_int_equal(value(&layout.total, "reserved").size, 1004 * PAGE);
	layout_free(&layout);
}

static void test_only_tamalloc(void **state)
{
	struct layout layout;

	(void)state;
	assert_int_equal(layout_read(&layout, TARGET, true), 0);
	assert_int_equal(layout.count, 1);
	assert_text(&layout.rows[0], "name", "[anon:tamalloc]");
	assert_int_equal(value(&layout.total, "reserved").size, 1000 * PAGE);
	layout_free(&layout);
	/* None is not the same as gone. */
	kernel.count = 1;
	assert_int_equal(layout_read(&layout, TARGET, true), 0);
	assert_int_equal(layout.count, 0);
	assert_int_equal(value(&layout.total, "committed").size, 0);
	layout_free(&layout);
}

/* Where names are not kept, nobody can say what is tamalloc's. */
static void test_no_names(void **state)
{
	struct layout layout;

	(void)state;
	assert_true(layout_knows_tamalloc());
	kernel.keeps_names = false;
	assert_false(layout_knows_tamalloc());
	assert_int_equal(layout_read(&layout, TARGET, false), 0);
	assert_unknown(&layout.rows[0], "tamalloc");
	layout_free(&layout);
}

static void test_errors(void **state)
{
	struct layout layout;

	(void)state;
	kernel.open_error = -EACCES;
	assert_int_equal(layout_read(&layout, TARGET, false), -EACCES);
	kernel.open_error = 0;
	kernel.next_error = -ENOMEM;
	assert_int_equal(layout_read(&layout, TARGET, false), -ENOMEM);
	kernel.next_error = 0;
	kernel.count = 0;
	assert_int_equal(layout_read(&layout, TARGET, false), -ESRCH);
}

static void test_columns(void **state)
{
	const struct column *column;

	(void)state;
	for (size_t i = 0; (column = layout_column(i)); i++)
		assert_ptr_equal(layout_column_find(column->name), column);
	assert_null(layout_column_find("xyzzy"));
	assert_null(layout_sort_key("xyzzy"));
	assert_ptr_equal(layout_sort_key("swap"), layout_column_find("swap"));
	/* Not as text, in which 7f0000000000 comes after 555555554000000. */
	assert_int_equal(layout_sort_key("address")->type, COLUMN_SIZE);
	assert_string_equal(layout_column_nearest("resreved"), "reserved");
	assert_null(layout_column_nearest("xyzzy"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rows),
		TEST(test_use),
		TEST(test_total),
		TEST(test_unknown_memory),
		TEST(test_only_tamalloc),
		TEST(test_no_names),
		TEST(test_errors),
		TEST(test_columns),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
