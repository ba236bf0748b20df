// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Free spans are found by size, with the best fit. Clean and dirty ones are kept
 * apart and do not coalesce: a block that will be touched should get the memory that
 * is there already, and one that will not should leave it to others.
 */
#include "allocator.h"

struct spans spans;

/*
 * Records
 */

#define RECORDS_SIZE ((size_t)1 << 16)
#define RECORDS_READY 6 /* two cuts of a block, and of what makes room for it */

/* Never given back: so all records there are can be gone through. */
struct slab {
	struct slab *next;
	struct span records[];
};

#define SLAB_RECORDS ((RECORDS_SIZE - sizeof(struct slab)) / sizeof(struct span))

static struct slab *slabs;

static struct {
	struct span *unused; /* by next */
	size_t count;
} records;

static void record_put(struct span *record)
{
	record->next = records.unused;
	records.unused = record;
	records.count++;
}

static struct span *record_get(void)
{
	struct span *record = records.unused;

	records.unused = record->next;
	records.count--;
	*record = (struct span){ 0 };
	return record;
}

/* Who finds it nevertheless finds that it is nowhere. */
static void record_retire(struct span *record)
{
	record->page = record->pages = 0;
	record->state = SPAN_FREE;
	record_put(record);
}

bool spans_ready(void)
{
	struct slab *more;

	if (records.count >= RECORDS_READY)
		return true;
	more = memory_for_records(RECORDS_SIZE);
	if (!more)
		return false;
	more->next = slabs;
	slabs = more;
	for (size_t i = 0; i < SLAB_RECORDS; i++)
		record_put(&more->records[i]);
	return true;
}

/*
 * Free spans by size: eighths of a doubling, the last for all that is larger.
 */

#define BINS 384

static struct bins {
	struct span *first[BINS];
	uint64_t filled[BINS / 64];
} bins[2];

static size_t bin_of(size_t pages)
{
	unsigned int power = 63 - (unsigned int)__builtin_clzll(pages | 8);
	size_t bin = pages < 8 ? pages : (power - 2) * 8 + (pages >> (power - 3) & 7);

	return bin < BINS ? bin : BINS - 1;
}

static size_t next_filled(const struct bins *set, size_t bin)
{
	for (size_t word = bin / 64; word < BINS / 64; word++) {
		uint64_t bits = set->filled[word];

		if (word == bin / 64)
			bits &= UINT64_MAX << bin % 64;
		if (bits)
			return word * 64 + (size_t)__builtin_ctzll(bits);
	}
	return BINS;
}

static void bin_insert(struct span *span)
{
	struct bins *set = &bins[!!span->dirty];
	size_t bin = bin_of(span->pages);

	span->previous = NULL;
	span->next = set->first[bin];
	if (span->next)
		span->next->previous = span;
	set->first[bin] = span;
	set->filled[bin / 64] |= (uint64_t)1 << bin % 64;
}

static void bin_remove(struct span *span)
{
	struct bins *set = &bins[!!span->dirty];
	size_t bin = bin_of(span->pages);

	if (span->next)
		span->next->previous = span->previous;
	if (span->previous)
		span->previous->next = span->next;
	else
		set->first[bin] = span->next;
	if (!set->first[bin])
		set->filled[bin / 64] &= ~((uint64_t)1 << bin % 64);
}

/* Of many the best, or the right place, is not worth a long search. */
#define SEARCH_MOST 64

/*
 * Free spans by time
 */

/*
 * The order is nearly that of time: what remains of an old span is put among the others
 * with a few steps only. It may be given back somewhat later for that.
 */
static void age_insert(struct span *span)
{
	struct span **newest = &spans.newest[!!span->dirty];
	struct span **oldest = &spans.oldest[!!span->dirty];
	struct span *older = *newest, *newer = NULL;

	if (span->when == NEVER)
		return;
	budget_is_free();
	if (*oldest && span->when <= (*oldest)->when) {
		newer = *oldest;
		older = NULL;
	}
	for (int steps = 0; older && older->when > span->when && steps < SEARCH_MOST; steps++) {
		newer = older;
		older = older->older;
	}
	span->newer = newer;
	span->older = older;
	*(newer ? &newer->older : newest) = span;
	*(older ? &older->newer : oldest) = span;
}

static void age_remove(struct span *span)
{
	if (span->when == NEVER)
		return;
	*(span->newer ? &span->newer->older : &spans.newest[!!span->dirty]) = span->older;
	*(span->older ? &span->older->newer : &spans.oldest[!!span->dirty]) = span->newer;
}

/*
 * What becomes of spans
 */

void spans_hold(struct span *span)
{
	span->owner = lock_owner();
	span->state = SPAN_BUSY;
	span->previous = NULL;
	span->next = spans.busy;
	if (span->next)
		span->next->previous = span;
	spans.busy = span;
}

void spans_let_go(struct span *span, enum span_state state)
{
	*(span->previous ? &span->previous->next : &spans.busy) = span->next;
	if (span->next)
		span->next->previous = span->previous;
	span->state = state;
}

static void let_go_if_busy(struct span *span)
{
	if (span->state == SPAN_BUSY)
		spans_let_go(span, SPAN_FREE);
}

/* Nothing of the allocator's touches it there, so far. */
static void note_edges(struct span *span)
{
	if (!span->before)
		map_set_edge(span->page / CHUNK_PAGES, span);
	if (!span->after)
		map_set_edge(span_end(span) / CHUNK_PAGES, span);
}

void spans_take(struct span *span)
{
	bin_remove(span);
	age_remove(span);
	spans.cached -= span->dirty;
	spans_hold(span);
}

struct span *spans_split(struct span *span, size_t page)
{
	struct span *rest = record_get();

	rest->when = span->when;
	rest->page = page;
	rest->pages = span_end(span) - page;
	spans_hold(rest);
	span->pages -= rest->pages;
	rest->before = span;
	rest->after = span->after;
	if (rest->after)
		rest->after->before = rest;
	else
		map_set_edge(span_end(rest) / CHUNK_PAGES, rest);
	span->after = rest;
	return rest;
}

void spans_merge(struct span *first, struct span *second)
{
	first->pages += second->pages;
	first->dirty += second->dirty;
	first->after = second->after;
	if (first->after)
		first->after->before = first;
	else
		map_set_edge(span_end(first) / CHUNK_PAGES, first);
	let_go_if_busy(second);
	record_retire(second);
}

/* By the share of the dirty pages: a small new part does not keep an old one young. */
static uint64_t mean_time(const struct span *span, const struct span *neighbour)
{
	size_t weight = span->dirty ? span->dirty : span->pages;
	size_t other = neighbour->dirty ? neighbour->dirty : neighbour->pages;
	double part = (double)weight / (double)(weight + other);

	if (span->when == NEVER || neighbour->when == NEVER)
		return span->when < neighbour->when ? span->when : neighbour->when;
	return (uint64_t)((double)span->when * part + (double)neighbour->when * (1 - part));
}

void spans_free(struct span *span, uint64_t when)
{
	bool dirty = span->dirty;

	let_go_if_busy(span);
	span->when = when;
	if (span_is_free(span->before, dirty)) {
		struct span *before = span->before;

		when = mean_time(span, before);
		spans_take(before);
		spans_merge(before, span);
		let_go_if_busy(before);
		span = before;
		span->when = when;
	}
	if (span_is_free(span->after, dirty)) {
		when = mean_time(span, span->after);
		spans_take(span->after);
		spans_merge(span, span->after);
		span->when = when;
	}
	/* Several of which none had a whole chunk to give back may have one together. */
	if (span->when == NEVER && span_chunks(span))
		span->when = 0;
	span->state = SPAN_FREE;
	spans.cached += span->dirty;
	bin_insert(span);
	age_insert(span);
}

void spans_detach(struct span *span)
{
	map_own(span->page, span->pages, false);
	spans.reserved -= span->pages;
	map_set_edge(span->page / CHUNK_PAGES, NULL);
	map_set_edge(span_end(span) / CHUNK_PAGES, NULL);
	if (span->before) {
		span->before->after = NULL;
		note_edges(span->before);
	}
	if (span->after) {
		span->after->before = NULL;
		note_edges(span->after);
	}
	span->before = span->after = NULL;
	span->is_away = true;
}

void spans_forget(struct span *span)
{
	let_go_if_busy(span);
	record_retire(span);
}

/* Address space lies where the kernel puts it: often next to what is there. */
static void find_neighbours(struct span *span)
{
	struct span *before = map_edge(span->page / CHUNK_PAGES);
	struct span *after = map_edge(span_end(span) / CHUNK_PAGES);

	if (before && span_end(before) == span->page && !before->after) {
		span->before = before;
		before->after = span;
	}
	if (after && after->page == span_end(span) && !after->before) {
		span->after = after;
		after->before = span;
	}
	note_edges(span);
}

void spans_attach(struct span *span)
{
	span->is_away = false;
	map_own(span->page, span->pages, true);
	spans.reserved += span->pages;
	find_neighbours(span);
}

/* Without the lock: address space that nobody has yet. */
static bool reserve(size_t pages, size_t *page)
{
	void *memory = memory_reserve(pages);

	*page = page_of(memory);
	if (!memory)
		return false;
	if (map_prepare(*page, pages) || (settings.audit && memory_hide(*page, pages))) {
		memory_release(*page, pages);
		return false;
	}
	huge_fresh(*page, pages);
	return true;
}

struct span *spans_grow(size_t pages)
{
	struct span *span;
	bool is_reserved;
	size_t page;

	heap_unlock();
	is_reserved = reserve(pages, &page);
	heap_lock();
	if (!is_reserved)
		return NULL;
	if (!spans_ready()) {
		memory_release(page, pages);
		return NULL;
	}
	span = record_get();
	span->page = page;
	span->pages = pages;
	spans_hold(span);
	spans_attach(span);
	return span;
}

struct span *spans_at(size_t page)
{
	struct span *span;
	size_t from;

	if (page >= LEAVES * LEAF_PAGES || !map_owns(address_of(page)))
		return NULL;
	from = map_owned_from(page / CHUNK_PAGES);
	span = map_block_before(page);
	if (!span || span->page < from * CHUNK_PAGES)
		span = map_edge(from);
	/* Where it is not known what begins there, the one before has to lead to it. */
	if (span && span->page > page)
		return NULL;
	while (span && span_end(span) <= page)
		span = span->after;
	return span && span->page <= page ? span : NULL;
}

/*
 * Searches
 */

static bool fits(const struct span *span, size_t need, size_t alignment)
{
	return span_place(span, alignment) + need <= span_end(span);
}

struct span *spans_find(bool dirty, size_t need, size_t alignment)
{
	const struct bins *set = &bins[dirty];

	for (size_t bin = next_filled(set, bin_of(need)); bin < BINS;
	     bin = next_filled(set, bin + 1)) {
		struct span *best = NULL;
		int looked = 0;

		for (struct span *span = set->first[bin]; span && looked < SEARCH_MOST;
		     span = span->next, looked++) {
			if (!fits(span, need, alignment))
				continue;
			if (!best || span->pages < best->pages)
				best = span;
			if (best->pages == need)
				break;
		}
		if (best)
			return best;
	}
	return NULL;
}

struct span *spans_find_short(size_t need, size_t alignment)
{
	struct span *best = NULL;
	int looked = 0;

	for (struct span *span = spans.newest[true]; span && looked < SEARCH_MOST;
	     span = span->older, looked++) {
		if (!span_is_free(span->after, false) || span_place(span, alignment) != span->page)
			continue;
		if (span->pages + span->after->pages < need)
			continue;
		if (!best || span->dirty > best->dirty)
			best = span;
	}
	return best;
}

/*
 * Anew, in the child of a fork
 */

/* Whether a record is of a span that stays. What others were working on is nobody's. */
static bool stays(const struct span *record)
{
	switch (record->state) {
	case SPAN_LIVE:
		return map_block_is(record->page, record);
	case SPAN_BUSY:
		return record->owner == lock_owner();
	case SPAN_LOST:
		return true;
	default:
		return false;
	}
}

/* Two lists by address become one, by next. */
static struct span *merge_sorted(struct span *one, struct span *other)
{
	struct span *first = NULL, **end = &first;

	while (one && other) {
		struct span **least = one->page < other->page ? &one : &other;

		*end = *least;
		end = &(*least)->next;
		*least = *end;
	}
	*end = one ? one : other;
	return first;
}

static struct span *sort(struct span *list, size_t count)
{
	struct span *at = list, *other;

	if (count < 2)
		return list;
	for (size_t i = 1; i < count / 2; i++)
		at = at->next;
	other = at->next;
	at->next = NULL;
	return merge_sorted(sort(list, count / 2), sort(other, count - count / 2));
}

/* All records: those of spans that stay become a list by address, the others unused. */
static struct span *sort_records(void)
{
	struct span *staying = NULL;
	size_t count = 0;

	records.unused = NULL;
	records.count = 0;
	for (struct slab *slab = slabs; slab; slab = slab->next)
		for (size_t i = 0; i < SLAB_RECORDS; i++) {
			struct span *record = &slab->records[i];

			if (stays(record)) {
				record->next = staying;
				staying = record;
				count++;
				continue;
			}
			if (map_block_is(record->page, record))
				map_set_block(record->page, NULL);
			record_retire(record);
		}
	return sort(staying, count);
}

/* What is between two spans that stay is free, and as it was reserved. */
static void fill(size_t page, size_t end, struct span *before, struct span *after)
{
	struct span *span;

	if (page >= end || !spans_ready())
		return;
	span = record_get();
	span->page = page;
	span->pages = end - page;
	spans_hold(span);
	span->before = before;
	if (before)
		before->after = span;
	span->after = after;
	if (after)
		after->before = span;
	note_edges(span);
	heap_restore(span, NEVER);
}

/* Without neighbours yet. */
static void keep(struct span *span)
{
	span->before = span->after = NULL;
	if (span->state == SPAN_BUSY)
		spans_hold(span);
}

void spans_rebuild(void)
{
	struct span *staying = sort_records(), *next;
	size_t chunk = 0, chunks;

	spans = (struct spans){ 0 };
	memset(bins, 0, sizeof(bins));
	for (; (chunks = map_owned_run(&chunk)); chunk += chunks) {
		size_t page = chunk * CHUNK_PAGES, end = page + chunks * CHUNK_PAGES;
		struct span *before = NULL;

		spans.reserved += end - page;
		for (; staying && staying->page < end; staying = next) {
			next = staying->next;
			keep(staying);
			if (staying->is_away)
				continue;
			if (before && span_end(before) == staying->page) {
				before->after = staying;
				staying->before = before;
			}
			note_edges(staying);
			fill(page, staying->page, before, staying);
			before = staying;
			page = span_end(staying);
		}
		fill(page, end, before, NULL);
	}
	/* Those that this thread was moving. */
	for (; staying; staying = next) {
		next = staying->next;
		keep(staying);
	}
}
