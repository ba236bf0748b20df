// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* Blocks: how they are handed out and taken back. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/param.h>

#include "allocator.h"

/*
 * Blocks of this size and more begin with a chunk and take whole ones, so that huge pages
 * and page tables are theirs alone; of smaller ones that would waste too much.
 */
#define ALIGNED_FROM (16 * CHUNK_PAGES)
/* Address space is had in pieces of this size at least. */
#define GROW_LEAST (8 * CHUNK_PAGES)

struct heap heap;

static struct history histories[HISTORIES] = { [0 ... HISTORIES - 1] = HISTORY_INITIAL };

/* Part of the pages that is touched, of blocks of all sizes: for a size not known yet. */
static float usual = -1;

size_t heap_span_pages(size_t pages)
{
	if (pages >= ALIGNED_FROM)
		return whole_chunks(pages);
	return pages < BLOCK_MIN ? BLOCK_MIN : pages;
}

static struct history *history_of(size_t pages)
{
	return &histories[history_index(pages < BLOCK_MIN ? BLOCK_MIN : pages)];
}

/* Part of the pages of a block that will be touched; below 0: not known. */
static float expect(const struct history *history)
{
	return history->touched < 0 ? usual : history->touched;
}

/*
 * Misuse
 */

static const char *explain(size_t page)
{
	const struct span *span = spans_at(page);

	if (!span)
		return "this is no block of tamalloc, or was given back long ago";
	if (span->state == SPAN_LIVE)
		return "this is inside a block, not its beginning";
	if (span->state == SPAN_BUSY && page == span->page)
		return "this block is being freed by another thread";
	return "this block was freed already, or is none";
}

/* A handler of SIGABRT may allocate. */
static _Noreturn void refuse(const void *address, const char *function)
{
	const char *what = explain(page_of(address));

	heap_unlock();
	misuse(function, address, what);
}

struct span *heap_block(const void *address, const char *function)
{
	size_t page = page_of(address);
	bool owns = !((uintptr_t)address >> ADDRESS_BITS) && map_owns(address);
	struct span *block = owns ? map_block(page) : NULL;

	if (!block || address_of(page) != address || block->page != page ||
	    block->state != SPAN_LIVE)
		refuse(address, function);
	return block;
}

/*
 * Memory anew
 */

/* Fresh, whatever it was; unreadable for who looks for wrong uses. An error: it is lost. */
static int renew(size_t page, size_t pages)
{
	int err = settings.audit ? memory_hide(page, pages) : memory_renew(page, pages);

	if (err)
		return err;
	dirty_clear(page, pages);
	huge_fresh(page, pages);
	return 0;
}

void heap_was_wrong(const struct span *block)
{
	history_was_wrong(history_of(pages_for(block->size)));
}

static void settle_renewed(struct span *span, int err, uint64_t when)
{
	span->dirty = 0;
	span->changes = 0;
	if (err)
		spans_let_go(span, SPAN_LOST);
	else
		spans_free(span, when);
}

void heap_restore(struct span *span, uint64_t when)
{
	settle_renewed(span, renew(span->page, span->pages), when);
}

/*
 * Handing out
 */

/*
 * Dirty memory costs zeroing and saves first touches, but only of the pages that will
 * be touched.
 */
static bool pays(const struct span *span, size_t pages, size_t expected)
{
	struct costs costs = costs_get();
	size_t dirty = span->pages <= pages ? span->dirty :
					      dirty_count(span->page, pages, span->dirty);

	return (float)dirty * costs.zero <= (float)expected * costs.fault;
}

static struct span *take_joined(struct span *span)
{
	struct span *behind = span->after;

	spans_take(span);
	spans_take(behind);
	spans_merge(span, behind);
	return span;
}

static struct span *take_free(size_t need, size_t alignment, bool zero, size_t expected)
{
	struct span *dirty = spans_find(true, need, alignment), *span;

	if (dirty && (!zero || pays(dirty, need, expected))) {
		spans_take(dirty);
		return dirty;
	}
	if (!dirty && (span = spans_find_short(need, alignment)) &&
	    (!zero || pays(span, need, expected)))
		return take_joined(span);
	span = spans_find(false, need, alignment);
	if (span)
		spans_take(span);
	return span;
}

/* alone: room beside it would stay a mapping of its own when the block has moved on. */
static struct span *grow(size_t need, size_t alignment, bool alone)
{
	size_t pages = need + (alignment > CHUNK_PAGES ? alignment : 0);
	struct span *span;

	pages = whole_chunks(pages);
	span = spans_grow(alone || pages > GROW_LEAST ? pages : GROW_LEAST);
	/* A limit on address space may leave no room for more than what is needed. */
	if (!span && !alone && pages < GROW_LEAST)
		span = spans_grow(pages);
	return span;
}

static struct span *take(size_t need, size_t alignment, bool zero, bool alone, size_t expected)
{
	struct span *span = take_free(need, alignment, zero, expected);

	if (!span)
		span = grow(need, alignment, alone);
	if (span)
		return span;
	/* Meanwhile others had the lock, and took records. */
	if (!spans_ready())
		return NULL;
	/* Whatever is free may be worth more as another piece. */
	span = spans_find(true, need, alignment);
	if (span) {
		spans_take(span);
		return span;
	}
	budget_trim();
	return grow(need, alignment, alone);
}

/* Of a busy span only the pages from this one on stay; the others are free. */
static struct span *cut(struct span *span, size_t page, size_t pages)
{
	size_t dirty = span->dirty, end = page + pages;

	if (span->page < page) {
		struct span *head = span;

		span = spans_split(head, page);
		head->dirty = dirty_count(head->page, head->pages, dirty);
		dirty -= head->dirty;
		spans_free(head, head->when);
	}
	if (end < span_end(span)) {
		struct span *tail = spans_split(span, end);

		tail->dirty = dirty_count(tail->page, tail->pages, dirty);
		dirty -= tail->dirty;
		spans_free(tail, tail->when);
	}
	span->dirty = dirty;
	return span;
}

void heap_clean(size_t page, size_t pages, size_t dirty, bool zero)
{
	size_t end = page + pages, at = page, left = dirty, run;

	while (zero && left && (run = dirty_run(&at, end))) {
		memset(address_of(at), 0, bytes_of(run));
		at += run;
		left -= run;
	}
	if (dirty)
		dirty_clear(page, pages);
}

void heap_drop(size_t page, size_t pages, size_t dirty)
{
	if (dirty)
		heap_clean(page, pages, dirty, memory_drop(page, pages));
}

static void count_zeroed(const struct span *block, size_t used)
{
	struct counts *counts = &heap.counts;

	counts->blocks++;
	if (!block->zeroed)
		return;
	counts->allocated += bytes_of(used);
	counts->zeroed += bytes_of(block->dirty);
	if (!block->dirty)
		counts->untouched++;
	else if (block->dirty < used)
		counts->touched++;
	else
		counts->whole++;
}

/* whole: of whole chunks. empty: its memory will be another block's. */
static void *allocate(size_t size, size_t alignment, bool zero, bool whole, bool empty)
{
	size_t used = pages_for(size), need, dense, expected = 0, hope, slack;
	struct history *history;
	struct span *span;
	float touched;
	bool changes;

	settings_read();
	if (size > HEAP_TOO_LARGE || alignment > HEAP_TOO_LARGE)
		goto none;
	need = heap_span_pages(used);
	alignment = alignment > PAGE ? alignment >> PAGE_SHIFT : 1;
	/* A page behind it that nobody may touch. */
	if (settings.audit)
		need++;
	if (whole)
		need = whole_chunks(need);
	if ((whole || need >= ALIGNED_FROM) && alignment < CHUNK_PAGES)
		alignment = CHUNK_PAGES;

	if (need >= CHUNK_PAGES && huge_hopes())
		huge_verify();
	heap_lock();
	fork_prepare();
	if (!spans_ready()) {
		heap_unlock();
		goto none;
	}
	history = history_of(used);
	touched = expect(history);
	if (touched > 0)
		expected = (size_t)(touched * (float)used);
	dense = (size_t)(history->prefix * (float)used);
	/* Where the touched places change, those that are dirty will be others. */
	changes = history->mode == HISTORY_DROP;
	if (empty || changes)
		hope = 0;
	else if (touched < 0 || history->whole)
		hope = used; /* the first of its kind may be touched as a whole */
	else
		hope = expected;
	span = take(need, alignment, zero, whole, hope);
	if (!span) {
		heap_unlock();
		goto none;
	}
	span = cut(span, span_place(span, alignment), need);
	if (settings.audit && memory_renew(span->page, used)) {
		spans_let_go(span, SPAN_LOST);
		heap_unlock();
		goto none;
	}
	spans_let_go(span, SPAN_LIVE);
	span->size = size;
	span->zeroed = zero;
	span->is_moved = false;
	span->expected = expected;
	map_set_block(span->page, span);
	slack = dirty_count(span->page + used, need - used, span->dirty);
	span->dirty -= slack;
	count_zeroed(span, used);
	huge_plan(span, used, empty ? 0 : dense);
	budget_add(span, changes ? expected : expected - MIN(expected, span->dirty));
	budget_settle();
	heap_unlock();

	/* Behind the block's last page all is clean, so that it can grow there. */
	heap_drop(span->page + used, need - used, slack);
	huge_ask(span);
	heap_clean(span->page, used, span->dirty, zero);
	budget_heed();
	if (!empty && span->dirty < used)
		locked_bring_in(span->page, used);
	return address_of(span->page);
none:
	errno = ENOMEM;
	return NULL;
}

void *heap_allocate(size_t size, size_t alignment, bool zero)
{
	return allocate(size, alignment, zero, false, false);
}

void *heap_allocate_whole(size_t size, bool empty)
{
	return allocate(size, PAGE, true, true, empty);
}

/*
 * Taking back
 */

/*
 * Not looking, for the kernel does not let us: as the C library does, which maps what is
 * larger alone, and zeroes the rest as a whole.
 */
static size_t retire_blindly(struct history *history, size_t page, size_t used)
{
	if (used > BLIND_MOST && !memory_drop(page, used)) {
		heap.counts.dropped++;
		return 0;
	}
	history->touched = 1;
	heap.counts.kept++;
	dirty_set(page, used);
	return used;
}

size_t heap_retire(struct span *block, bool is_huge)
{
	size_t page = block->page, used = pages_for(block->size), sampled = NO_SAMPLE;
	struct use use = { .pages = used, .kept = block->dirty, .zeroed = block->zeroed };
	struct history *history = history_of(used);
	struct touched touched = { 0 };
	struct costs costs;
	bool sample = is_huge, keeps;
	enum history_mode mode;
	int err;

	mode = history_plan(history, &use, &sample);
	if (mode == HISTORY_DENSE) {
		dirty_set(page, used);
		heap.counts.kept++;
		return used;
	}
	heap_unlock();
	costs = costs_get();
	if (mode == HISTORY_DROP && !memory_drop(page, used)) {
		heap_lock();
		heap.counts.dropped++;
		heap.counts.dropped_bytes += bytes_of(block->expected);
		return 0;
	}
	err = touched_mark(page, used, &touched);
	if (!err && sample)
		sampled = sample_used(page, used, touched.pages);
	heap_lock();
	if (err)
		return retire_blindly(history, page, used);
	if (touched.is_filled) {
		history_fills(history);
		sampled = NO_SAMPLE;
	}
	keeps = history_keeps(history, &costs, &use, &touched, sampled);
	usual = usual < 0 ? history->touched : usual + (history->touched - usual) / 8;
	heap.counts.kept += keeps;
	heap.counts.dropped += !keeps;
	if (keeps)
		return touched.pages;
	heap_unlock();
	err = memory_drop(page, used);
	if (!err)
		dirty_clear(page, used);
	heap_lock();
	if (err)
		return touched.pages;
	heap.counts.dropped_bytes += bytes_of(touched.pages);
	return 0;
}

/* What comes there next is not known to be dense. */
static size_t retire(struct span *block, bool is_huge)
{
	size_t dirty = heap_retire(block, is_huge);

	if (is_huge) {
		heap_unlock();
		huge_refuse(block->page, block->pages);
		heap_lock();
	}
	return dirty;
}

static void take_back(struct span *block, size_t dirty)
{
	size_t used = pages_for(block->size);
	float touched = expect(history_of(used));

	map_set_block(block->page, NULL);
	/* Not what is in memory, for that may have been there before. */
	budget_remove(block, dirty && touched > 0 ? (size_t)(touched * (float)used) : block->expected);
	block->dirty = dirty;
	/* That is undone. */
	block->changes &= (uint8_t)~CHANGE_HUGE;
	spans_free(block, heap_now());
	if (spans_ready())
		budget_settle();
}

/* The program has changed its mapping: what comes next there must not be so. */
static void free_changed(struct span *block)
{
	int err;

	map_set_block(block->page, NULL);
	budget_remove(block, block->expected);
	heap_unlock();
	err = renew(block->page, block->pages);
	heap_lock();
	settle_renewed(block, err, now_milliseconds());
	if (spans_ready())
		budget_settle();
}

/* For who reads it nevertheless. What the program has mapped over it is not the block's. */
static void write_over(struct span *block)
{
	heap_unlock();
	memset(address_of(block->page), settings.perturb, bytes_of(pages_for(block->size)));
	heap_lock();
}

bool heap_is_changed(void *address, const char *function)
{
	bool is_changed;

	heap_lock();
	is_changed = heap_block(address, function)->changes & CHANGE_MAPPING;
	heap_unlock();
	return is_changed;
}

void heap_free(void *address, const char *function)
{
	struct span *block;
	bool is_huge;

	heap_lock();
	block = heap_block(address, function);
	spans_hold(block);
	is_huge = huge_end(block);
	if (settings.perturb && !(block->changes & CHANGE_MAPPING))
		write_over(block);
	if (block->changes & CHANGE_MAPPING || settings.audit)
		free_changed(block);
	else
		take_back(block, retire(block, is_huge));
	heap_unlock();
	background_wake();
	budget_heed();
}

/* Its addresses may become another's. */
static void send_away(struct span *block)
{
	spans_hold(block);
	map_set_block(block->page, NULL);
	spans_detach(block);
}

static void bring_back(struct span *block)
{
	spans_attach(block);
	map_set_block(block->page, block);
	spans_let_go(block, SPAN_LIVE);
}

/*
 * Its addresses become anybody's at the moment when the pages move, and if they cannot, the
 * other's do at a moment when the kernel has begun: so neither must be the allocator's then.
 */
bool heap_move(struct span *block, void *address)
{
	struct span *to;
	bool is_allowed = true;
	int err;

	heap_lock();
	to = map_block(page_of(address));
	send_away(block);
	send_away(to);
	heap_unlock();
	err = memory_move(to->page, to->pages, block->page, block->pages);
	heap_lock();
	if (!err) {
		to->changes = block->changes;
		to->is_moved = true;
		is_allowed = huge_move(to, block);
		bring_back(to);
		budget_remove(block, block->expected);
		spans_forget(block);
	} else {
		bring_back(block);
		huge_end(to);
		budget_remove(to, 0);
		spans_forget(to);
	}
	heap_unlock();
	if (!is_allowed)
		huge_refuse(to->page, to->pages);
	return !err;
}

/*
 * What programs do to mappings
 */

/* The block that has all of these pages. */
static struct span *block_around(size_t page, size_t pages)
{
	struct span *block = map_block_before(page);

	return block && page + pages <= span_end(block) ? block : NULL;
}

/*
 * What is not a block, or several: nobody had a right to change it, but nobody else shall
 * suffer.
 */
static void note_everywhere(size_t page, size_t pages, uint8_t change)
{
	size_t end = page + pages, chunk;

	while (page < end) {
		struct span *span = spans_at(page);

		if (!span) {
			chunk = page / CHUNK_PAGES + map_owns(address_of(page));
			if (!map_owned_run(&chunk))
				break;
			page = MAX(page, chunk * CHUNK_PAGES);
			continue;
		}
		page = span_end(span);
		if (span->state == SPAN_LIVE)
			span->changes |= change;
		if (span->state != SPAN_FREE)
			continue;
		spans_take(span);
		heap_restore(span, now_milliseconds());
	}
}

/* Of changes that wait: all that is between the first page and the last, of all kinds. */
static struct {
	size_t page, end;
	uint8_t change;
} waiting;

_Atomic bool heap_has_waiting;

/* Another handler may come. */
static void put_off(size_t page, size_t pages, uint8_t change)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	waiting.page = waiting.end ? MIN(waiting.page, page) : page;
	waiting.end = MAX(waiting.end, page + pages);
	waiting.change |= change;
	atomic_store_explicit(&heap_has_waiting, true, memory_order_relaxed);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void heap_note_waiting(void)
{
	size_t page, end;
	uint8_t change;
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	page = waiting.page;
	end = waiting.end;
	change = waiting.change;
	memset(&waiting, 0, sizeof(waiting));
	atomic_store_explicit(&heap_has_waiting, false, memory_order_relaxed);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	note_everywhere(page, end - page, change);
}

/*
 * A handler of a signal may have interrupted this thread where it has the lock: then nobody
 * else changes what leads to a block that is live, and this thread was at another. What is
 * not a block waits till the lock is had again.
 */
void heap_note_change(size_t page, size_t pages, uint8_t change)
{
	bool is_held = lock_holder() == lock_owner();
	struct span *block;

	if (!is_held)
		heap_lock();
	block = block_around(page, pages);
	if (block)
		__atomic_fetch_or(&block->changes, change, __ATOMIC_RELAXED);
	else if (is_held)
		put_off(page, pages, change);
	else
		note_everywhere(page, pages, change);
	if (!is_held)
		heap_unlock();
}

/*
 * The child of a fork
 */

/* What other threads were working on is nobody's here. */
static void reclaim_busy(void)
{
	for (struct span *span = spans.busy, *next; span; span = next) {
		next = span->next;
		if (span->owner == lock_owner())
			continue;
		if (map_block_is(span->page, span))
			map_set_block(span->page, NULL);
		huge_end(span);
		if (span->is_counted)
			budget_remove(span, span->expected);
		/* Its addresses may be somebody else's already. */
		if (span->is_away)
			spans_forget(span);
		else
			heap_restore(span, now_milliseconds());
		/* It may have become one with others, but none of those was busy. */
	}
}

static void count(const struct span *span)
{
	heap.live += span->expected;
	heap.held += span->held;
	heap.used += pages_for(span->size);
	heap.blocks++;
}

/* What was in the midst of being counted when the process was forked. */
static void count_live(void)
{
	heap.live = heap.held = heap.used = heap.blocks = 0;
	huge_after_fork();
	for (struct span *block = map_block_from(0); block;
	     block = map_block_from(block->page + 1)) {
		block->is_counted = true;
		count(block);
		if (block->state == SPAN_LIVE)
			huge_count(block);
	}
	/* This thread was moving or freeing it. */
	for (struct span *span = spans.busy; span; span = span->next) {
		span->huge = (struct huge){ 0 };
		if (span->is_counted && !map_block_is(span->page, span))
			count(span);
	}
}

/* Whether any block has ever been absent in children. */
static _Atomic bool expects_absent;

void heap_expect_absent(void)
{
	atomic_store(&expects_absent, true);
}

/*
 * What is not there in the child of a block would come to others, and what they have there would be
 * taken for the allocator's.
 */
static void fill_absent(void)
{
	if (!atomic_load(&expects_absent))
		return;
	for (struct span *block = map_block_from(0); block;
	     block = map_block_from(block->page + 1))
		if (block->changes & CHANGE_ABSENT)
			memory_fill(block->page, block->pages);
}

void heap_after_fork(bool is_whole)
{
	if (is_whole) {
		reclaim_busy();
	} else {
		spans_rebuild();
		count_live();
	}
	fill_absent();
	/* What was done before was the parent's doing. */
	heap.counts = (struct counts){ 0 };
}
