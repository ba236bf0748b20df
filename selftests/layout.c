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

static_assert(sizeof(struct tamalloc_snapshot) == 40, "size");
static_assert(_Alignof(struct tamalloc_snapshot) == 8, "alignment");
static_assert(offsetof(struct tamalloc_snapshot, flags) == 0, "offset");
static_assert(offsetof(struct tamalloc_snapshot, records) == 8, "offset");
static_assert(offsetof(struct tamalloc_snapshot, record_size) == 16, "offset");
static_assert(offsetof(struct tamalloc_snapshot, count) == 20, "offset");
static_assert(offsetof(struct tamalloc_snapshot, cursor) == 24, "offset");
static_assert(offsetof(struct tamalloc_snapshot, padding) == 28, "offset");
static_assert(offsetof(struct tamalloc_snapshot, total_pages) == 32, "offset");

static_assert(sizeof(struct tamalloc_record) == 120, "size");
static_assert(_Alignof(struct tamalloc_record) == 8, "alignment");
static_assert(offsetof(struct tamalloc_record, size) == 0, "offset");
static_assert(offsetof(struct tamalloc_record, flags) == 4, "offset");
static_assert(offsetof(struct tamalloc_record, pid) == 8, "offset");
static_assert(offsetof(struct tamalloc_record, parent) == 12, "offset");
static_assert(offsetof(struct tamalloc_record, user) == 16, "offset");
static_assert(offsetof(struct tamalloc_record, threads) == 20, "offset");
static_assert(offsetof(struct tamalloc_record, oom_score_adj) == 24, "offset");
static_assert(offsetof(struct tamalloc_record, oom_reason) == 28, "offset");
static_assert(offsetof(struct tamalloc_record, oom_badness) == 32, "offset");
static_assert(offsetof(struct tamalloc_record, address_space) == 40, "offset");
static_assert(offsetof(struct tamalloc_record, start_time) == 48, "offset");
static_assert(offsetof(struct tamalloc_record, virtual_size) == 56, "offset");
static_assert(offsetof(struct tamalloc_record, anonymous) == 64, "offset");
static_assert(offsetof(struct tamalloc_record, file) == 72, "offset");
static_assert(offsetof(struct tamalloc_record, shared_memory) == 80, "offset");
static_assert(offsetof(struct tamalloc_record, swap) == 88, "offset");
static_assert(offsetof(struct tamalloc_record, page_tables) == 96, "offset");
static_assert(offsetof(struct tamalloc_record, command) == 104, "offset");

static_assert(TAMALLOC_SNAPSHOT_APPROXIMATE == 1, "value");
static_assert(TAMALLOC_SNAPSHOT_MEMORYLESS == 2, "value");
static_assert(TAMALLOC_RECORD_SHARED == 1, "value");
static_assert(TAMALLOC_RECORD_OOM_VICTIM == 2, "value");
static_assert(TAMALLOC_RECORD_OOM_ORIGIN == 4, "value");
static_assert(TAMALLOC_OOM_ELIGIBLE == 0, "value");
static_assert(TAMALLOC_OOM_INIT == 1, "value");
static_assert(TAMALLOC_OOM_KERNEL_THREAD == 2, "value");
static_assert(TAMALLOC_OOM_NO_MEMORY == 3, "value");
static_assert(TAMALLOC_OOM_DISABLED == 4, "value");
static_assert(TAMALLOC_OOM_SKIPPED == 5, "value");
static_assert(TAMALLOC_OOM_VFORK == 6, "value");

#ifdef __ILP32__
#define NUMBER(nr)	(0x40000000 + (nr))
#else
#define NUMBER(nr)	(nr)
#endif

#if defined(__i386__)

static_assert(__NR_tamalloc_total == -1, "the header gives i386 no numbers");

TEST(i386_has_no_such_calls)
{
	for (long nr = 550; nr <= 553; nr++) {
		errno = 0;
		EXPECT_EQ(-1, syscall(nr, 4096, 0));
		EXPECT_EQ(ENOSYS, errno);
	}
}

#else

static_assert(__NR_tamalloc_total == NUMBER(550), "number");
static_assert(__NR_tamalloc_process == NUMBER(551), "number");
static_assert(__NR_tamalloc_reserve == NUMBER(552), "number");
static_assert(__NR_tamalloc_snapshot == NUMBER(553), "number");

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
	struct sizes sizes;

	ASSERT_EQ(0, write_file("/proc/self/oom_score_adj", "777"));
	ASSERT_EQ(0, syscall(NUMBER(551), getpid(), words));
	ASSERT_EQ(0, sizes_at("/proc/self", &sizes));
	memcpy(halves, &words[2], sizeof(halves));
	EXPECT_EQ((uint64_t)sizes.size * 4, words[0]);
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

TEST(snapshot_by_number)
{
	uint32_t record[31] = { [30] = 0x5a5a5a5a };
	uint64_t words[6] = { [5] = 0x5a5a5a5a };
	struct sizes sizes;
	uint64_t size;

	ASSERT_EQ(0, write_file("/proc/self/oom_score_adj", "777"));
	words[1] = (uintptr_t)record;
	words[2] = 120 | 1ULL << 32;
	words[3] = getpid();
	ASSERT_EQ(1, syscall(NUMBER(553), words, (size_t)40));
	EXPECT_EQ(0, words[0]);
	EXPECT_EQ((uintptr_t)record, words[1]);
	EXPECT_EQ(120 | 1ULL << 32, words[2]);
	EXPECT_LT(0, words[4]);
	EXPECT_EQ(0x5a5a5a5a, words[5]);

	ASSERT_EQ(0, sizes_at("/proc/self", &sizes));
	memcpy(&size, &record[14], sizeof(size));
	EXPECT_EQ(120, record[0]);
	EXPECT_EQ(getpid(), record[2]);
	EXPECT_EQ(getppid(), record[3]);
	EXPECT_EQ(777, record[6]);
	EXPECT_EQ((uint64_t)sizes.size * 4096, size);
	EXPECT_EQ(0, memcmp("layout_", &record[26], 7));
	EXPECT_EQ(0x5a5a5a5a, record[30]);
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
	EXPECT_EQ(-1, syscall(NUMBER(553), NULL, (size_t)39));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, syscall(NUMBER(553), NULL, (size_t)4097));
	EXPECT_EQ(E2BIG, errno);
	EXPECT_EQ(-1, syscall(NUMBER(553), NULL, (size_t)40));
	EXPECT_EQ(EFAULT, errno);
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
