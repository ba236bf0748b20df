// SPDX-License-Identifier: GPL-2.0
/* A process whose first thread has exited still has its memory. */
#include <pthread.h>

#include "snapshot.h"

#define SIZE	(256 * MIB)
#define TOUCHED	(16 * MIB)

static pid_t *survivor;

static void *live_on(void *arg)
{
	__atomic_store_n(survivor, gettid(), __ATOMIC_SEQ_CST);
	for (;;)
		pause();
	return NULL;
}

static char state_of(pid_t pid)
{
	char path[64], text[512], *state;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (read_file(path, text, sizeof(text)) < 0)
		return '?';
	state = strrchr(text, ')');
	return state ? state[2] : '?';
}

/* Starts a process that leaves its memory to a thread. */
static pid_t spawn_leaderless(void)
{
	pthread_t thread;
	char *region;
	pid_t pid;

	*survivor = 0;
	pid = fork();
	if (pid == 0) {
		die_with_parent();
		region = reserve(SIZE);
		if (region == MAP_FAILED)
			_exit(EXIT_FAILURE);
		touch(region, TOUCHED / PAGE);
		if (pthread_create(&thread, NULL, live_on, NULL))
			_exit(EXIT_FAILURE);
		while (!__atomic_load_n(survivor, __ATOMIC_SEQ_CST))
			usleep(1000);
		pthread_exit(NULL);
	}
	while (pid > 0 && state_of(pid) != 'Z')
		usleep(1000);
	return pid;
}

FIXTURE(leaderless) {
	struct tamalloc_global_info without;
	pid_t pid;
};

FIXTURE_SETUP(leaderless)
{
	survivor = shared_with_children(PAGE);
	ASSERT_NE(MAP_FAILED, survivor);
	ASSERT_EQ(0, total(&self->without));
	self->pid = spawn_leaderless();
	ASSERT_LT(0, self->pid);
	ASSERT_NE(0, *survivor);
}

FIXTURE_TEARDOWN(leaderless)
{
	reap(self->pid);
}

TEST_F(leaderless, process_tells_what_the_thread_has)
{
	struct tamalloc_proc_info info;
	struct sizes sizes;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d", self->pid, *survivor);
	ASSERT_EQ(0, sizes_at(path, &sizes));
	ASSERT_LE(SIZE / PAGE, sizes.size);

	ASSERT_EQ(0, process(self->pid, &info));
	EXPECT_EQ(sizes.size * KIB_PER_PAGE, info.vm_kb);
	EXPECT_EQ(sizes.resident * KIB_PER_PAGE, info.rss_kb);
	ASSERT_EQ(0, process(*survivor, &info));
	EXPECT_EQ(sizes.size * KIB_PER_PAGE, info.vm_kb);
}

TEST_F(leaderless, snapshot_tells_what_the_thread_has)
{
	struct tamalloc_record record;
	struct sizes sizes;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d", self->pid, *survivor);
	ASSERT_EQ(0, sizes_at(path, &sizes));
	ASSERT_EQ(0, record_of(self->pid, 0, &record));
	EXPECT_EQ(sizes.size * PAGE, record.virtual_size);
	EXPECT_EQ(sizes.resident * PAGE,
		  record.anonymous + record.file + record.shared_memory);
	EXPECT_EQ(stat_number(self->pid, 20), record.threads);
	EXPECT_EQ(TAMALLOC_OOM_ELIGIBLE, record.oom_reason);
	EXPECT_LE(TOUCHED / PAGE - 64, record.oom_badness);
	EXPECT_STREQ("leader", record.command);
	/* One entry a process: the thread has none of its own. */
	EXPECT_EQ(-1, record_of(*survivor, 0, &record));
}

TEST_F(leaderless, total_counts_it)
{
	struct tamalloc_global_info with;

	ASSERT_EQ(0, total(&with));
	EXPECT_LE(SIZE / MIB, with.aggregate_vm_mb - self->without.aggregate_vm_mb);
	EXPECT_GE(2 * SIZE / MIB - 1, with.aggregate_vm_mb - self->without.aggregate_vm_mb);
	EXPECT_LE(TOUCHED / MIB, with.aggregate_rss_mb - self->without.aggregate_rss_mb + 1);
}

TEST_F(leaderless, oom_adjustment_is_told)
{
	struct tamalloc_proc_info info;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/oom_score_adj",
		 self->pid, *survivor);
	ASSERT_EQ(0, write_file(path, "321"));
	ASSERT_EQ(0, process(self->pid, &info));
	EXPECT_EQ(321, info.oom_adjustment);
}

TAMALLOC_TEST_MAIN
