// SPDX-License-Identifier: GPL-2.0
/* Zombies and kernel threads have no memory of their own. */
#include "common.h"

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
