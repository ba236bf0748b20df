// SPDX-License-Identifier: GPL-2.0
/* 553: what a record says, against /proc, and the sizes that it may have. */
#include <sys/resource.h>
#include <sys/vfs.h>
#include <linux/magic.h>

#include "snapshot.h"

#define CANARY		0x5a
#define RECORDS		1000
#define BATCH		64	/* pages that two CPUs, or a thread, may keep back */

static struct tamalloc_record records[RECORDS];

/* Memory of every kind, and a life that is told from others'. */
static int become_somebody(void *arg)
{
	char *anonymous = reserve(64 * MIB);
	char *shared = shared_with_children(8 * MIB);

	if (anonymous == MAP_FAILED || shared == MAP_FAILED)
		return -1;
	touch(anonymous, 6 * PAGES_PER_MIB);
	touch(shared, 4 * PAGES_PER_MIB);
	if (prctl(PR_SET_NAME, "some body) R 1"))
		return -1;
	/* The effective user is neither the real nor the saved one. */
	return setresuid(1001, 1002, 1003);
}

/* Whether a mapping is of memory that has no other home than tmpfs. */
static bool is_shared_memory(pid_t pid, const char *range)
{
	struct statfs file_system;
	char path[128];

	snprintf(path, sizeof(path), "/proc/%d/map_files/%s", pid, range);
	return !statfs(path, &file_system) && file_system.f_type == TMPFS_MAGIC;
}

/* Bytes of each kind, as a walk over the page tables finds them. */
struct kinds {
	uint64_t anonymous, file, shared_memory, swap;
};

static int walk_pages_of(pid_t pid, struct kinds *kinds)
{
	char path[64], line[512], range[64] = "";
	unsigned long kib, rss = 0;
	FILE *smaps;

	*kinds = (struct kinds){ 0 };
	snprintf(path, sizeof(path), "/proc/%d/smaps", pid);
	smaps = fopen(path, "re");
	if (!smaps)
		return -1;
	while (fgets(line, sizeof(line), smaps)) {
		unsigned long start, end;

		if (sscanf(line, "%lx-%lx ", &start, &end) == 2) {
			snprintf(range, sizeof(range), "%lx-%lx", start, end);
		} else if (sscanf(line, "Rss: %lu", &kib) == 1) {
			rss = kib;
		} else if (sscanf(line, "Anonymous: %lu", &kib) == 1) {
			kinds->anonymous += kib * KIB;
			if (rss > kib && is_shared_memory(pid, range))
				kinds->shared_memory += (rss - kib) * KIB;
			else
				kinds->file += (rss - kib) * KIB;
		} else if (sscanf(line, "Swap: %lu", &kib) == 1) {
			kinds->swap += kib * KIB;
		}
	}
	fclose(smaps);
	return 0;
}

static void expect_sizes_of_proc(struct __test_metadata *_metadata,
				 const struct tamalloc_record *record)
{
	struct kinds kinds;
	pid_t pid = record->pid;

	ASSERT_EQ(0, walk_pages_of(pid, &kinds));
	EXPECT_EQ(status_number(pid, "VmSize", 0) * KIB, record->virtual_size);
	EXPECT_EQ(kinds.anonymous, record->anonymous);
	EXPECT_EQ(kinds.file, record->file);
	EXPECT_EQ(kinds.shared_memory, record->shared_memory);
	EXPECT_EQ(kinds.swap, record->swap);
	EXPECT_EQ(status_number(pid, "VmPTE", 0) * KIB, record->page_tables);
}

FIXTURE(stopped) {
	pid_t pid;
	struct tamalloc_record record;
};

FIXTURE_SETUP(stopped)
{
	self->pid = spawn_stopped(become_somebody, NULL);
	ASSERT_LT(0, self->pid);
	ASSERT_EQ(0, record_of(self->pid, 0, &self->record));
}

FIXTURE_TEARDOWN(stopped)
{
	reap(self->pid);
}

TEST_F(stopped, sizes_are_those_of_proc)
{
	struct sizes sizes;

	expect_sizes_of_proc(_metadata, &self->record);
	ASSERT_EQ(0, sizes_of(self->pid, &sizes));
	EXPECT_EQ(sizes.size * PAGE, self->record.virtual_size);
	EXPECT_EQ(sizes.resident * PAGE, self->record.anonymous +
		  self->record.file + self->record.shared_memory);
	EXPECT_LE(5 * MIB, self->record.anonymous);
	EXPECT_LE(3 * MIB, self->record.shared_memory);
	EXPECT_LT(0, self->record.page_tables);
}

TEST_F(stopped, identity_is_that_of_proc)
{
	EXPECT_EQ(RECORD_SIZE, self->record.size);
	EXPECT_EQ(0, self->record.flags);
	EXPECT_EQ(self->pid, self->record.pid);
	EXPECT_EQ(getpid(), self->record.parent);
	EXPECT_EQ(status_number(self->pid, "PPid", 0), self->record.parent);
	EXPECT_EQ(1002, self->record.user);
	EXPECT_EQ(status_number(self->pid, "Uid", 1), self->record.user);
	EXPECT_EQ(stat_number(self->pid, 20), self->record.threads);
	EXPECT_EQ(stat_number(self->pid, 22),
		  self->record.start_time / NS_PER_TICK);
	EXPECT_LT(0, self->record.start_time);
	EXPECT_NE(0, self->record.address_space);
	EXPECT_STREQ("some body) R 1", self->record.command);
}

TEST_F(stopped, name_is_padded_with_zeroes)
{
	char expected[16] = "some body) R 1";

	EXPECT_EQ(0, memcmp(expected, self->record.command, sizeof(expected)));
}

/* All bytes are the kernel's, and those of one process at rest stay the same. */
TEST_F(stopped, every_byte_is_written)
{
	struct tamalloc_record again;

	for (int fill = 0; fill < 256; fill += 85) {
		memset(&again, fill, sizeof(again));
		ASSERT_EQ(0, record_of(self->pid, 0, &again));
		/* The machine's memory, of which it is a part, may change. */
		again.oom_badness = self->record.oom_badness;
		EXPECT_EQ(0, memcmp(&self->record, &again, sizeof(again)));
	}
}

/* Whoever knows less of a record, or more, is told the same. */
TEST_F(stopped, larger_records_end_with_zeroes)
{
	static const uint32_t sizes[] = {
		120, 128, 136, 1000, 1024, 1368, 2040, 2048, 2056, 4088, 4096,
	};
	static char array[4 * PAGE];

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct tamalloc_snapshot about = request(array, 3);

		memset(array, CANARY, sizeof(array));
		about.record_size = sizes[i];
		ASSERT_EQ(3, ask(&about));
		for (int j = 0; j < 3; j++) {
			struct tamalloc_record *record = (void *)(array + j * sizes[i]);
			struct tamalloc_record alone;

			ASSERT_EQ(RECORD_SIZE, record->size);
			ASSERT_EQ(0, record_of(record->pid, 0, &alone));
			EXPECT_EQ(alone.start_time, record->start_time);
			EXPECT_STREQ(alone.command, record->command);
			EXPECT_TRUE(is_filled_with(record + 1,
						   array + (j + 1) * sizes[i], 0));
		}
		EXPECT_TRUE(is_filled_with(array + 3 * sizes[i],
					   array + sizeof(array), CANARY));
	}
}

TEST_F(stopped, every_record_size_gives_the_same_list)
{
	static char array[RECORDS * 136];
	int count = take_all(records, RECORDS, RECORDS, 0);
	struct tamalloc_snapshot about;

	ASSERT_LT(1, count);
	for (uint32_t size = RECORD_SIZE; size <= PAGE; size += 8) {
		uint32_t room = sizeof(array) / size;

		about = request(array, room);
		about.record_size = size;
		ASSERT_EQ(count < room ? count : room, ask(&about));
		for (uint32_t i = 0; i < count && i < room; i++) {
			struct tamalloc_record *record = (void *)(array + i * size);

			ASSERT_EQ(records[i].pid, record->pid);
		}
	}
}

TEST(thread_count_follows_threads)
{
	struct tamalloc_record record;
	int expected = stat_number(1, 20);

	ASSERT_EQ(0, record_of(1, 0, &record));
	EXPECT_EQ(expected, record.threads);
	EXPECT_EQ(0, record.parent);
}

TEST(longest_name_ends_with_a_nul)
{
	struct tamalloc_record record;

	ASSERT_EQ(0, prctl(PR_SET_NAME, "exactly fifteen and more"));
	ASSERT_EQ(0, record_of(getpid(), 0, &record));
	EXPECT_STREQ("exactly fifteen", record.command);
}

TEST(name_may_hold_anything)
{
	struct tamalloc_record record;

	ASSERT_EQ(0, prctl(PR_SET_NAME, "\033[31m\n\377"));
	ASSERT_EQ(0, record_of(getpid(), 0, &record));
	EXPECT_STREQ("\033[31m\n\377", record.command);
}

/* Few pages each: a cheap counter does not show them. */
FIXTURE(idle) {
	pid_t pids[20];
};

FIXTURE_SETUP(idle)
{
	for (unsigned long i = 0; i < ARRAY_SIZE(self->pids); i++) {
		self->pids[i] = spawn_stopped(touch_on_both_cpus, (void *)(i * 3));
		ASSERT_LT(0, self->pids[i]);
	}
}

FIXTURE_TEARDOWN(idle)
{
	reap_all(self->pids, ARRAY_SIZE(self->pids));
}

TEST_F(idle, sizes_are_exact)
{
	struct tamalloc_record record;
	struct tamalloc_proc_info info;

	for (size_t i = 0; i < ARRAY_SIZE(self->pids); i++) {
		ASSERT_EQ(0, record_of(self->pids[i], 0, &record));
		expect_sizes_of_proc(_metadata, &record);
		ASSERT_EQ(0, process(self->pids[i], &info));
		EXPECT_EQ(info.vm_kb * KIB, record.virtual_size);
		EXPECT_EQ(info.rss_kb * KIB, record.anonymous + record.file +
			  record.shared_memory);
	}
}

TEST_F(idle, sizes_are_approximate_when_asked)
{
	struct tamalloc_record exact, cheap;
	int different = 0;

	for (size_t i = 0; i < ARRAY_SIZE(self->pids); i++) {
		ASSERT_EQ(0, record_of(self->pids[i], 0, &exact));
		ASSERT_EQ(0, record_of(self->pids[i],
				       TAMALLOC_SNAPSHOT_APPROXIMATE, &cheap));
		EXPECT_GE(BATCH * PAGE, distance(exact.anonymous, cheap.anonymous));
		EXPECT_GE(BATCH * PAGE, distance(exact.file, cheap.file));
		EXPECT_EQ(exact.virtual_size, cheap.virtual_size);
		EXPECT_EQ(exact.page_tables, cheap.page_tables);
		/* The OOM killer reads what it reads either way. */
		EXPECT_EQ(exact.oom_badness, cheap.oom_badness);
		different += exact.anonymous != cheap.anonymous;
	}
	EXPECT_LT(0, different);
}

TEST_F(idle, list_rises_and_holds_each_once)
{
	int count = take_all(records, RECORDS, RECORDS, 0);
	size_t found = 0;

	ASSERT_LT(ARRAY_SIZE(self->pids), count);
	for (int i = 0; i < count; i++) {
		if (i)
			EXPECT_LT(records[i - 1].pid, records[i].pid);
		for (size_t j = 0; j < ARRAY_SIZE(self->pids); j++)
			found += records[i].pid == self->pids[j];
	}
	EXPECT_EQ(ARRAY_SIZE(self->pids), found);
	EXPECT_EQ(1, records[0].pid);
	EXPECT_NE(NULL, find_record(records, count, getpid()));
}

/* Each of them has its own, and forking does not hand it on. */
TEST_F(idle, address_spaces_differ)
{
	int count = take_all(records, RECORDS, RECORDS, 0);

	ASSERT_LT(0, count);
	for (int i = 0; i < count; i++) {
		EXPECT_NE(0, records[i].address_space);
		for (int j = 0; j < i; j++)
			EXPECT_NE(records[j].address_space,
				  records[i].address_space);
	}
}

TEST_F(idle, resuming_gives_the_same_list)
{
	static const uint32_t steps[] = { 1, 2, 3, 33, 34, 35, 68, 69 };
	static struct tamalloc_record again[RECORDS];
	int count = take_all(records, RECORDS, RECORDS, 0);

	ASSERT_LT(0, count);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		ASSERT_EQ(count, take_all(again, RECORDS, steps[i], 0))
			TH_LOG("%u at a time", steps[i]);
		for (int j = 0; j < count; j++)
			ASSERT_EQ(records[j].pid, again[j].pid);
	}
}

/* The cursor need not be a process's pid. */
TEST_F(idle, cursor_is_the_lowest_to_report)
{
	int count = take_all(records, RECORDS, RECORDS, 0);
	struct tamalloc_record record;
	struct tamalloc_snapshot about;

	ASSERT_LT(1, count);
	for (int i = 1; i < count; i++) {
		about = request(&record, 1);
		about.cursor = records[i - 1].pid + 1;
		ASSERT_EQ(1, ask(&about));
		EXPECT_EQ(records[i].pid, record.pid);
	}
	about = request(&record, 1);
	about.cursor = 1;
	ASSERT_EQ(1, ask(&about));
	EXPECT_EQ(1, record.pid);
}

TAMALLOC_TEST_MAIN
