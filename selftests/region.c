// SPDX-License-Identifier: GPL-2.0
/* What a region is once reserved: private, anonymous, read-write, zeroed. */
#include "maps.h"

/* The signal that ends a child which writes to address, or 0. */
static int signal_of_write(char *address)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		*address = 1;
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static bool is_zero(const void *start, size_t size)
{
	const unsigned long *word = start;

	for (size_t i = 0; i < size / sizeof(*word); i++)
		if (word[i])
			return false;
	return true;
}

TEST(mode_is_private_read_write)
{
	struct mapping map;
	char *region = reserve(MIB);

	ASSERT_NE(MAP_FAILED, region);
	ASSERT_EQ(0, find_mapping(region, &map));
	EXPECT_STREQ("rw-p", map.mode);
}

TEST(swap_space_is_not_reserved)
{
	char *region = reserve(MIB);
	char flags[256];

	ASSERT_NE(MAP_FAILED, region);
	ASSERT_EQ(0, vm_flags_of(region, flags, sizeof(flags)));
	EXPECT_NE(NULL, strstr(flags, " nr"))
		TH_LOG("VmFlags:%s", flags);
	EXPECT_EQ(NULL, strstr(flags, " ac"))
		TH_LOG("VmFlags:%s", flags);
}

TEST(flags_are_those_of_mmap)
{
	char of_region[256], of_mmap[256];
	char *region, *mapped;

	region = reserve(MIB);
	ASSERT_NE(MAP_FAILED, region);
	mapped = mmap(NULL, MIB, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ASSERT_NE(MAP_FAILED, mapped);
	ASSERT_EQ(0, vm_flags_of(region, of_region, sizeof(of_region)));
	ASSERT_EQ(0, vm_flags_of(mapped, of_mmap, sizeof(of_mmap)));
	EXPECT_STREQ(of_mmap, of_region);
}

TEST(regions_do_not_overlap)
{
	char *a = reserve(MIB);
	char *b = reserve(MIB);

	ASSERT_NE(MAP_FAILED, a);
	ASSERT_NE(MAP_FAILED, b);
	EXPECT_LE(MIB, distance((unsigned long)a, (unsigned long)b));
}

TEST(untouched_bytes_are_zero)
{
	char *region = reserve(4 * MIB);

	ASSERT_NE(MAP_FAILED, region);
	region[MIB] = 1;
	EXPECT_TRUE(is_zero(region, MIB));
	EXPECT_TRUE(is_zero(region + MIB + 8, 3 * MIB - 8));
}

/* What others, and this process, left in memory must not come back. */
TEST(reused_dirty_memory_is_zero)
{
	size_t size = is_slow() ? 16 * MIB : 128 * MIB;

	for (int round = 0; round < 3; round++) {
		char *region = reserve(size);

		ASSERT_NE(MAP_FAILED, region);
		ASSERT_TRUE(is_zero(region, size));
		memset(region, 0xa5, size);
		ASSERT_EQ(0, munmap(region, size));
	}
}

TEST(writing_beyond_the_end_faults)
{
	char *room, *region;

	/* A hole on both sides of the region, as the kernel fills the top. */
	room = mmap(NULL, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, room);
	ASSERT_EQ(0, munmap(room + PAGE, PAGE));
	region = reserve(1);
	ASSERT_NE(MAP_FAILED, region);
	EXPECT_EQ(0, signal_of_write(region + PAGE - 1));
	EXPECT_EQ(SIGSEGV, signal_of_write(room));
	if (region == room + PAGE) {
		EXPECT_EQ(SIGSEGV, signal_of_write(region + PAGE));
	}
}

TEST(child_sees_zeroes_and_its_own_copy)
{
	char *region = reserve(2 * PAGE);
	int status;
	pid_t pid;

	ASSERT_NE(MAP_FAILED, region);
	region[0] = 'p';
	pid = fork();
	ASSERT_LE(0, pid);
	if (pid == 0) {
		if (region[0] != 'p' || !is_zero(region + PAGE, PAGE))
			_exit(1);
		memset(region, 'c', 2 * PAGE);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ('p', region[0]);
	EXPECT_TRUE(is_zero(region + PAGE, PAGE));
}

TEST(middle_can_be_unmapped)
{
	struct tamalloc_proc_info before, after;
	char *region = reserve(3 * MIB);

	ASSERT_NE(MAP_FAILED, region);
	memset(region, 'x', 3 * MIB);
	ASSERT_EQ(0, process(getpid(), &before));
	ASSERT_EQ(0, munmap(region + MIB, MIB));
	ASSERT_EQ(0, process(getpid(), &after));
	EXPECT_EQ(MIB / KIB, before.vm_kb - after.vm_kb);
	EXPECT_LE(MIB / KIB, before.rss_kb - after.rss_kb + 64 * KIB_PER_PAGE);

	EXPECT_EQ('x', region[MIB - 1]);
	EXPECT_EQ('x', region[2 * MIB]);
	EXPECT_EQ(SIGSEGV, signal_of_write(region + MIB));
	EXPECT_EQ(SIGSEGV, signal_of_write(region + 2 * MIB - 1));
	EXPECT_EQ(0, signal_of_write(region + 2 * MIB));
}

TEST(hole_can_be_reserved_again_and_is_zero)
{
	char *region = reserve(3 * MIB);
	char *again;

	ASSERT_NE(MAP_FAILED, region);
	memset(region, 'x', 3 * MIB);
	ASSERT_EQ(0, munmap(region, 3 * MIB));
	again = reserve(3 * MIB);
	ASSERT_EQ(region, again);
	EXPECT_TRUE(is_zero(again, 3 * MIB));
}

TAMALLOC_TEST_MAIN
