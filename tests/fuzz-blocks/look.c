// SPDX-License-Identifier: MIT
/*
 * What the kernel says of a new block: it has to be memory of this process alone, that can
 * be written to, without anything that a program before had asked for. Nothing is said
 * where the kernel lets itself not be asked.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "fuzz.h"

/*
 * Pages, from pagemap
 */

#define ENTRY_PRESENT ((uint64_t)1 << 63)
#define ENTRY_SWAPPED ((uint64_t)1 << 62)
#define ENTRY_GUARD   ((uint64_t)1 << 58) /* Linux 6.15 */
#define ENTRIES	      512

static void check_page(const struct block *block, uintptr_t page)
{
	uintptr_t start = (uintptr_t)block->at, end = start + block->size;
	const unsigned char *at;

	if (page > start)
		start = page;
	if (page + PAGE < end)
		end = page + PAGE;
	if (start >= end)
		return;
	at = (const unsigned char *)start;
	if (*at || memcmp(at, at + 1, end - start - 1))
		fail("block %p of %zu bytes is new and not zero in the page at offset %zu",
		     (void *)block->at, block->size, start - (uintptr_t)block->at);
}

static void look_at_pages(const struct block *block, bool zeroed)
{
	uintptr_t page = (uintptr_t)block->at & ~(PAGE - 1);
	uintptr_t end = (uintptr_t)block->at + block->size;
	uint64_t entries[ENTRIES];
	int fd;

	files_lock();
	fd = open("/proc/thread-self/pagemap", O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && page < end) {
		ssize_t got = pread(fd, entries, sizeof(entries),
				    (off_t)(page / PAGE * sizeof(entries[0])));
		size_t count = got > 0 ? (size_t)got / sizeof(entries[0]) : 0;

		if (!count)
			break;
		for (size_t i = 0; i < count && page < end; i++, page += PAGE) {
			if (entries[i] & ENTRY_GUARD)
				fail("block %p of %zu bytes is new and has a guard page at offset %zu",
				     (void *)block->at, block->size, page - (uintptr_t)block->at);
			if (zeroed && entries[i] & (ENTRY_PRESENT | ENTRY_SWAPPED))
				check_page(block, page);
		}
	}
	if (fd >= 0)
		close(fd);
	files_unlock();
}

/*
 * Mappings, by PROCMAP_QUERY of Linux 6.11
 */

struct query {
	uint64_t size, flags, address;
	uint64_t start, end, vma_flags, page_size, offset, inode;
	uint32_t major, minor, name_size, build_id_size;
	uint64_t name, build_id;
};

#define QUERY	    _IOWR('f', 17, struct query)
#define IS_READABLE 1
#define IS_WRITABLE 2
#define IS_SHARED   8

struct mapping {
	uintptr_t start, end;
	bool is_usable, is_shared;
	uint64_t inode;
};

static void judge(const struct block *block, uintptr_t at, const struct mapping *mapping)
{
	size_t offset = at - (uintptr_t)block->at;

	if (at < mapping->start)
		fail("block %p of %zu bytes is new and has a hole at offset %zu",
		     (void *)block->at, block->size, offset);
	if (!mapping->is_usable)
		fail("block %p of %zu bytes is new and not to be read and written at offset %zu",
		     (void *)block->at, block->size, offset);
	if (mapping->inode || mapping->is_shared)
		fail("block %p of %zu bytes is new and a file's, or shared, at offset %zu",
		     (void *)block->at, block->size, offset);
}

static void look_at_mappings(const struct block *block)
{
	uintptr_t at = (uintptr_t)block->at, end = at + block->extent;
	int fd;

	files_lock();
	fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && at < end) {
		struct query query = {
			.size = sizeof(query),
			.flags = 16, /* or the next */
			.address = at,
		};
		struct mapping mapping;

		if (ioctl(fd, QUERY, &query))
			break;
		mapping = (struct mapping){
			.start = query.start,
			.end = query.end,
			.is_usable = !(~query.vma_flags & (IS_READABLE | IS_WRITABLE)),
			.is_shared = query.vma_flags & IS_SHARED,
			.inode = query.inode,
		};
		judge(block, at, &mapping);
		at = mapping.end;
	}
	if (fd >= 0)
		close(fd);
	files_unlock();
}

/*
 * All that smaps tells, on any kernel, but slowly: now and then.
 */

#define TIMES 24

static bool knows_huge; /* whether huge pages are asked for by nobody but the fuzzer */

static void judge_flags(const struct block *block, uintptr_t at, const char *flags)
{
	/* Not gu, guards: a mapping has it from its neighbours. */
	static const char *const bad[] = {
		"lo", "dc", "wf", "dd", "mg", "rr", "sr", "um", "uw", "ui", "hg",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char word[5] = { ' ', bad[i][0], bad[i][1], ' ', 0 };

		if (!strcmp(bad[i], "hg") && !knows_huge)
			continue;
		if (strstr(flags, word))
			fail("block %p of %zu bytes is new and has somebody's flag '%s' of "
			     "smaps at offset %zu", (void *)block->at, block->size, bad[i],
			     at - (uintptr_t)block->at);
	}
}

struct reader {
	int fd;
	char text[4096];
	size_t at, length;
};

/* A line of less than size bytes; false: there is none. */
static bool read_line(struct reader *reader, char *line, size_t size)
{
	size_t length = 0;

	for (;;) {
		if (reader->at == reader->length) {
			ssize_t got = read(reader->fd, reader->text, sizeof(reader->text));

			if (got <= 0)
				return false;
			reader->at = 0;
			reader->length = (size_t)got;
		}
		if (reader->text[reader->at] == '\n') {
			reader->at++;
			line[length] = 0;
			return true;
		}
		if (length < size - 1)
			line[length++] = reader->text[reader->at];
		reader->at++;
	}
}

static bool parse_mapping(const char *line, struct mapping *mapping)
{
	char permissions[5];
	unsigned long start, end, inode;

	if (sscanf(line, "%lx-%lx %4s %*x %*x:%*x %lu", &start, &end, permissions, &inode) != 4)
		return false;
	*mapping = (struct mapping){ start, end, permissions[0] == 'r' && permissions[1] == 'w',
				     permissions[3] == 's', inode };
	return true;
}

static void look_at_flags(const struct block *block)
{
	uintptr_t at = (uintptr_t)block->at, end = at + block->extent;
	struct reader reader = { .fd = -1 };
	struct mapping mapping = { 0 };
	char line[256], flags[256];

	files_lock();
	reader.fd = open("/proc/self/smaps", O_RDONLY | O_CLOEXEC);
	while (reader.fd >= 0 && at < end && read_line(&reader, line, sizeof(line))) {
		if (parse_mapping(line, &mapping) || mapping.end <= at)
			continue;
		/* With a blank behind each, the last as well. */
		if (strncmp(line, "VmFlags:", 8))
			continue;
		judge(block, at, &mapping);
		snprintf(flags, sizeof(flags), "%s ", line + 8);
		judge_flags(block, at, flags);
		at = mapping.end;
	}
	if (reader.fd >= 0)
		close(reader.fd);
	files_unlock();
}

/* A line each. */
void look_at_count(void)
{
	unsigned long count = 0, most;
	char text[4096];
	ssize_t got;
	int fd;

	doing(CHECKING);
	files_lock();
	fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (got = read(fd, text, sizeof(text))) > 0)
		for (ssize_t i = 0; i < got; i++)
			count += text[i] == '\n';
	if (fd >= 0)
		close(fd);
	files_unlock();
	most = atomic_load(&progress->mappings);
	/* Where the table is filled on purpose, it is no sign. */
	while (!me.may_fail && count > most &&
	       !atomic_compare_exchange_weak(&progress->mappings, &most, count))
		;
}

void look_at(const struct block *block, bool zeroed)
{
	const char *huge = getenv("TAMALLOC_HUGE_PAGES");

	/* Small ones are whoever's pages. */
	if (block->size < LARGE)
		return;
	knows_huge = huge && !strcmp(huge, "0");
	atomic_fetch_add_explicit(&progress->looks, 1, memory_order_relaxed);
	if (zeroed || options.has[ADVISE])
		look_at_pages(block, zeroed);
	if (!has_changes())
		return;
	look_at_mappings(block);
	if (!below(TIMES))
		look_at_flags(block);
}
