// SPDX-License-Identifier: GPL-2.0
/* Thousands of processes: each one counted, to the page. */
#include "common.h"

#define CROWD_MAX	5000

static pid_t pids[CROWD_MAX];
static int crowd;

static int touch_some(void *arg)
{
	unsigned long pages = (unsigned long)arg;
	char *region = reserve(pages * PAGE);

	if (region == MAP_FAILED)
		return -1;
	touch(region, pages / 2);
	return 0;
}

/* Raises a limit of the kernel whose default depends on the machine. */
static int raise_to(const char *path, int least)
{
	char text[32];

	if (read_file(path, text, sizeof(text)) < 0)
		return -1;
	if (atoi(text) >= least)
		return 0;
	snprintf(text, sizeof(text), "%d", least);
	return write_file(path, text);
}

FIXTURE(crowd) {
};

FIXTURE_SETUP(crowd)
{
	crowd = is_slow() ? CROWD_MAX / 5 : CROWD_MAX;
	ASSERT_EQ(0, raise_to("/proc/sys/kernel/threads-max", 4 * CROWD_MAX));
	ASSERT_EQ(0, raise_to("/proc/sys/kernel/pid_max", 4 * CROWD_MAX));
	for (int i = 0; i < crowd; i++) {
		pids[i] = spawn_stopped(touch_some, (void *)(1UL + i % 16));
		ASSERT_LT(0, pids[i])
			TH_LOG("process %d: %s", i, strerror(errno));
	}
}

FIXTURE_TEARDOWN(crowd)
{
	reap_all(pids, crowd);
}

TEST_F(crowd, statistics_equal_statm)
{
	struct tamalloc_global_info all;
	struct tamalloc_proc_info info;
	struct statm statm, sum;

	for (int i = 0; i < crowd; i++) {
		ASSERT_EQ(0, statm_of(pids[i], &statm));
		ASSERT_EQ(0, process(pids[i], &info));
		ASSERT_EQ(statm.size * KIB_PER_PAGE, info.vm_kb);
		ASSERT_EQ(statm.resident * KIB_PER_PAGE, info.rss_kb);
	}
	/*
	 * Of the whole guest: what else runs there had time to settle, whereas
	 * a difference to the total before the crowd would hold what it did since.
	 */
	ASSERT_EQ(0, statm_of_all(&sum));
	ASSERT_EQ(0, total(&all));
	EXPECT_GE(1, distance(sum.size / PAGES_PER_MIB, all.aggregate_vm_mb));
	EXPECT_GE(1, distance(sum.resident / PAGES_PER_MIB, all.aggregate_rss_mb));
}

TAMALLOC_TEST_MAIN
