// SPDX-License-Identifier: MIT
#include "region.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PAGE 4096

/* A zeroed region that ends with its last page, so that ASan sees beyond. */
static unsigned char *zeroed(size_t size)
{
	size_t bytes = region_pages(size) * PAGE;
	unsigned char *region = aligned_alloc(PAGE, bytes);

	assert_non_null(region);
	return memset(region, 0, bytes);
}

static void test_pages(void **state)
{
	(void)state;
	assert_int_equal(region_pages(1), 1);
	assert_int_equal(region_pages(PAGE), 1);
	assert_int_equal(region_pages(PAGE + 1), 2);
	assert_int_equal(region_pages(SIZE_MAX), SIZE_MAX / PAGE + 1);
}

static void test_share(void **state)
{
	(void)state;
	assert_int_equal(region_share(1, 0), 1);
	assert_int_equal(region_share(1, 100), 1);
	assert_int_equal(region_share(100 * PAGE, 0), 2);
	assert_int_equal(region_share(100 * PAGE, 1), 2);
	assert_int_equal(region_share(100 * PAGE, 12.4), 12);
	assert_int_equal(region_share(100 * PAGE, 12.5), 13);
	assert_int_equal(region_share(100 * PAGE, 100), 100);
	assert_int_equal(region_share((size_t)1 << 47, 100), (size_t)1 << 35);
}

/* As many pages as asked for, the ends among them, gaps that differ by one. */
static void check_spread(size_t pages, size_t count)
{
	unsigned char *region = zeroed(pages * PAGE);
	size_t touched = 0, last = 0;
	size_t least = SIZE_MAX, most = 0;

	assert_true(region_touch(region, pages * PAGE, count));
	for (size_t page = 0; page < pages; page++) {
		unsigned char mark = region[page * PAGE];

		if (page + 1 == pages && pages > 1)
			mark = region[pages * PAGE - 1];
		if (!mark)
			continue;
		assert_int_equal(mark, !page ? 'H' : page + 1 < pages ? 'T' : 'Z');
		if (touched++) {
			least = page - last < least ? page - last : least;
			most = page - last > most ? page - last : most;
		}
		last = page;
	}
	assert_int_equal(touched, count);
	assert_int_equal(last, pages - 1);
	assert_true(count == 1 || most - least <= 1);
	assert_int_equal(region_find_dirt(region, pages * PAGE, count), pages * PAGE);
	free(region);
}

static void test_spread(void **state)
{
	(void)state;
	check_spread(1, 1);
	for (size_t pages = 2; pages <= 40; pages++)
		for (size_t count = 2; count <= pages; count++)
			check_spread(pages, count);
}

/* Every byte that is not a mark is looked at, also beyond the size. */
static void check_dirt(size_t size, size_t count)
{
	size_t bytes = region_pages(size) * PAGE;
	unsigned char *region = zeroed(size);

	assert_true(region_touch(region, size, count));
	assert_int_equal(region[0], size == 1 ? 'Z' : 'H');
	assert_int_equal(region[size - 1], 'Z');
	assert_int_equal(region_find_dirt(region, size, count), bytes);
	for (size_t i = 0; i < bytes; i++) {
		if (region[i])
			continue;
		region[i] = 1;
		assert_int_equal(region_find_dirt(region, size, count), i);
		region[i] = 0;
	}
	free(region);
}

static void test_dirt(void **state)
{
	static const size_t sizes[] = {
		1, 2, 3, PAGE - 1, PAGE, PAGE + 1, PAGE + 2, 2 * PAGE - 1, 2 * PAGE,
		2 * PAGE + 1, 5 * PAGE - 7,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (size_t count = region_share(sizes[i], 0);
		     count <= region_pages(sizes[i]); count++)
			check_dirt(sizes[i], count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_share),
		cmocka_unit_test(test_spread),
		cmocka_unit_test(test_dirt),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("region", tests, NULL, NULL);
}
