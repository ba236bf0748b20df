// SPDX-License-Identifier: GPL-2.0
/* 553: what it asks of its arguments, and the sizes that its struct may have. */
#include "snapshot.h"

#define SIZE_FIRST	40
#define RECORD_FIRST	120
/* What no kernel's pid_max goes beyond. */
#define PID_MAX_LIMIT	(4UL << 20)
#define KNOWN_FLAGS	(TAMALLOC_SNAPSHOT_APPROXIMATE | TAMALLOC_SNAPSHOT_MEMORYLESS)

static struct tamalloc_record records[4];

FIXTURE(arguments) {
	struct tamalloc_snapshot about;
	/* The struct of a program from the future, and what follows it. */
	char *pages;
};

FIXTURE_SETUP(arguments)
{
	self->about = request(records, ARRAY_SIZE(records));
	self->pages = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->pages);
	ASSERT_EQ(0, munmap(self->pages + 2 * PAGE, PAGE));
	memcpy(self->pages, &self->about, sizeof(self->about));
}

FIXTURE_TEARDOWN(arguments)
{
	munmap(self->pages, 2 * PAGE);
}

/* The call fails, and has touched neither the struct nor the records. */
static void expect_error(struct __test_metadata *_metadata,
			 struct tamalloc_snapshot *about, int error)
{
	struct tamalloc_snapshot before = *about;

	memset(records, 0x5a, sizeof(records));
	EXPECT_EQ(-1, ask(about));
	EXPECT_EQ(error, errno);
	EXPECT_EQ(0, memcmp(&before, about, sizeof(before)));
	EXPECT_TRUE(is_filled_with(records, records + ARRAY_SIZE(records), 0x5a));
}

TEST_F(arguments, as_they_should_be_succeed)
{
	EXPECT_EQ(4, ask(&self->about));
	EXPECT_LT(records[3].pid, self->about.cursor);
	EXPECT_LT(0, self->about.total_pages);
}

TEST_F(arguments, unknown_flags_are_invalid)
{
	for (int bit = 0; bit < 64; bit++) {
		uint64_t flag = 1ULL << bit;

		if (flag & KNOWN_FLAGS)
			continue;
		self->about.flags = flag;
		expect_error(_metadata, &self->about, EINVAL);
		self->about.flags = flag | KNOWN_FLAGS;
		expect_error(_metadata, &self->about, EINVAL);
	}
}

TEST_F(arguments, known_flags_go_together)
{
	for (uint64_t flags = 0; flags <= KNOWN_FLAGS; flags++) {
		self->about.flags = flags;
		self->about.cursor = 0;
		EXPECT_EQ(4, ask(&self->about));
		EXPECT_EQ(flags, self->about.flags);
	}
}

TEST_F(arguments, no_room_is_invalid)
{
	self->about.count = 0;
	expect_error(_metadata, &self->about, EINVAL);
}

TEST_F(arguments, padding_is_invalid)
{
	for (int bit = 0; bit < 32; bit++) {
		self->about.padding = 1U << bit;
		expect_error(_metadata, &self->about, EINVAL);
	}
}

TEST_F(arguments, cursor_that_is_no_pid_is_invalid)
{
	static const uint32_t bad[] = {
		PID_MAX_LIMIT + 1, INT32_MAX, 1U << 31, UINT32_MAX,
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		self->about.cursor = bad[i];
		expect_error(_metadata, &self->about, EINVAL);
	}
}

TEST_F(arguments, cursor_behind_all_processes_ends_the_list)
{
	char pid_max[16];

	ASSERT_LT(0, read_file("/proc/sys/kernel/pid_max", pid_max, sizeof(pid_max)));
	self->about.cursor = atoi(pid_max);
	/* Without a process there is nothing to write: not even to nowhere. */
	self->about.records = 0;
	EXPECT_EQ(0, ask(&self->about));
	EXPECT_EQ(0, self->about.cursor);
}

TEST_F(arguments, record_size_below_the_first_is_invalid)
{
	for (uint32_t size = 0; size < RECORD_FIRST; size++) {
		self->about.record_size = size;
		expect_error(_metadata, &self->about, EINVAL);
	}
}

TEST_F(arguments, record_size_not_a_multiple_of_eight_is_invalid)
{
	for (uint32_t size = RECORD_FIRST; size < 2 * PAGE; size++) {
		if (size % 8 == 0)
			continue;
		self->about.record_size = size;
		expect_error(_metadata, &self->about, EINVAL);
	}
}

TEST_F(arguments, record_size_beyond_a_page_is_too_big)
{
	static const uint32_t bad[] = {
		PAGE + 8, 2 * PAGE, 1U << 31, UINT32_MAX - 7,
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		self->about.record_size = bad[i];
		expect_error(_metadata, &self->about, E2BIG);
	}
}

TEST_F(arguments, more_pages_than_can_be_are_invalid)
{
	static const uint64_t bad[] = {
		INT64_MAX / PAGE + 1, INT64_MAX, 1ULL << 63, UINT64_MAX,
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		self->about.total_pages = bad[i];
		expect_error(_metadata, &self->about, EINVAL);
	}
	self->about.total_pages = INT64_MAX / PAGE;
	EXPECT_EQ(4, ask(&self->about));
	EXPECT_EQ(INT64_MAX / PAGE, self->about.total_pages);
}

/* What is wrong with its size comes before what is wrong with the struct. */
TEST_F(arguments, struct_smaller_than_the_first_is_invalid)
{
	for (size_t size = 0; size < SIZE_FIRST; size++) {
		EXPECT_EQ(-1, snapshot(&self->about, size));
		EXPECT_EQ(EINVAL, errno);
		EXPECT_EQ(-1, snapshot(NULL, size));
		EXPECT_EQ(EINVAL, errno);
	}
}

TEST_F(arguments, struct_of_the_first_version_succeeds)
{
	EXPECT_EQ(4, snapshot(&self->about, SIZE_FIRST));
}

TEST_F(arguments, struct_beyond_a_page_is_too_big)
{
	static const size_t bad[] = { PAGE + 1, PAGE + 8, SIZE_MAX / 2, SIZE_MAX };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-1, snapshot((void *)self->pages, bad[i]));
		EXPECT_EQ(E2BIG, errno);
		EXPECT_EQ(-1, snapshot(NULL, bad[i]));
		EXPECT_EQ(E2BIG, errno);
	}
}

TEST_F(arguments, future_struct_with_a_zero_tail_succeeds)
{
	struct tamalloc_snapshot *about = (void *)self->pages;

	for (size_t size = SIZE_FIRST; size <= PAGE; size++) {
		about->cursor = 0;
		ASSERT_EQ(4, snapshot(about, size));
	}
	EXPECT_TRUE(is_filled_with(about + 1, self->pages + 2 * PAGE, 0));
}

TEST_F(arguments, future_struct_with_a_tail_is_too_big)
{
	struct tamalloc_snapshot *about = (void *)self->pages;

	for (size_t i = sizeof(*about); i < PAGE; i++) {
		self->pages[i] = 1;
		ASSERT_EQ(-1, snapshot(about, PAGE));
		ASSERT_EQ(E2BIG, errno);
		ASSERT_EQ(-1, snapshot(about, i + 1));
		ASSERT_EQ(E2BIG, errno);
		/* What lies behind the struct is none of the kernel's business. */
		ASSERT_EQ(4, snapshot(about, i));
		ASSERT_EQ(1, self->pages[i]);
		self->pages[i] = 0;
		about->cursor = 0;
	}
}

TEST_F(arguments, future_struct_that_is_not_all_there_faults)
{
	char *end = self->pages + 2 * PAGE;
	struct tamalloc_snapshot *about = (void *)(end - SIZE_FIRST - 8);

	*about = self->about;
	EXPECT_EQ(-1, snapshot(about, SIZE_FIRST + 16));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(4, snapshot(about, SIZE_FIRST + 8));
}

/* A page that a program of any version shares with nobody. */
TEST_F(arguments, only_cursor_and_total_are_written)
{
	struct tamalloc_snapshot *about = (void *)(self->pages + PAGE);
	struct tamalloc_snapshot expected;

	memset(self->pages, 0x5a, 2 * PAGE);
	*about = self->about;
	ASSERT_EQ(4, snapshot(about, sizeof(*about)));
	expected = self->about;
	expected.cursor = about->cursor;
	expected.total_pages = about->total_pages;
	EXPECT_EQ(0, memcmp(&expected, about, sizeof(expected)));
	EXPECT_TRUE(is_filled_with(self->pages, about, 0x5a));
	EXPECT_TRUE(is_filled_with(about + 1, self->pages + 2 * PAGE, 0x5a));
}

TAMALLOC_TEST_MAIN
