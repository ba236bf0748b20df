// SPDX-License-Identifier: GPL-2.0
/* /proc/PID/maps calls a region [anon:tamalloc], and nothing else. */
#include "maps.h"

#define NAME	"[anon:tamalloc]"

TEST(region_is_named)
{
	struct mapping map;
	char *region = reserve(MIB);

	ASSERT_NE(MAP_FAILED, region);
	ASSERT_EQ(0, find_mapping(region, &map));
	EXPECT_STREQ(NAME, map.name);
	EXPECT_EQ((unsigned long)region, map.start);
	EXPECT_EQ((unsigned long)region + MIB, map.end);
}

/* The kernel would merge the two mappings, were it not for the name. */
TEST(neighbour_stays_unnamed)
{
	char *neighbour, *region;
	struct mapping map;

	neighbour = mmap(NULL, MIB, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ASSERT_NE(MAP_FAILED, neighbour);
	region = reserve(MIB);
	ASSERT_NE(MAP_FAILED, region);
	ASSERT_EQ(MIB, distance((unsigned long)neighbour, (unsigned long)region));

	ASSERT_EQ(0, find_mapping(region, &map));
	EXPECT_STREQ(NAME, map.name);
	EXPECT_EQ((unsigned long)region, map.start);
	EXPECT_EQ((unsigned long)region + MIB, map.end);
	ASSERT_EQ(0, find_mapping(neighbour, &map));
	EXPECT_STREQ("", map.name);
}

/* Also where the neighbour that is named is not the first of its kind. */
TEST(named_neighbours_merge)
{
	struct mapping first, map;
	char *region[3];

	for (size_t i = 0; i < ARRAY_SIZE(region); i++) {
		region[i] = reserve(MIB);
		ASSERT_NE(MAP_FAILED, region[i]);
	}
	ASSERT_EQ(MIB, distance((unsigned long)region[0], (unsigned long)region[1]));
	ASSERT_EQ(MIB, distance((unsigned long)region[1], (unsigned long)region[2]));
	ASSERT_EQ(0, find_mapping(region[0], &first));
	EXPECT_STREQ(NAME, first.name);
	EXPECT_EQ(3 * MIB, first.end - first.start);
	for (size_t i = 1; i < ARRAY_SIZE(region); i++) {
		ASSERT_EQ(0, find_mapping(region[i], &map));
		EXPECT_EQ(first.start, map.start);
	}
}

/* As many as wanted: side by side they are one mapping, of which there is a limit. */
TEST(more_regions_than_there_may_be_mappings)
{
	int most = is_slow() ? 5000 : 70000, before = count_mappings();

	for (int i = 0; i < most; i++) {
		ASSERT_NE(MAP_FAILED, reserve(PAGE))
			TH_LOG("region %d: %s", i, strerror(errno));
	}
	EXPECT_GE(before + 10, count_mappings());
}

TEST(partial_last_page_is_named)
{
	struct mapping map;
	char *region = reserve(3 * PAGE + 1);

	ASSERT_NE(MAP_FAILED, region);
	ASSERT_EQ(0, find_mapping(region + 3 * PAGE, &map));
	EXPECT_STREQ(NAME, map.name);
	EXPECT_EQ((unsigned long)region + 4 * PAGE, map.end);
}

TEST(each_of_many_regions_is_named)
{
	enum { REGIONS = 300 };
	char *region[REGIONS];
	struct mapping map;

	for (int i = 0; i < REGIONS; i++) {
		region[i] = reserve((1 + i % 7) * PAGE);
		ASSERT_NE(MAP_FAILED, region[i]);
		/* Keeps the regions from merging. */
		ASSERT_NE(MAP_FAILED, mmap(NULL, PAGE, PROT_NONE,
					   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	}
	for (int i = 0; i < REGIONS; i++) {
		ASSERT_EQ(0, find_mapping(region[i], &map));
		EXPECT_STREQ(NAME, map.name);
	}
}

TEST(name_survives_fork_and_partial_unmapping)
{
	char *region = reserve(3 * PAGE);
	struct mapping map;
	int status;
	pid_t pid;

	ASSERT_NE(MAP_FAILED, region);
	ASSERT_EQ(0, munmap(region + PAGE, PAGE));
	pid = fork();
	ASSERT_LE(0, pid);
	if (pid == 0) {
		if (find_mapping(region, &map) || strcmp(NAME, map.name))
			_exit(1);
		if (find_mapping(region + 2 * PAGE, &map) || strcmp(NAME, map.name))
			_exit(2);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

TAMALLOC_TEST_MAIN
