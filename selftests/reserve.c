// SPDX-License-Identifier: GPL-2.0
/* Sizes: what is rounded to what, and what is refused with which errno. */
#include "maps.h"

TEST(zero_is_invalid)
{
	EXPECT_EQ(MAP_FAILED, reserve(0));
	EXPECT_EQ(EINVAL, errno);
}

FIXTURE(size) {};

FIXTURE_VARIANT(size) {
	size_t asked;
	size_t got;
};

FIXTURE_SETUP(size) {}

FIXTURE_TEARDOWN(size) {}

FIXTURE_VARIANT_ADD(size, one_byte) { .asked = 1, .got = PAGE };
FIXTURE_VARIANT_ADD(size, page_less_one) { .asked = PAGE - 1, .got = PAGE };
FIXTURE_VARIANT_ADD(size, page) { .asked = PAGE, .got = PAGE };
FIXTURE_VARIANT_ADD(size, page_and_one) { .asked = PAGE + 1, .got = 2 * PAGE };
FIXTURE_VARIANT_ADD(size, gib) { .asked = GIB, .got = GIB };
FIXTURE_VARIANT_ADD(size, gib_less_one) { .asked = GIB - 1, .got = GIB };
FIXTURE_VARIANT_ADD(size, tib_64) { .asked = 64UL << 40, .got = 64UL << 40 };

TEST_F(size, is_rounded_up_to_pages)
{
	struct sizes before, after;
	struct mapping map;
	char *region;

	ASSERT_EQ(0, sizes_at("/proc/self", &before));
	region = reserve(variant->asked);
	ASSERT_NE(MAP_FAILED, region);
	ASSERT_EQ(0, sizes_at("/proc/self", &after));
	EXPECT_EQ(0, (unsigned long)region % PAGE);
	EXPECT_EQ(variant->got / PAGE, after.size - before.size);
	ASSERT_EQ(0, find_mapping(region, &map));
	EXPECT_EQ((unsigned long)region, map.start);
	EXPECT_EQ((unsigned long)region + variant->got, map.end);
}

TEST_F(size, first_and_last_byte_hold_what_is_written)
{
	char *region = reserve(variant->asked);

	ASSERT_NE(MAP_FAILED, region);
	region[0] = 'H';
	region[variant->got - 1] = 'Z';
	EXPECT_EQ('H', region[0]);
	EXPECT_EQ('Z', region[variant->got - 1]);
}

TEST_F(size, is_released_by_munmap)
{
	struct sizes before, after;
	char *region;

	ASSERT_EQ(0, sizes_at("/proc/self", &before));
	region = reserve(variant->asked);
	ASSERT_NE(MAP_FAILED, region);
	EXPECT_EQ(0, munmap(region, variant->got));
	ASSERT_EQ(0, sizes_at("/proc/self", &after));
	EXPECT_EQ(before.size, after.size);
}

FIXTURE(impossible_size) {};

FIXTURE_VARIANT(impossible_size) {
	size_t asked;
};

FIXTURE_SETUP(impossible_size) {}

FIXTURE_TEARDOWN(impossible_size) {}

FIXTURE_VARIANT_ADD(impossible_size, address_space) { .asked = 1UL << 47 };
FIXTURE_VARIANT_ADD(impossible_size, beyond_57_bits) { .asked = 1UL << 57 };
FIXTURE_VARIANT_ADD(impossible_size, sign_bit_less_one) { .asked = (1UL << 63) - 1 };
FIXTURE_VARIANT_ADD(impossible_size, sign_bit) { .asked = 1UL << 63 };
FIXTURE_VARIANT_ADD(impossible_size, last_page) { .asked = -PAGE };
FIXTURE_VARIANT_ADD(impossible_size, last_page_and_one) { .asked = -PAGE + 1 };
FIXTURE_VARIANT_ADD(impossible_size, all_ones) { .asked = -1UL };

TEST_F(impossible_size, is_refused_and_maps_nothing)
{
	struct sizes before, after;

	ASSERT_EQ(0, sizes_at("/proc/self", &before));
	EXPECT_EQ(MAP_FAILED, reserve(variant->asked));
	EXPECT_EQ(ENOMEM, errno);
	ASSERT_EQ(0, sizes_at("/proc/self", &after));
	EXPECT_EQ(before.size, after.size);
}

TAMALLOC_TEST_MAIN
