// SPDX-License-Identifier: GPL-2.0
/*
 * The binary interface as programs compiled long ago know it. Built three
 * times: x86-64 and x32 have the calls and the same structs, i386 has neither.
 */
#include <assert.h>
#include <stddef.h>

#include "common.h"

static_assert(sizeof(struct tamalloc_global_info) == 16, "size");
static_assert(_Alignof(struct tamalloc_global_info) == 8, "alignment");
static_assert(offsetof(struct tamalloc_global_info, aggregate_vm_mb) == 0, "offset");
static_assert(offsetof(struct tamalloc_global_info, aggregate_rss_mb) == 8, "offset");

static_assert(sizeof(struct tamalloc_proc_info) == 24, "size");
static_assert(_Alignof(struct tamalloc_proc_info) == 8, "alignment");
static_assert(offsetof(struct tamalloc_proc_info, vm_kb) == 0, "offset");
static_assert(offsetof(struct tamalloc_proc_info, rss_kb) == 8, "offset");
static_assert(offsetof(struct tamalloc_proc_info, rss_percent_of_vm) == 16, "offset");
static_assert(offsetof(struct tamalloc_proc_info, oom_adjustment) == 20, "offset");

#ifdef __ILP32__
#define NUMBER(nr)	(0x40000000 + (nr))
#else
#define NUMBER(nr)	(nr)
#endif

#if defined(__i386__)

TEST(i386_has_no_such_calls)
{
	for (long nr = 550; nr <= 552; nr++) {
		errno = 0;
		EXPECT_EQ(-1, syscall(nr, 4096, 0));
		EXPECT_EQ(ENOSYS, errno);
	}
}

#else

static_assert(__NR_tamalloc_total == NUMBER(550), "number");
static_assert(__NR_tamalloc_process == NUMBER(551), "number");
static_assert(__NR_tamalloc_reserve == NUMBER(552), "number");

TEST(total_by_number)
{
	uint64_t words[3] = { 0, 0, 0x5a5a5a5a };

	ASSERT_EQ(0, syscall(NUMBER(550), words));
	EXPECT_LT(0, words[0]);
	EXPECT_LE(words[1], words[0]);
	EXPECT_EQ(0x5a5a5a5a, words[2]);
}

TEST(process_by_number)
{
	uint64_t words[4] = { 0, 0, 0, 0x5a5a5a5a };
	int32_t halves[2];
	struct statm statm;

	ASSERT_EQ(0, write_file("/proc/self/oom_score_adj", "777"));
	ASSERT_EQ(0, syscall(NUMBER(551), getpid(), words));
	ASSERT_EQ(0, statm_at("/proc/self/statm", &statm));
	memcpy(halves, &words[2], sizeof(halves));
	EXPECT_EQ((uint64_t)statm.size * 4, words[0]);
	EXPECT_LT(0, words[1]);
	EXPECT_EQ((int32_t)(words[1] * 100 / words[0]), halves[0]);
	EXPECT_EQ(777, halves[1]);
	EXPECT_EQ(0x5a5a5a5a, words[3]);
}

TEST(reserve_by_number)
{
	char *region = (char *)syscall(NUMBER(552), (size_t)1 << 20);

	ASSERT_TRUE(region != MAP_FAILED);
	region[0] = 'H';
	region[(1 << 20) - 1] = 'Z';
	EXPECT_EQ('H', region[0]);
	EXPECT_EQ('Z', region[(1 << 20) - 1]);
	EXPECT_EQ(0, munmap(region, 1 << 20));
}

TEST(errors_by_number)
{
	EXPECT_EQ(-1, syscall(NUMBER(550), NULL));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, syscall(NUMBER(551), getpid(), NULL));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, syscall(NUMBER(551), 0, NULL));
	EXPECT_EQ(ESRCH, errno);
	EXPECT_EQ(-1, syscall(NUMBER(552), (size_t)0));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, syscall(NUMBER(552), (size_t)-1));
	EXPECT_EQ(ENOMEM, errno);
}

#endif

/* By its sysctl: that the calls are absent here is what may be wrong. */
int main(int argc, char **argv)
{
	if (access("/proc/sys/vm/tamalloc_restrict", F_OK)) {
		ksft_print_header();
		ksft_exit_skip("kernel without tamalloc\n");
	}
	return test_harness_run(argc, argv);
}
