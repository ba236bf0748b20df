// SPDX-License-Identifier: GPL-2.0
/* 551: the memory of one process, against what /proc says. */
#include <limits.h>
#include <pthread.h>

#include "common.h"

#define CHILDREN	100

static void expect_equal_to_proc(struct __test_metadata *_metadata, pid_t pid)
{
	struct tamalloc_proc_info info;
	struct sizes sizes;

	ASSERT_EQ(0, process(pid, &info));
	ASSERT_EQ(0, sizes_of(pid, &sizes));
	EXPECT_EQ(sizes.size * KIB_PER_PAGE, info.vm_kb);
	EXPECT_EQ(sizes.resident * KIB_PER_PAGE, info.rss_kb);
	EXPECT_EQ(info.rss_kb * 100 / info.vm_kb, info.rss_percent_of_vm);
}

/* Few pages each: a cheap counter, read by itself, shows none. */
TEST(idle_processes_equal_a_page_walk)
{
	unsigned long children = is_slow() ? CHILDREN / 4 : CHILDREN;
	pid_t pids[CHILDREN];

	for (unsigned long i = 0; i < children; i++) {
		pids[i] = spawn_stopped(touch_on_both_cpus, (void *)(i * 3));
		ASSERT_LT(0, pids[i]);
	}
	for (unsigned long i = 0; i < children; i++)
		expect_equal_to_proc(_metadata, pids[i]);
	reap_all(pids, children);
}

#define THREADS		8

static pthread_barrier_t touched;

static void *touch_in_thread(void *arg)
{
	touch_on_both_cpus((void *)37UL);
	pthread_barrier_wait(&touched);
	pause();
	return NULL;
}

static int touch_in_threads(void *arg)
{
	pthread_t thread;

	pthread_barrier_init(&touched, NULL, THREADS + 1);
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&thread, NULL, touch_in_thread, NULL))
			return -1;
	pthread_barrier_wait(&touched);
	return 0;
}

TEST(process_with_threads_equals_a_page_walk)
{
	pid_t pid = spawn_stopped(touch_in_threads, NULL);

	ASSERT_LT(0, pid);
	expect_equal_to_proc(_metadata, pid);
	reap(pid);
}

TEST(other_processes_equal_a_page_walk)
{
	expect_equal_to_proc(_metadata, 1);
}

TEST(own_virtual_size_equals_statm)
{
	struct tamalloc_proc_info info;
	struct sizes sizes;

	ASSERT_EQ(0, process(getpid(), &info));
	ASSERT_EQ(0, sizes_at("/proc/self", &sizes));
	EXPECT_EQ(sizes.size * KIB_PER_PAGE, info.vm_kb);
}

TEST(reserving_raises_reserved_by_its_size)
{
	struct tamalloc_proc_info before, after;
	char *region;

	ASSERT_EQ(0, process(getpid(), &before));
	region = reserve(64UL << 40);
	ASSERT_NE(MAP_FAILED, region);
	ASSERT_EQ(0, process(getpid(), &after));
	EXPECT_EQ((64UL << 40) / KIB, after.vm_kb - before.vm_kb);
	EXPECT_EQ(0, after.rss_percent_of_vm);
}

TEST(percentage_of_a_full_region)
{
	struct tamalloc_proc_info info;
	char *region = reserve(64 * MIB);

	ASSERT_NE(MAP_FAILED, region);
	touch(region, 64 * PAGES_PER_MIB);
	ASSERT_EQ(0, process(getpid(), &info));
	EXPECT_EQ(info.rss_kb * 100 / info.vm_kb, info.rss_percent_of_vm);
	EXPECT_LE(80, info.rss_percent_of_vm);
	EXPECT_GE(100, info.rss_percent_of_vm);
}

TEST(oom_adjustment_follows_oom_score_adj)
{
	static const int values[] = { -1000, -999, -500, -1, 0, 1, 500, 999, 1000 };
	struct tamalloc_proc_info info;
	char path[64], text[16];
	pid_t pid = spawn_stopped(NULL, NULL);

	ASSERT_LT(0, pid);
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		snprintf(text, sizeof(text), "%d", values[i]);
		ASSERT_EQ(0, write_file(path, text));
		ASSERT_EQ(0, process(pid, &info));
		EXPECT_EQ(values[i], info.oom_adjustment);
	}
	reap(pid);
}

static void *tell_tid(void *arg)
{
	__atomic_store_n((pid_t *)arg, gettid(), __ATOMIC_SEQ_CST);
	pause();
	return NULL;
}

TEST(thread_id_means_its_process)
{
	struct tamalloc_proc_info of_thread, of_process;
	pthread_t thread;
	pid_t tid = 0;

	ASSERT_EQ(0, pthread_create(&thread, NULL, tell_tid, &tid));
	while (!__atomic_load_n(&tid, __ATOMIC_SEQ_CST))
		usleep(1000);
	ASSERT_NE(getpid(), tid);
	ASSERT_EQ(0, process(tid, &of_thread));
	ASSERT_EQ(0, process(getpid(), &of_process));
	EXPECT_EQ(of_process.vm_kb, of_thread.vm_kb);
	EXPECT_EQ(of_process.oom_adjustment, of_thread.oom_adjustment);
}

TEST(pids_that_nobody_has)
{
	static const pid_t pids[] = { 0, -1, -2, INT_MIN, INT_MIN + 1, INT_MAX, 1 << 22 };
	struct tamalloc_proc_info info;

	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		EXPECT_EQ(-1, process(pids[i], &info));
		EXPECT_EQ(ESRCH, errno)
			TH_LOG("pid %d", pids[i]);
	}
}

TEST(negative_pid_is_no_process_group)
{
	struct tamalloc_proc_info info;

	EXPECT_EQ(-1, process(-getpgrp(), &info));
	EXPECT_EQ(ESRCH, errno);
}

/* pid_t has 32 bits; what a caller leaves in the others is no concern. */
TEST(upper_half_of_the_register_is_ignored)
{
	struct tamalloc_proc_info info;
	unsigned long pid = 0xdeadbeef00000000UL | getpid();

	EXPECT_EQ(0, syscall(__NR_tamalloc_process, pid, &info));
}

TEST(reaped_process_is_gone)
{
	struct tamalloc_proc_info info;
	pid_t pid = spawn_stopped(NULL, NULL);

	ASSERT_LT(0, pid);
	EXPECT_EQ(0, process(pid, &info));
	reap(pid);
	EXPECT_EQ(-1, process(pid, &info));
	EXPECT_EQ(ESRCH, errno);
}

TAMALLOC_TEST_MAIN
