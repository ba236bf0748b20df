// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the helpers that compute, and of what user space cannot bring
 * about: a kernel thread that borrows an address space.
 */
#include <kunit/test.h>
#include <linux/kthread.h>
#include <linux/limits.h>
#include <linux/pid_namespace.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "../tamalloc.h"

#define PAGES_PER_MB	(1UL << (20 - PAGE_SHIFT))

static void region_size_rounds_up_to_pages(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, tamalloc_region_size(1), PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, tamalloc_region_size(PAGE_SIZE - 1), PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, tamalloc_region_size(PAGE_SIZE), PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, tamalloc_region_size(PAGE_SIZE + 1), 2 * PAGE_SIZE);
}

static void region_size_is_zero_when_it_does_not_fit(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, tamalloc_region_size(SIZE_MAX), 0UL);
	KUNIT_EXPECT_EQ(test, tamalloc_region_size(PAGE_MASK + 1), 0UL);
	KUNIT_EXPECT_EQ(test, tamalloc_region_size(PAGE_MASK), PAGE_MASK);
}

static void pages_become_kb(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, tamalloc_pages_to_kb(0), 0ULL);
	KUNIT_EXPECT_EQ(test, tamalloc_pages_to_kb(3), 3 * PAGE_SIZE / 1024);
}

static void pages_become_mb_rounded_down(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, tamalloc_pages_to_mb(PAGES_PER_MB - 1), 0ULL);
	KUNIT_EXPECT_EQ(test, tamalloc_pages_to_mb(PAGES_PER_MB), 1ULL);
	KUNIT_EXPECT_EQ(test, tamalloc_pages_to_mb(2 * PAGES_PER_MB - 1), 1ULL);
}

static void percent_rounds_down(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, tamalloc_percent(0, 100), 0U);
	KUNIT_EXPECT_EQ(test, tamalloc_percent(2, 3), 66U);
	KUNIT_EXPECT_EQ(test, tamalloc_percent(7, 7), 100U);
}

static void percent_of_nothing_is_zero(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, tamalloc_percent(5, 0), 0U);
}

static void percent_of_a_whole_address_space(struct kunit *test)
{
	u64 whole = 1ULL << 47;

	KUNIT_EXPECT_EQ(test, tamalloc_percent(whole / 2, whole), 50U);
}

static void global_record_is_filled_and_zeroed(struct kunit *test)
{
	struct tamalloc_global_info info, expected;

	memset(&info, 0xa5, sizeof(info));
	memset(&expected, 0, sizeof(expected));
	expected.aggregate_vm_mb = 5;
	expected.aggregate_rss_mb = 2;
	tamalloc_fill_global(&info, 6 * PAGES_PER_MB - 1, 2 * PAGES_PER_MB);
	KUNIT_EXPECT_EQ(test, memcmp(&info, &expected, sizeof(info)), 0);
}

static void process_record_is_filled_and_zeroed(struct kunit *test)
{
	const struct tamalloc_memory memory = {
		.vm_pages = 300,
		.pages = {
			[MM_FILEPAGES] = 50,
			[MM_ANONPAGES] = 30,
			[MM_SHMEMPAGES] = 20,
			[MM_SWAPENTS] = 1000,
		},
		.oom_score_adj = -1000,
	};
	struct tamalloc_proc_info info, expected;

	memset(&info, 0xa5, sizeof(info));
	memset(&expected, 0, sizeof(expected));
	expected.vm_kb = 300 * PAGE_SIZE / 1024;
	expected.rss_kb = 100 * PAGE_SIZE / 1024;
	expected.rss_percent_of_vm = 33;
	expected.oom_adjustment = -1000;
	tamalloc_fill_proc(&info, &memory);
	KUNIT_EXPECT_EQ(test, memcmp(&info, &expected, sizeof(info)), 0);
}

/* KUnit runs each test in a kernel thread. */
static void kernel_thread_that_borrows_an_mm_has_no_memory(struct kunit *test)
{
	struct tamalloc_memory memory = { };
	struct mm_struct *mm = mm_alloc();
	int error;

	KUNIT_ASSERT_NOT_NULL(test, mm);
	kthread_use_mm(mm);
	error = tamalloc_read_memory(current, 0, &memory);
	kthread_unuse_mm(mm);
	mmput(mm);
	tamalloc_put_memory(&memory);
	KUNIT_EXPECT_EQ(test, error, -EINVAL);
}

/* walk.c by itself: what user space sees of it has been filtered. */
static void walk_rises_and_ends(struct kunit *test)
{
	struct tamalloc_walk walk = {
		.ns = &init_pid_ns,
		.everybody = true,
		.next = 1,
	};
	bool met_itself = false;
	pid_t last = 0;

	while (tamalloc_walk_next(&walk)) {
		KUNIT_EXPECT_GT(test, walk.tgid, last);
		KUNIT_EXPECT_EQ(test, walk.tgid, walk.task->tgid);
		KUNIT_EXPECT_TRUE(test, thread_group_leader(walk.task));
		last = walk.tgid;
		met_itself |= walk.task == current;
	}
	KUNIT_EXPECT_TRUE(test, met_itself);
	KUNIT_EXPECT_NULL(test, walk.task);
	KUNIT_EXPECT_EQ(test, walk.error, 0);
}

static void walk_begins_where_it_is_told(struct kunit *test)
{
	struct tamalloc_walk walk = {
		.ns = &init_pid_ns,
		.everybody = true,
		.next = task_tgid_nr(current),
	};

	KUNIT_ASSERT_TRUE(test, tamalloc_walk_next(&walk));
	KUNIT_EXPECT_PTR_EQ(test, walk.task, current);
	tamalloc_walk_end(&walk);
	KUNIT_EXPECT_NULL(test, walk.task);
}

static struct kunit_case tamalloc_cases[] = {
	KUNIT_CASE(region_size_rounds_up_to_pages),
	KUNIT_CASE(region_size_is_zero_when_it_does_not_fit),
	KUNIT_CASE(pages_become_kb),
	KUNIT_CASE(pages_become_mb_rounded_down),
	KUNIT_CASE(percent_rounds_down),
	KUNIT_CASE(percent_of_nothing_is_zero),
	KUNIT_CASE(percent_of_a_whole_address_space),
	KUNIT_CASE(global_record_is_filled_and_zeroed),
	KUNIT_CASE(process_record_is_filled_and_zeroed),
	KUNIT_CASE(kernel_thread_that_borrows_an_mm_has_no_memory),
	KUNIT_CASE(walk_rises_and_ends),
	KUNIT_CASE(walk_begins_where_it_is_told),
	{ }
};

static struct kunit_suite tamalloc_suite = {
	.name = "tamalloc",
	.test_cases = tamalloc_cases,
};

kunit_test_suite(tamalloc_suite);
