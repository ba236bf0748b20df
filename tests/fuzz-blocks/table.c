// SPDX-License-Identifier: MIT
/*
 * Children whose table of mappings is full, but for a few: then a call that would cut one
 * mapping in two is refused.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

/* On a system with a larger table than this it would take too long. */
#define ENTRIES_MOST 300000

static char *filler;
static size_t count; /* pages that are mappings of their own, with one between each two */

static size_t table_size(void)
{
	char text[32] = "";
	int fd = open("/proc/sys/vm/max_map_count", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 65530;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(fd);
	return strtoul(text, NULL, 10);
}

static void *page(size_t i)
{
	return filler + (2 * i + 1) * PAGE;
}

static void fill(size_t most)
{
	while (count < most && !mprotect(page(count), PAGE, PROT_READ))
		count++;
}

/* Each gives two entries back. */
static void give_back(size_t entries)
{
	for (; count && entries; entries--)
		if (mprotect(page(--count), PAGE, PROT_NONE))
			break;
}

static void begin_table(void)
{
	size_t size = table_size();

	me.is_short = true;
	if (size > ENTRIES_MOST)
		return;
	filler = mmap(NULL, (size + 2) * PAGE, PROT_NONE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (filler == MAP_FAILED) {
		filler = NULL;
		return;
	}
	fill(size / 2);
	give_back(below(16));
}

static void change_table(void)
{
	if (!filler || below(12))
		return;
	if (below(2))
		give_back(1 + below(30));
	else
		fill(table_size() / 2);
}

void fork_with_full_table(void)
{
	doing(FILLING_TABLE);
	fork_child(300 + below(700), begin_table, change_table);
}
