// SPDX-License-Identifier: MIT
#include "region.h"

#include <string.h>
#include <unistd.h>

/* The pages to touch, one after another, in integers of their own size. */
struct spread {
	size_t page;
	size_t step, rest; /* (pages - 1) / gaps and what is left of it */
	size_t gaps;
	size_t carry;
};

static struct spread spread_begin(size_t pages, size_t count)
{
	size_t gaps = count > 1 ? count - 1 : 1;

	return (struct spread){
		.step = (pages - 1) / gaps,
		.rest = (pages - 1) % gaps,
		.gaps = gaps,
	};
}

static void spread_next(struct spread *spread)
{
	spread->page += spread->step;
	spread->carry += spread->rest;
	if (spread->carry >= spread->gaps) {
		spread->carry -= spread->gaps;
		spread->page++;
	}
}

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

size_t region_pages(size_t size)
{
	return (size - 1) / page_size() + 1;
}

size_t region_share(size_t size, double percent)
{
	size_t pages = region_pages(size);
	size_t ends = pages > 1 ? 2 : 1;
	size_t share = (size_t)((double)pages * percent / 100 + 0.5);

	return share > ends ? share : ends;
}

static bool write_byte(volatile unsigned char *byte, unsigned char value)
{
	*byte = value;
	return *byte == value;
}

bool region_touch(unsigned char *region, size_t size, size_t count)
{
	struct spread spread = spread_begin(region_pages(size), count);
	bool good;

	good = write_byte(region, 'H');
	for (size_t i = 1; i + 1 < count; i++) {
		spread_next(&spread);
		good &= write_byte(region + spread.page * page_size(), 'T');
	}
	good &= write_byte(region + size - 1, 'Z');
	return good;
}

/* Offset of the first byte that is not zero, or length. */
static size_t zeroes(const unsigned char *bytes, size_t length)
{
	size_t i;

	if (!length || (!bytes[0] && !memcmp(bytes, bytes + 1, length - 1)))
		return length;
	for (i = 0; !bytes[i]; i++)
		;
	return i;
}

size_t region_find_dirt(unsigned char *region, size_t size, size_t count)
{
	size_t pages = region_pages(size);
	struct spread spread = spread_begin(pages, count);
	size_t end = pages * page_size();
	size_t last = size - 1;
	size_t from, clean;

	/* Page by page up to the 'Z', stepping over a mark where one starts. */
	for (size_t page = 0; page < pages; page++) {
		size_t to = page + 1 < pages ? (page + 1) * page_size() : last;

		from = page * page_size();
		if (page == spread.page) {
			from += page == 0 || page + 1 < pages;
			spread_next(&spread);
		}
		if (from >= to)
			continue;
		clean = zeroes(region + from, to - from);
		if (clean < to - from)
			return from + clean;
	}
	from = last + 1;
	return from + zeroes(region + from, end - from);
}
