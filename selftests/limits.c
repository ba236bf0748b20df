// SPDX-License-Identifier: GPL-2.0
/* RLIMIT_AS, RLIMIT_MEMLOCK, the overcommit policy, memory cgroups. */
#include <sys/resource.h>
#include <sys/stat.h>

#include "maps.h"

static void *map(size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

TEST(address_space_limit_is_honoured)
{
	struct rlimit limit;
	struct sizes sizes;
	char *region;

	ASSERT_EQ(0, sizes_at("/proc/self", &sizes));
	limit.rlim_cur = sizes.size * PAGE + 64 * MIB;
	limit.rlim_max = limit.rlim_cur;
	ASSERT_EQ(0, setrlimit(RLIMIT_AS, &limit));

	EXPECT_EQ(MAP_FAILED, reserve(64 * MIB + PAGE));
	EXPECT_EQ(ENOMEM, errno);
	region = reserve(64 * MIB);
	EXPECT_NE(MAP_FAILED, region);
	EXPECT_EQ(MAP_FAILED, reserve(1));
	EXPECT_EQ(ENOMEM, errno);
}

TEST(locked_memory_limit_is_enomem)
{
	struct rlimit limit = { .rlim_cur = 64 * MIB, .rlim_max = 64 * MIB };

	ASSERT_EQ(0, setrlimit(RLIMIT_MEMLOCK, &limit));
	ASSERT_EQ(0, setresuid(1000, 1000, 1000));
	ASSERT_EQ(0, mlockall(MCL_FUTURE));
	EXPECT_EQ(MAP_FAILED, reserve(65 * MIB));
	EXPECT_EQ(ENOMEM, errno);
}

#define OVERCOMMIT	"/proc/sys/vm/overcommit_memory"

FIXTURE(overcommit) {
	char saved[16];
};

FIXTURE_SETUP(overcommit)
{
	ASSERT_LT(0, read_file(OVERCOMMIT, self->saved, sizeof(self->saved)));
}

FIXTURE_TEARDOWN(overcommit)
{
	write_file(OVERCOMMIT, self->saved);
}

FIXTURE_VARIANT(overcommit) {
	const char *mode;
};

FIXTURE_VARIANT_ADD(overcommit, heuristic) { .mode = "0" };
FIXTURE_VARIANT_ADD(overcommit, always) { .mode = "1" };
FIXTURE_VARIANT_ADD(overcommit, never) { .mode = "2" };

TEST_F(overcommit, same_sizes_as_mmap)
{
	int refused = 0;

	ASSERT_EQ(0, write_file(OVERCOMMIT, variant->mode));
	for (size_t size = MIB; size <= 1UL << 46; size *= 2) {
		void *mapped, *region;
		int error;

		mapped = map(size);
		error = errno;
		if (mapped != MAP_FAILED) {
			ASSERT_EQ(0, munmap(mapped, size));
		}
		region = reserve(size);
		EXPECT_EQ(mapped == MAP_FAILED, region == MAP_FAILED)
			TH_LOG("%zu bytes", size);
		if (region == MAP_FAILED) {
			EXPECT_EQ(ENOMEM, error);
			EXPECT_EQ(ENOMEM, errno);
			refused++;
		} else {
			ASSERT_EQ(0, munmap(region, size));
		}
	}
	/* The sizes tried do reach the limit where there is one. */
	EXPECT_EQ(variant->mode[0] == '2', refused > 0);
}

TEST_F(overcommit, accounted_as_mmap_does)
{
	char of_region[256], of_mmap[256];
	void *mapped, *region;

	ASSERT_EQ(0, write_file(OVERCOMMIT, variant->mode));
	mapped = map(MIB);
	region = reserve(MIB);
	ASSERT_NE(MAP_FAILED, mapped);
	ASSERT_NE(MAP_FAILED, region);
	ASSERT_EQ(0, vm_flags_of(mapped, of_mmap, sizeof(of_mmap)));
	ASSERT_EQ(0, vm_flags_of(region, of_region, sizeof(of_region)));
	EXPECT_STREQ(of_mmap, of_region);
	EXPECT_EQ(variant->mode[0] == '2', !!strstr(of_region, " ac"));
}

#define CGROUPS		"/sys/fs/cgroup"
#define CGROUP		CGROUPS "/tamalloc_selftest"

static long cgroup_number(const char *path)
{
	char text[64];

	return read_file(path, text, sizeof(text)) < 0 ? -1 : atol(text);
}

/* Runs fn in a child that is alone in the cgroup; returns its wait status. */
static int in_cgroup(int (*fn)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		die_with_parent();
		if (write_file(CGROUP "/cgroup.procs", "0"))
			_exit(EXIT_FAILURE);
		_exit(fn());
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

FIXTURE(cgroup) {};

FIXTURE_SETUP(cgroup)
{
	ASSERT_EQ(0, write_file(CGROUPS "/cgroup.subtree_control", "+memory"));
	rmdir(CGROUP);
	ASSERT_EQ(0, mkdir(CGROUP, 0755));
}

FIXTURE_TEARDOWN(cgroup)
{
	/* The last charges of a dead child may take a moment to go. */
	for (int i = 0; i < 50 && rmdir(CGROUP); i++)
		usleep(20000);
}

static int charge_pages(void)
{
	long before, reserved, touched;
	char *region;

	before = cgroup_number(CGROUP "/memory.current");
	region = reserve(256 * MIB);
	if (region == MAP_FAILED)
		return 1;
	reserved = cgroup_number(CGROUP "/memory.current");
	touch(region, 8 * PAGES_PER_MIB);
	touched = cgroup_number(CGROUP "/memory.current");
	if (before < 0 || reserved - before > (long)MIB)
		return 2;
	if (touched - reserved < 7 * (long)MIB)
		return 3;
	if (touched - reserved > 10 * (long)MIB)
		return 4;
	return 0;
}

TEST_F(cgroup, touched_pages_are_charged_and_reserved_ones_are_not)
{
	EXPECT_EQ(0, in_cgroup(charge_pages));
}

static int exceed_limit(void)
{
	char *region = reserve(256 * MIB);

	if (region == MAP_FAILED)
		return 1;
	touch(region, 64 * PAGES_PER_MIB);
	return 0;
}

TEST_F(cgroup, limit_does_not_stop_reserving)
{
	ASSERT_EQ(0, write_file(CGROUP "/memory.max", "16M"));
	EXPECT_EQ(0, in_cgroup(charge_pages));
}

TEST_F(cgroup, process_that_exceeds_the_limit_is_killed_alone)
{
	char events[256];
	int status;

	ASSERT_EQ(0, write_file(CGROUP "/memory.max", "16M"));
	if (access(CGROUP "/memory.swap.max", W_OK) == 0) {
		ASSERT_EQ(0, write_file(CGROUP "/memory.swap.max", "0"));
	}
	status = in_cgroup(exceed_limit);
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(SIGKILL, WTERMSIG(status));
	ASSERT_LT(0, read_file(CGROUP "/memory.events", events, sizeof(events)));
	EXPECT_NE(NULL, strstr(events, "oom_kill 1\n"))
		TH_LOG("%s", events);
}

TAMALLOC_TEST_MAIN
