// SPDX-License-Identifier: GPL-2.0
/* An address space that several processes share is one memory. */
#include <pthread.h>

#include "sharers.h"
#include "snapshot.h"

static void *thread_sleep_on(void *arg)
{
	for (;;)
		pause();
	return NULL;
}

static void reserve_ballast(struct __test_metadata *_metadata)
{
	char *region = reserve(512 * MIB);

	ASSERT_NE(MAP_FAILED, region);
	touch(region, 32 * PAGES_PER_MIB);
}

static void expect_same_total(struct __test_metadata *_metadata,
			      const struct tamalloc_global_info *before)
{
	struct tamalloc_global_info after;

	ASSERT_EQ(0, total(&after));
	EXPECT_GE(1, distance(before->aggregate_vm_mb, after.aggregate_vm_mb));
	EXPECT_GE(1, distance(before->aggregate_rss_mb, after.aggregate_rss_mb));
}

TEST(sharer_adds_nothing)
{
	struct tamalloc_global_info before;
	pid_t pid;

	reserve_ballast(_metadata);
	ASSERT_EQ(0, total(&before));
	pid = spawn_sharer(sleep_on, 0, NULL);
	ASSERT_LT(0, pid);
	expect_same_total(_metadata, &before);
	reap(pid);
}

TEST(sharer_is_told_the_same)
{
	struct tamalloc_proc_info own, sharers;
	pid_t pid;

	reserve_ballast(_metadata);
	pid = spawn_sharer(sleep_on, 0, NULL);
	ASSERT_LT(0, pid);
	ASSERT_EQ(0, process(getpid(), &own));
	ASSERT_EQ(0, process(pid, &sharers));
	EXPECT_EQ(own.vm_kb, sharers.vm_kb);
	reap(pid);
}

/* Also where the first that has the memory is not in the same call. */
TEST(snapshot_tells_sharers)
{
	enum { RECORDS = 500 };
	static struct tamalloc_record records[RECORDS];
	static const uint32_t steps[] = { RECORDS, 1, 2, 3 };
	pid_t pids[5];
	int count;

	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		pids[i] = spawn_sharer(sleep_on, 0, NULL);
		ASSERT_LT(0, pids[i]);
	}
	for (size_t step = 0; step < ARRAY_SIZE(steps); step++) {
		const struct tamalloc_record *own, *sharers;

		count = take_all(records, RECORDS, steps[step], 0);
		own = find_record(records, count, getpid());
		ASSERT_NE(NULL, own);
		EXPECT_EQ(0, own->flags);
		for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
			sharers = find_record(records, count, pids[i]);
			ASSERT_NE(NULL, sharers);
			EXPECT_EQ(TAMALLOC_RECORD_SHARED, sharers->flags);
			EXPECT_EQ(own->address_space, sharers->address_space);
			EXPECT_EQ(own->virtual_size, sharers->virtual_size);
		}
	}
	reap_all(pids, ARRAY_SIZE(pids));
}

TEST(snapshot_does_not_take_threads_for_sharers)
{
	struct tamalloc_record record;
	pthread_t thread;

	for (int i = 0; i < 5; i++)
		ASSERT_EQ(0, pthread_create(&thread, NULL, thread_sleep_on, NULL));
	ASSERT_EQ(0, record_of(getpid(), 0, &record));
	EXPECT_EQ(0, record.flags);
	EXPECT_EQ(6, record.threads);
}

TEST(fifty_sharers_add_nothing)
{
	struct tamalloc_global_info before;
	pid_t pids[50];

	reserve_ballast(_metadata);
	ASSERT_EQ(0, total(&before));
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		pids[i] = spawn_sharer(sleep_on, 0, NULL);
		ASSERT_LT(0, pids[i]);
	}
	expect_same_total(_metadata, &before);
	reap_all(pids, ARRAY_SIZE(pids));
}

TEST(vfork_child_adds_nothing)
{
	static struct tamalloc_global_info before, during;
	static long result;
	pid_t pid;

	reserve_ballast(_metadata);
	ASSERT_EQ(0, total(&before));
	pid = vfork();
	if (pid == 0) {
		result = total(&during);
		_exit(0);
	}
	ASSERT_LT(0, pid);
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	ASSERT_EQ(0, result);
	EXPECT_GE(1, distance(before.aggregate_vm_mb, during.aggregate_vm_mb));
	EXPECT_GE(1, distance(before.aggregate_rss_mb, during.aggregate_rss_mb));
}

TEST(threads_count_once)
{
	struct tamalloc_global_info before, after;
	pthread_attr_t small_stack;
	pthread_t thread;

	reserve_ballast(_metadata);
	ASSERT_EQ(0, pthread_attr_init(&small_stack));
	ASSERT_EQ(0, pthread_attr_setstacksize(&small_stack, 64 * KIB));
	ASSERT_EQ(0, total(&before));
	for (int i = 0; i < 20; i++)
		ASSERT_EQ(0, pthread_create(&thread, &small_stack,
					    thread_sleep_on, NULL));
	ASSERT_EQ(0, total(&after));
	/* Stacks, and an arena of the C library. */
	EXPECT_GE(256, after.aggregate_vm_mb - before.aggregate_vm_mb);
	EXPECT_GE(2, after.aggregate_rss_mb - before.aggregate_rss_mb);
}

static int outlive(void *arg)
{
	/* Not die_with_parent(): the point is to live on. */
	for (;;)
		pause();
	return 0;
}

TEST(sharer_that_outlives_the_first_one_counts)
{
	struct tamalloc_global_info before, after;
	int status, *sharer = shared_with_children(PAGE);
	pid_t pid;

	ASSERT_NE(MAP_FAILED, sharer);
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
	ASSERT_EQ(0, total(&before));
	pid = fork();
	ASSERT_LE(0, pid);
	if (pid == 0) {
		if (reserve(512 * MIB) == MAP_FAILED)
			_exit(EXIT_FAILURE);
		*sharer = spawn_sharer(outlive, 0, NULL);
		_exit(EXIT_SUCCESS);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_LT(0, *sharer);
	ASSERT_EQ(0, total(&after));
	EXPECT_LE(512, after.aggregate_vm_mb - before.aggregate_vm_mb);
	EXPECT_GE(600, after.aggregate_vm_mb - before.aggregate_vm_mb);
	reap(*sharer);
}

/* Of each pair the first has the memory, and the other is told to share it. */
static void expect_pairs_in_snapshot(struct __test_metadata *_metadata,
				     const pid_t *pids, int pairs,
				     uint64_t reserved)
{
	enum { RECORDS = 2000 };
	static struct tamalloc_record records[RECORDS];
	static const uint32_t steps[] = { RECORDS, 100 };

	for (size_t step = 0; step < ARRAY_SIZE(steps); step++) {
		int count = take_all(records, RECORDS, steps[step], 0);
		uint64_t sum = 0;
		int shared = 0;

		for (int i = 0; i < count; i++)
			shared += records[i].flags == TAMALLOC_RECORD_SHARED;
		EXPECT_EQ(pairs, shared);
		for (int i = 0; i < pairs; i++) {
			const struct tamalloc_record *first =
				find_record(records, count, pids[i]);

			ASSERT_NE(NULL, first);
			EXPECT_EQ(0, first->flags);
			sum += first->virtual_size;
		}
		EXPECT_EQ(reserved, sum);
	}
}

/* More shared address spaces than a walk can be expected to remember. */
TEST(seven_hundred_pairs_count_once_each)
{
	enum { PAIRS = 700 };
	struct tamalloc_global_info before, after;
	struct sizes sizes, sum = { 0 };
	static pid_t pids[PAIRS];

	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
	ASSERT_EQ(0, total(&before));
	for (int i = 0; i < PAIRS; i++) {
		pids[i] = spawn_stopped(share_and_stop, NULL);
		ASSERT_LT(0, pids[i]);
	}
	ASSERT_EQ(0, total(&after));
	for (int i = 0; i < PAIRS; i++) {
		ASSERT_EQ(0, sizes_of(pids[i], &sizes));
		sum.size += sizes.size;
		sum.resident += sizes.resident;
	}
	EXPECT_GE(2, distance(sum.size / PAGES_PER_MIB,
			      after.aggregate_vm_mb - before.aggregate_vm_mb));
	EXPECT_GE(2, distance(sum.resident / PAGES_PER_MIB,
			      after.aggregate_rss_mb - before.aggregate_rss_mb));
	expect_pairs_in_snapshot(_metadata, pids, PAIRS, sum.size * PAGE);
	reap_all(pids, PAIRS);
	while (waitpid(-1, NULL, __WALL) > 0)
		;
}

struct inside {
	struct tamalloc_global_info info;
	struct sizes sizes;
	pid_t pid;
	long result;
};

static int ask_inside(void *arg)
{
	struct inside *inside = arg;

	die_with_parent();
	inside->pid = getpid();
	inside->result = sizes_at("/proc/self", &inside->sizes);
	if (!inside->result)
		inside->result = total(&inside->info);
	return 0;
}

/*
 * The sharer with the lower pid is outside the namespace: inside, where it
 * cannot be seen, the memory is the other one's.
 */
TEST(sharer_in_another_pid_namespace_counts_in_each)
{
	struct tamalloc_global_info before;
	struct inside inside = { .result = -1 };
	pid_t pid;

	reserve_ballast(_metadata);
	pid = spawn_sharer(ask_inside, CLONE_NEWPID, &inside);
	ASSERT_LT(0, pid);
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	ASSERT_EQ(0, inside.result);
	EXPECT_EQ(1, inside.pid);
	ASSERT_LE(512 * PAGES_PER_MIB, inside.sizes.size);
	EXPECT_GE(1, distance(inside.sizes.size / PAGES_PER_MIB,
			      inside.info.aggregate_vm_mb));
	EXPECT_GE(1, distance(inside.sizes.resident / PAGES_PER_MIB,
			      inside.info.aggregate_rss_mb));

	ASSERT_EQ(0, total(&before));
	pid = spawn_sharer(sleep_on, CLONE_NEWPID, NULL);
	ASSERT_LT(0, pid);
	expect_same_total(_metadata, &before);
	reap(pid);
}

TAMALLOC_TEST_MAIN
