// SPDX-License-Identifier: GPL-2.0
/* 550: the sum of all processes, to the page. */
#include "common.h"

#define CHILDREN	400

static void expect_total_equals_proc(struct __test_metadata *_metadata)
{
	struct tamalloc_global_info info;
	struct sizes sum;

	ASSERT_EQ(0, sizes_of_all(&sum));
	ASSERT_EQ(0, total(&info));
	EXPECT_GE(1, distance(sum.size / PAGES_PER_MIB, info.aggregate_vm_mb));
	EXPECT_GE(1, distance(sum.resident / PAGES_PER_MIB, info.aggregate_rss_mb));
}

TEST(equals_the_sum_of_page_walks)
{
	expect_total_equals_proc(_metadata);
}

TEST(reserving_counts_and_touching_commits)
{
	struct tamalloc_global_info before, reserved, touched;
	char *region;

	ASSERT_EQ(0, total(&before));
	region = reserve(GIB);
	ASSERT_NE(MAP_FAILED, region);
	ASSERT_EQ(0, total(&reserved));
	touch(region, 100 * PAGES_PER_MIB);
	ASSERT_EQ(0, total(&touched));

	EXPECT_EQ(GIB / MIB, reserved.aggregate_vm_mb - before.aggregate_vm_mb);
	EXPECT_GE(1, reserved.aggregate_rss_mb - before.aggregate_rss_mb);
	EXPECT_EQ(reserved.aggregate_vm_mb, touched.aggregate_vm_mb);
	EXPECT_GE(1, distance(100, touched.aggregate_rss_mb - reserved.aggregate_rss_mb));
}

static int reserve_64_tib(void *arg)
{
	return reserve(64UL << 40) == MAP_FAILED;
}

TEST(huge_sizes_do_not_overflow)
{
	unsigned long mb = 8 * (64UL << 40) / MIB, grown;
	struct tamalloc_global_info before, after;
	pid_t pids[8];

	ASSERT_EQ(0, total(&before));
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		pids[i] = spawn_stopped(reserve_64_tib, NULL);
		ASSERT_LT(0, pids[i]);
	}
	ASSERT_EQ(0, total(&after));
	grown = after.aggregate_vm_mb - before.aggregate_vm_mb;
	EXPECT_LE(mb, grown);
	EXPECT_GE(mb + GIB / MIB, grown);
	reap_all(pids, ARRAY_SIZE(pids));
}

/*
 * Children a few pages short of a whole number of MiB, reserved and committed:
 * whoever rounds each of them down loses nearly 1 MiB a child. The pages are
 * the parent's, so that they cost no memory.
 */
TEST(nothing_is_lost_by_rounding_each_process)
{
	int children = is_slow() ? CHILDREN / 4 : CHILDREN;
	struct sizes sizes;
	pid_t pids[CHILDREN];
	char *region;

	ASSERT_EQ(0, prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
	region = reserve(PAGES_PER_MIB * PAGE);
	ASSERT_NE(MAP_FAILED, region);
	touch(region, 200);
	ASSERT_EQ(0, sizes_at("/proc/self", &sizes));
	ASSERT_NE(MAP_FAILED,
		  mmap(NULL, (2 * PAGES_PER_MIB - sizes.size % PAGES_PER_MIB - 8) * PAGE,
		       PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	for (int i = 0; i < children; i++) {
		pids[i] = spawn_stopped(NULL, NULL);
		ASSERT_LT(0, pids[i]);
		ASSERT_EQ(0, sizes_of(pids[i], &sizes));
		ASSERT_LE(PAGES_PER_MIB / 2, sizes.size % PAGES_PER_MIB);
		ASSERT_LE(PAGES_PER_MIB / 2, sizes.resident % PAGES_PER_MIB);
	}
	expect_total_equals_proc(_metadata);
	reap_all(pids, children);
}

static int touch_few_pages_on_both_cpus(void *arg)
{
	char *region = reserve(40 * PAGE);

	if (region == MAP_FAILED)
		return -1;
	pin_to_cpu(0);
	touch(region, 20);
	pin_to_cpu(1);
	touch(region + 20 * PAGE, 20);
	return 0;
}

/* Each child has fewer pages than a counter keeps back for each CPU. */
TEST(small_processes_are_counted_to_the_page)
{
	int children = is_slow() ? CHILDREN / 4 : CHILDREN;
	pid_t pids[CHILDREN];

	for (int i = 0; i < children; i++) {
		pids[i] = spawn_stopped(touch_few_pages_on_both_cpus, NULL);
		ASSERT_LT(0, pids[i]);
	}
	expect_total_equals_proc(_metadata);
	reap_all(pids, children);
}

TAMALLOC_TEST_MAIN
