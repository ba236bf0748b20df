// SPDX-License-Identifier: GPL-2.0
/* A kernel without CONFIG_TAMALLOC has none of the calls. */
#include "common.h"

TEST(total_is_absent)
{
	struct tamalloc_global_info info;

	EXPECT_EQ(-1, total(&info));
	EXPECT_EQ(ENOSYS, errno);
}

TEST(process_is_absent)
{
	struct tamalloc_proc_info info;

	EXPECT_EQ(-1, process(getpid(), &info));
	EXPECT_EQ(ENOSYS, errno);
}

TEST(reserve_is_absent)
{
	EXPECT_EQ(MAP_FAILED, reserve(PAGE));
	EXPECT_EQ(ENOSYS, errno);
}

TEST(snapshot_is_absent)
{
	struct tamalloc_snapshot about = { .count = 0 };

	EXPECT_EQ(-1, snapshot(&about, sizeof(about)));
	EXPECT_EQ(ENOSYS, errno);
}

TEST(sysctl_is_absent)
{
	EXPECT_EQ(-1, access("/proc/sys/vm/tamalloc_restrict", F_OK));
	EXPECT_EQ(ENOENT, errno);
}

int main(int argc, char **argv)
{
	if (!calls_are_absent()) {
		ksft_print_header();
		ksft_exit_skip("kernel with tamalloc\n");
	}
	return test_harness_run(argc, argv);
}
