// SPDX-License-Identifier: GPL-2.0
/*
 * Which pages are resident, page by page: as mincore() says, as
 * /proc/self/pagemap says, and as the counters say.
 */
#include "common.h"

#define PAGES		512UL
#define PRESENT		(1ULL << 63)

static char *region;

/* The entries of /proc/self/pagemap for pages from address on. */
static bool read_pagemap(const void *address, size_t pages, uint64_t *entries)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	ssize_t size = pages * sizeof(*entries), got;

	if (fd < 0)
		return false;
	got = pread(fd, entries, size,
		    (unsigned long)address / PAGE * sizeof(*entries));
	close(fd);
	return got == size;
}

static bool is_present(const char *page)
{
	uint64_t entry;

	return read_pagemap(page, 1, &entry) && (entry & PRESENT);
}

static bool is_in_core(char *page)
{
	unsigned char state = 0;

	return mincore(page, PAGE, &state) == 0 && (state & 1);
}

static size_t present_pages(void)
{
	uint64_t entries[PAGES];
	size_t count = 0;

	if (!read_pagemap(region, PAGES, entries))
		return -1;
	for (size_t i = 0; i < PAGES; i++)
		count += !!(entries[i] & PRESENT);
	return count;
}

static size_t pages_in_core(void)
{
	unsigned char state[PAGES];
	size_t count = 0;

	if (mincore(region, PAGES * PAGE, state))
		return -1;
	for (size_t i = 0; i < PAGES; i++)
		count += state[i] & 1;
	return count;
}

/*
 * Resident pages of this process. Before 6.2 a thread keeps changes to itself;
 * unmapping a page makes it hand them over.
 */
static unsigned long resident_pages(void)
{
	struct tamalloc_proc_info info;
	void *scratch;

	scratch = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (scratch == MAP_FAILED || munmap(scratch, PAGE))
		return -1;
	if (process(getpid(), &info))
		return -1;
	return info.rss_kb / KIB_PER_PAGE;
}

FIXTURE(region) {};

/* Afterwards only what a test touches can change the resident size. */
FIXTURE_SETUP(region)
{
	ASSERT_EQ(0, prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
	resident_pages();
	present_pages();
	ASSERT_EQ(0, mlockall(MCL_CURRENT));
	region = reserve(PAGES * PAGE);
	ASSERT_NE(MAP_FAILED, region);
}

FIXTURE_TEARDOWN(region)
{
	munlockall();
}

TEST_F(region, fresh_one_has_no_resident_page)
{
	unsigned long before, after;
	char *another;

	EXPECT_EQ(0, present_pages());
	EXPECT_EQ(0, pages_in_core());

	before = resident_pages();
	another = reserve(PAGES * PAGE);
	after = resident_pages();
	ASSERT_NE(MAP_FAILED, another);
	EXPECT_EQ(before, after);
}

TEST_F(region, touching_pages_commits_exactly_those)
{
	static const size_t touched[] = { 0, 1, 7, 8, 63, 64, 65, 255, PAGES - 1 };
	unsigned long before = resident_pages();

	for (size_t i = 0; i < ARRAY_SIZE(touched); i++) {
		region[touched[i] * PAGE + i] = 'x';
		EXPECT_EQ(i + 1, resident_pages() - before);
		EXPECT_EQ(i + 1, present_pages());
		EXPECT_EQ(i + 1, pages_in_core());
		EXPECT_TRUE(is_present(region + touched[i] * PAGE));
		EXPECT_TRUE(is_in_core(region + touched[i] * PAGE));
	}
}

TEST_F(region, each_page_by_turns)
{
	unsigned long before = resident_pages();
	uint64_t entries[PAGES];

	for (size_t i = 0; i < PAGES; i += 2)
		touch(region + i * PAGE, 1);
	EXPECT_EQ(PAGES / 2, resident_pages() - before);
	ASSERT_TRUE(read_pagemap(region, PAGES, entries));
	for (size_t i = 0; i < PAGES; i++)
		ASSERT_EQ(i % 2 == 0, !!(entries[i] & PRESENT));
	for (size_t i = 1; i < PAGES; i += 2)
		touch(region + i * PAGE, 1);
	EXPECT_EQ(PAGES, resident_pages() - before);
	EXPECT_EQ(PAGES, present_pages());
}

TEST_F(region, second_touch_commits_nothing)
{
	unsigned long before;

	touch(region, PAGES);
	before = resident_pages();
	touch(region, PAGES);
	EXPECT_EQ(before, resident_pages());
}

/* Reading maps the zero page: present, but nobody's memory. */
TEST_F(region, reading_commits_nothing)
{
	unsigned long before = resident_pages();
	unsigned int sum = 0;

	for (size_t i = 0; i < PAGES * PAGE; i++)
		sum += (unsigned char)region[i];
	EXPECT_EQ(0, sum);
	EXPECT_EQ(before, resident_pages());
	touch(region, 1);
	EXPECT_EQ(1, resident_pages() - before);
}

TEST_F(region, unmapped_pages_are_given_back)
{
	unsigned long before = resident_pages();

	touch(region, PAGES);
	ASSERT_EQ(0, munmap(region + 100 * PAGE, 50 * PAGE));
	EXPECT_EQ(PAGES - 50, resident_pages() - before);
}

TEST_F(region, discarded_pages_are_given_back_and_zero)
{
	unsigned long before = resident_pages();

	touch(region, PAGES);
	ASSERT_EQ(0, madvise(region, 10 * PAGE, MADV_DONTNEED));
	EXPECT_EQ(PAGES - 10, resident_pages() - before);
	EXPECT_EQ(0, region[0]);
	EXPECT_EQ(1, region[10 * PAGE]);
}

TAMALLOC_TEST_MAIN
