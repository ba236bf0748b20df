// SPDX-License-Identifier: GPL-2.0
/* Zombies and kernel threads have no memory of their own. */
#include "snapshot.h"

#define PF_KTHREAD	0x00200000

/* The flags of a process as /proc/PID/stat shows them, or 0. */
static unsigned long flags_of(pid_t pid)
{
	char path[64], text[512], *fields;
	unsigned long flags;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (read_file(path, text, sizeof(text)) < 0)
		return 0;
	fields = strrchr(text, ')');
	if (!fields || sscanf(fields + 2, "%*c %*d %*d %*d %*d %*d %lu", &flags) != 1)
		return 0;
	return flags;
}

TEST(every_kernel_thread_is_invalid)
{
	struct tamalloc_proc_info info;
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int seen = 0;

	ASSERT_NE(NULL, proc);
	while ((entry = readdir(proc))) {
		pid_t pid = atoi(entry->d_name);

		if (pid <= 0 || !(flags_of(pid) & PF_KTHREAD))
			continue;
		errno = 0;
		EXPECT_EQ(-1, process(pid, &info));
		/* A worker may end between the two looks at it. */
		EXPECT_TRUE(errno == EINVAL || (errno == ESRCH && kill(pid, 0)))
			TH_LOG("kernel thread %d: errno %d", pid, errno);
		seen += errno == EINVAL;
	}
	closedir(proc);
	EXPECT_LT(5, seen);
}

TEST(kthreadd_is_invalid)
{
	struct tamalloc_proc_info info;

	ASSERT_NE(0, flags_of(2) & PF_KTHREAD);
	EXPECT_EQ(-1, process(2, &info));
	EXPECT_EQ(EINVAL, errno);
}

static void expect_no_memory(struct __test_metadata *_metadata,
			     const struct tamalloc_record *record, uint32_t reason)
{
	EXPECT_EQ(reason, record->oom_reason);
	EXPECT_EQ(0, record->oom_badness);
	EXPECT_EQ(0, record->flags);
	EXPECT_EQ(0, record->address_space);
	EXPECT_EQ(0, record->virtual_size);
	EXPECT_EQ(0, record->anonymous);
	EXPECT_EQ(0, record->file);
	EXPECT_EQ(0, record->shared_memory);
	EXPECT_EQ(0, record->swap);
	EXPECT_EQ(0, record->page_tables);
}

TEST(snapshot_tells_of_every_kernel_thread_when_asked)
{
	struct tamalloc_record record;
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int seen = 0;

	ASSERT_NE(NULL, proc);
	while ((entry = readdir(proc))) {
		pid_t pid = atoi(entry->d_name);

		if (pid <= 0 || !(flags_of(pid) & PF_KTHREAD))
			continue;
		EXPECT_EQ(-1, record_of(pid, 0, &record));
		if (record_of(pid, TAMALLOC_SNAPSHOT_MEMORYLESS, &record)) {
			/* A worker may end between the two looks at it. */
			EXPECT_NE(0, kill(pid, 0));
			continue;
		}
		expect_no_memory(_metadata, &record, TAMALLOC_OOM_KERNEL_THREAD);
		EXPECT_EQ(RECORD_SIZE, record.size);
		EXPECT_EQ(pid == 2 ? 0 : 2, record.parent);
		EXPECT_EQ(1, record.threads);
		EXPECT_NE('\0', record.command[0]);
		seen++;
	}
	closedir(proc);
	EXPECT_LT(5, seen);
}

static int reserve_ballast(void *arg)
{
	char *region = reserve(512 * MIB);

	if (region == MAP_FAILED)
		return -1;
	touch(region, 16 * PAGES_PER_MIB);
	return 0;
}

/* Ends a stopped child without reaping it. */
static void make_zombie(pid_t pid)
{
	siginfo_t info;

	kill(pid, SIGKILL);
	waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
}

TEST(zombie_is_invalid)
{
	pid_t pid = spawn_stopped(reserve_ballast, NULL);
	struct tamalloc_proc_info info;

	ASSERT_LT(0, pid);
	EXPECT_EQ(0, process(pid, &info));
	make_zombie(pid);
	EXPECT_EQ(-1, process(pid, &info));
	EXPECT_EQ(EINVAL, errno);
	reap(pid);
}

TEST(snapshot_tells_of_a_zombie_when_asked)
{
	pid_t pid = spawn_stopped(reserve_ballast, NULL);
	struct tamalloc_record record;

	ASSERT_LT(0, pid);
	ASSERT_EQ(0, set_oom_score_adj(pid, -123));
	make_zombie(pid);
	EXPECT_EQ(-1, record_of(pid, 0, &record));
	ASSERT_EQ(0, record_of(pid, TAMALLOC_SNAPSHOT_MEMORYLESS, &record));
	expect_no_memory(_metadata, &record, TAMALLOC_OOM_NO_MEMORY);
	EXPECT_EQ(-123, record.oom_score_adj);
	EXPECT_EQ(getpid(), record.parent);
	EXPECT_EQ(stat_number(pid, 22), record.start_time / NS_PER_TICK);
	EXPECT_STREQ("memoryless", record.command);
	reap(pid);
	EXPECT_EQ(-1, record_of(pid, TAMALLOC_SNAPSHOT_MEMORYLESS, &record));
}

TEST(snapshot_with_them_holds_the_same_others)
{
	enum { RECORDS = 1000 };
	static struct tamalloc_record all[RECORDS], some[RECORDS];
	int total, count, other = 0;

	total = take_all(all, RECORDS, 34, TAMALLOC_SNAPSHOT_MEMORYLESS);
	count = take_all(some, RECORDS, 34, 0);
	ASSERT_LT(0, count);
	for (int i = 0; i < total; i++) {
		if (all[i].address_space == 0)
			continue;
		ASSERT_GT(count, other);
		EXPECT_EQ(some[other++].pid, all[i].pid);
	}
	EXPECT_EQ(count, other);
	EXPECT_LT(count, total);
}

TEST(zombie_does_not_count)
{
	struct tamalloc_global_info without, with, zombie;
	pid_t pid;

	ASSERT_EQ(0, total(&without));
	pid = spawn_stopped(reserve_ballast, NULL);
	ASSERT_LT(0, pid);
	ASSERT_EQ(0, total(&with));
	make_zombie(pid);
	ASSERT_EQ(0, total(&zombie));
	EXPECT_LE(511, with.aggregate_vm_mb - without.aggregate_vm_mb);
	EXPECT_GE(1, distance(zombie.aggregate_vm_mb, without.aggregate_vm_mb));
	EXPECT_GE(1, distance(zombie.aggregate_rss_mb, without.aggregate_rss_mb));
	reap(pid);
}

TAMALLOC_TEST_MAIN
