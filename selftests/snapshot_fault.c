// SPDX-License-Identifier: GPL-2.0
/* 553: where it writes, and what it does when it cannot. */
#include "snapshot.h"

#define CANARY		0x5a
#define CHILDREN	80	/* more than two of the kernel's pages of records */
#define RECORDS		1000
#define SPAN		(RECORDS * RECORD_SIZE / PAGE * PAGE)

FIXTURE(bad_memory) {
	pid_t pids[CHILDREN];
	struct tamalloc_record all[RECORDS];
	int count;
	char *area;		/* ends where nothing is mapped */
	char *end;
};

FIXTURE_SETUP(bad_memory)
{
	for (int i = 0; i < CHILDREN; i++) {
		self->pids[i] = spawn_stopped(NULL, NULL);
		ASSERT_LT(0, self->pids[i]);
	}
	self->area = mmap(NULL, SPAN + PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->area);
	self->end = self->area + SPAN;
	ASSERT_EQ(0, munmap(self->end, PAGE));
	memset(self->area, CANARY, SPAN);
	self->count = take_all(self->all, RECORDS, RECORDS, 0);
	ASSERT_LT(CHILDREN, self->count);
}

FIXTURE_TEARDOWN(bad_memory)
{
	reap_all(self->pids, CHILDREN);
}

static void expect_fault(struct __test_metadata *_metadata,
			 struct tamalloc_snapshot *about)
{
	EXPECT_EQ(-1, ask(about));
	EXPECT_EQ(EFAULT, errno);
}

TEST_F(bad_memory, struct_that_is_not_there_faults)
{
	static const unsigned long bad[] = {
		0,
		0x00007ffffffff000UL - 8,	/* ends beyond the last page */
		0x0000800000000000UL,		/* not canonical */
		0xffff888000000000UL,		/* the direct map */
		0xffffffff81000000UL,		/* the kernel's code */
		-8UL,
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		expect_fault(_metadata, (void *)bad[i]);
	expect_fault(_metadata, (void *)self->end);
	expect_fault(_metadata, (void *)(self->end - 32));
}

TEST_F(bad_memory, struct_that_cannot_be_written_faults)
{
	struct tamalloc_snapshot *about = (void *)self->area;
	struct tamalloc_record record;

	memset(&record, CANARY, sizeof(record));
	*about = request(&record, 1);
	ASSERT_EQ(0, mprotect(self->area, PAGE, PROT_READ));
	expect_fault(_metadata, about);
	EXPECT_TRUE(is_filled_with(&record, &record + 1, CANARY));
}

TEST_F(bad_memory, first_record_that_cannot_be_written_faults)
{
	static const unsigned long bad[] = {
		0,
		0x00007ffffffff000UL,
		0x0000800000000000UL,
		0xffff888000000000UL,
		0xffffffff81000000UL,
		-120UL,
	};
	struct tamalloc_snapshot about;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		about = request((void *)bad[i], RECORDS);
		expect_fault(_metadata, &about);
		EXPECT_EQ(0, about.cursor);
	}
	about = request(self->end, 1);
	expect_fault(_metadata, &about);
	ASSERT_EQ(0, mprotect(self->area, SPAN, PROT_READ));
	about = request(self->area, RECORDS);
	expect_fault(_metadata, &about);
	EXPECT_TRUE(is_filled_with(self->area, self->end, CANARY));
}

TEST_F(bad_memory, first_record_that_is_half_there_faults)
{
	for (size_t inside = 8; inside < RECORD_SIZE; inside += 8) {
		char *first = self->end - inside;
		struct tamalloc_snapshot about = request(first, RECORDS);

		expect_fault(_metadata, &about);
		EXPECT_TRUE(is_filled_with(self->area, first, CANARY));
	}
}

/* All that the caller can tell of two records of one process that is stopped. */
static bool are_of_the_same(const struct tamalloc_record *a,
			    const struct tamalloc_record *b)
{
	return a->size == b->size && a->pid == b->pid &&
	       a->parent == b->parent && a->start_time == b->start_time &&
	       a->address_space == b->address_space;
}

/*
 * With room for a number of whole records and a part of one: the whole ones
 * count, and from the cursor on comes the rest.
 */
static void expect_whole_records(struct __test_metadata *_metadata,
				 const FIXTURE_DATA(bad_memory) *self, int whole,
				 size_t part)
{
	static struct tamalloc_record rest[RECORDS];
	struct tamalloc_record *first;
	struct tamalloc_snapshot about;
	int found;

	first = (void *)(self->end - whole * RECORD_SIZE - part);
	about = request(first, RECORDS);
	ASSERT_EQ(whole, ask(&about))
		TH_LOG("room for %d records and %zu bytes", whole, part);
	ASSERT_EQ(self->all[whole].pid, about.cursor);
	for (int i = 0; i < whole; i++)
		ASSERT_TRUE(are_of_the_same(&self->all[i], &first[i]));
	ASSERT_TRUE(is_filled_with(self->area, first, CANARY));
	memset(first, CANARY, self->end - (char *)first);

	about.records = (uintptr_t)rest;
	about.count = RECORDS;
	found = ask(&about);
	ASSERT_EQ(self->count - whole, found);
	ASSERT_EQ(0, about.cursor);
	for (int i = 0; i < found; i++)
		ASSERT_TRUE(are_of_the_same(&self->all[whole + i], &rest[i]));
}

TEST_F(bad_memory, later_record_that_cannot_be_written_ends_the_call)
{
	for (int whole = 1; whole < self->count; whole++)
		expect_whole_records(_metadata, self, whole, 0);
}

TEST_F(bad_memory, later_record_that_is_half_there_does_not_count)
{
	static const int around[] = {
		1, 2, RECORDS_PER_PAGE - 1, RECORDS_PER_PAGE,
		RECORDS_PER_PAGE + 1, 2 * RECORDS_PER_PAGE, CHILDREN,
	};

	for (size_t i = 0; i < ARRAY_SIZE(around); i++)
		for (size_t part = 1; part < RECORD_SIZE; part += 17)
			expect_whole_records(_metadata, self, around[i], part);
}

TEST_F(bad_memory, read_only_records_end_the_call)
{
	struct tamalloc_record *first;
	struct tamalloc_snapshot about;

	first = (void *)(self->area + PAGE - 3 * RECORD_SIZE);
	ASSERT_EQ(0, mprotect(self->area + PAGE, SPAN - PAGE, PROT_READ));
	about = request(first, RECORDS);
	EXPECT_EQ(3, ask(&about));
	EXPECT_EQ(self->all[3].pid, about.cursor);
	EXPECT_TRUE(is_filled_with(self->area + PAGE, self->end, CANARY));
}

/* What does not exist needs no room. */
TEST_F(bad_memory, array_may_end_with_the_last_process)
{
	struct tamalloc_snapshot about;

	about = request(self->end - self->count * RECORD_SIZE, RECORDS);
	EXPECT_EQ(self->count, ask(&about));
	EXPECT_EQ(0, about.cursor);
}

TEST_F(bad_memory, nothing_beside_the_records_is_written)
{
	static const uint32_t counts[] = {
		1, 2, RECORDS_PER_PAGE - 1, RECORDS_PER_PAGE,
		RECORDS_PER_PAGE + 1, 2 * RECORDS_PER_PAGE + 1,
	};

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		for (size_t offset = 0; offset < 16; offset++) {
			char *first = self->area + PAGE + offset;
			char *behind = first + counts[i] * RECORD_SIZE;
			struct tamalloc_snapshot about;

			memset(self->area, CANARY, SPAN);
			about = request(first, counts[i]);
			ASSERT_EQ(counts[i], ask(&about));
			EXPECT_TRUE(is_filled_with(self->area, first, CANARY));
			EXPECT_TRUE(is_filled_with(behind, self->end, CANARY));
		}
	}
}

TAMALLOC_TEST_MAIN
