// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Cached and live memory together stay below the recent peak of live memory and the
 * percentage of a setting: so a program that frees and asks again finds its memory, and its own
 * peak is not much larger than with an allocator that keeps nothing.
 */
#define _GNU_SOURCE
#include <time.h>

#include "allocator.h"

/* So much is always kept: no less would be noticed. */
#define FLOOR 64 /* pages */

/* The largest heap.live of this period and of the one before it. */
static struct {
	size_t now, before;
	uint64_t since;
} peak;

/* When the spans are looked through next. */
static uint64_t next_decay;

/* So much may be cached of what memory is left, and when that is looked at next. */
static size_t most_cached = SIZE_MAX;
static _Atomic uint64_t next_heed;
/* The time when something was last settled, and what was cached then. */
static _Atomic uint64_t settled;
_Atomic size_t budget_cached;
_Atomic size_t budget_heeded_from = BUDGET_HEED;

/* Milliseconds between two looks. */
#define HEED_SOON   10
#define HEED_LATER  100

uint64_t now_milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t heap_now(void)
{
	if (!heap.now)
		heap.now = now_milliseconds();
	return heap.now;
}

static uint64_t decay(void)
{
	return (uint64_t)atomic_load_explicit(&settings.decay, memory_order_relaxed);
}

/* So long memory stays at least; the rest of the decay is between two looks. */
static uint64_t least_age(void)
{
	return decay() - decay() / 8;
}

/* A period is as long as the decay: what a program needed before is forgotten then. */
static void turn_period(uint64_t now)
{
	uint64_t length = decay();

	if (now - peak.since < length)
		return;
	peak.before = now - peak.since < 2 * length ? peak.now : heap.live;
	peak.now = heap.live;
	peak.since = now;
}

/* In the period that has begun: a turn afterwards would forget it if all was quiet before. */
static void note_peak(size_t live)
{
	turn_period(heap_now());
	if (live > peak.now)
		peak.now = live;
}

void budget_add(struct span *block, size_t fresh)
{
	/* What is in it already stays, also what the program does not touch. */
	block->held = block->dirty + fresh;
	block->is_counted = true;
	heap.blocks++;
	heap.used += pages_for(block->size);
	heap.held += block->held;
	heap.live += block->expected;
	note_peak(heap.live);
}

void budget_remove(struct span *block, size_t touched)
{
	block->is_counted = false;
	heap.blocks--;
	heap.used -= pages_for(block->size);
	heap.held -= block->held;
	heap.live -= block->expected;
	note_peak(heap.live + touched);
}

void budget_resize(struct span *block, size_t size)
{
	heap.used += pages_for(size) - pages_for(block->size);
	block->size = size;
}

static size_t excess(void)
{
	size_t most = peak.now > peak.before ? peak.now : peak.before, allowed;

	most += most / 100 * (size_t)atomic_load_explicit(&settings.cache, memory_order_relaxed);
	allowed = most > heap.held ? most - heap.held : 0;
	if (allowed > most_cached)
		allowed = most_cached;
	if (allowed < FLOOR)
		allowed = FLOOR;
	return spans.cached > allowed ? spans.cached - allowed : 0;
}

/*
 * Of a busy span: its dirty pages are given back. Leaves the lock. otherwise: the time where
 * that cannot be.
 */
static void drop(struct span *span, uint64_t when, uint64_t otherwise)
{
	int err;

	heap_unlock();
	err = memory_drop(span->page, span->pages);
	if (!err)
		dirty_clear(span->page, span->pages);
	heap_lock();
	if (!err) {
		heap.counts.released_bytes += bytes_of(span->dirty);
		span->dirty = 0;
	}
	spans_free(span, err ? otherwise : when);
}

/* The part at the end of a busy span with about so many dirty pages. */
static struct span *cut_tail(struct span *span, size_t dirty)
{
	size_t pages = dirty * ((span->pages - 1) / span->dirty + 1), total = span->dirty;
	struct span *tail;

	pages = whole_chunks(pages);
	if (pages >= span->pages)
		return span;
	tail = spans_split(span, span_end(span) - pages);
	tail->dirty = dirty_count(tail->page, tail->pages, total);
	span->dirty = total - tail->dirty;
	spans_free(span, span->when);
	return tail;
}

/* Whole chunks go back as address space, with their page tables; the rest as pages. */
static void release(struct span *span)
{
	size_t first, pages = span_chunks_from(span, &first) * CHUNK_PAGES, end = first + pages;

	if (!pages) {
		if (span->dirty)
			drop(span, NEVER, NEVER);
		else
			spans_free(span, NEVER);
		return;
	}
	if (span_end(span) > end) {
		struct span *tail = spans_split(span, end);

		tail->dirty = dirty_count(tail->page, tail->pages, span->dirty);
		span->dirty -= tail->dirty;
		spans_free(tail, tail->when);
	}
	if (span->page < first) {
		struct span *head = span;

		span = spans_split(head, first);
		span->dirty = dirty_count(span->page, span->pages, head->dirty);
		head->dirty -= span->dirty;
		spans_free(head, head->when);
	}
	/* Before the kernel may give these addresses to others. */
	heap.counts.released_bytes += bytes_of(span->dirty);
	dirty_clear(first, pages);
	spans_detach(span);
	spans_forget(span);
	heap_unlock();
	if (memory_release(first, pages)) {
		/* One region more than a process may have. It stays as it is: nobody's. */
		memory_drop(first, pages);
	}
	heap_lock();
}

/* The oldest free span that is not younger than that. */
static struct span *oldest(bool dirty, uint64_t when)
{
	struct span *span = spans.oldest[dirty];

	return span && span->when <= when ? span : NULL;
}

/* So much work for the kernel, in pages, may be done yet. */
static void spend(size_t *left, size_t pages)
{
	/* A call without a page is work, too. */
	pages += 16;
	*left -= pages < *left ? pages : *left;
}

/* False: there is more than that. */
static bool release_until(uint64_t when, size_t *left)
{
	struct span *span;

	while (spans_ready() && ((span = oldest(true, when)) || (span = oldest(false, when)))) {
		size_t dirty = span->dirty;

		if (!*left)
			return false;
		spans_take(span);
		if (dirty > *left && dirty - *left > CHUNK_PAGES) {
			span = cut_tail(span, *left);
			dirty = span->dirty;
		}
		release(span);
		spend(left, dirty);
	}
	return true;
}

static bool release_old(uint64_t now, size_t *left)
{
	/* The machine may not be up for that long. */
	return now < least_age() || release_until(now - least_age(), left);
}

static void settle(size_t most)
{
	uint64_t now = heap_now();
	size_t over, left = most;

	atomic_store_explicit(&settled, now, memory_order_relaxed);
	turn_period(now);
	while (left && (over = excess()) && spans.oldest[true] && spans_ready()) {
		struct span *span = spans.oldest[true];
		size_t before = spans.cached;

		if (over > left)
			over = left;
		spans_take(span);
		if (span->dirty > over + CHUNK_PAGES)
			span = cut_tail(span, over);
		/* What cannot be dropped gets old, and is released then. */
		drop(span, now, span->when);
		if (spans.cached >= before)
			break;
		spend(&left, before - spans.cached);
	}
	/* What is left over is for the next calls. */
	if (now >= next_decay && release_old(now, &left))
		next_decay = now + decay() / 8;
	atomic_store_explicit(&budget_cached, spans.cached, memory_order_relaxed);
}

void budget_settle(void)
{
	settle(SIZE_MAX);
}

void budget_decay(void)
{
	size_t left = SIZE_MAX;

	release_old(now_milliseconds(), &left);
}

void budget_trim(void)
{
	size_t left = SIZE_MAX;

	release_until(now_milliseconds(), &left);
}

int budget_next(void)
{
	uint64_t now = now_milliseconds(), due = UINT64_MAX;

	for (int dirty = 0; dirty < 2; dirty++)
		if (spans.oldest[dirty] && spans.oldest[dirty]->when + least_age() < due)
			due = spans.oldest[dirty]->when + least_age();
	if (due == UINT64_MAX)
		return -1;
	return due <= now ? 0 : due - now > INT32_MAX ? INT32_MAX : (int)(due - now);
}

/*
 * Memory for others
 */

/* On a line of the processor's cache that is seldom written to. */
_Alignas(64) size_t budget_unseen;
static size_t unseen_most __attribute__((aligned(64)));

void budget_see_from(size_t bytes)
{
	unseen_most = bytes;
	__atomic_store_n(&budget_unseen, bytes, __ATOMIC_RELAXED);
}

void budget_is_free(void)
{
	if (__atomic_load_n(&budget_unseen, __ATOMIC_RELAXED))
		__atomic_store_n(&budget_unseen, 0, __ATOMIC_RELAXED);
}

static bool has_free(void)
{
	return spans.oldest[false] || spans.oldest[true];
}

bool budget_lend(void)
{
	bool has_lent;

	heap_lock();
	has_lent = has_free();
	budget_trim();
	heap_unlock();
	return has_lent;
}

/* Small calls between two looks at the clock, which are close together if calls are rare. */
#define CALLS_MOST  255
#define CALLS_OFTEN 8 /* milliseconds */
/*
 * And pages that one call gives back: 4 MiB take less than a millisecond. So many times more
 * where calls are rare, or an idle program would keep its cache for long.
 */
#define SMALL_MOST  1024
#define RARE_MOST   4

void budget_small(void)
{
	static _Thread_local struct {
		uint64_t last;
		uint32_t left, calls;
	} tick __attribute__((tls_model("initial-exec")));
	uint64_t now, times;

	if (tick.left) {
		tick.left--;
		return;
	}
	now = now_milliseconds();
	times = (now - tick.last) / CALLS_OFTEN;
	tick.calls = times ? 0 : tick.calls < CALLS_MOST ? 2 * tick.calls + 1 : CALLS_MOST;
	tick.left = tick.calls;
	tick.last = now;
	heap_lock();
	if (has_free() && spans_ready())
		settle(SMALL_MOST * (size_t)(times > RARE_MOST ? RARE_MOST : times ? times : 1));
	if (!has_free())
		__atomic_store_n(&budget_unseen, unseen_most, __ATOMIC_RELAXED);
	heap_unlock();
	budget_heed();
}

/* Never more than is left; what is cached already counts as taken. */
void budget_look(void)
{
	uint64_t now = atomic_load_explicit(&settled, memory_order_relaxed), due;
	size_t cached = atomic_load_explicit(&budget_cached, memory_order_relaxed), left;

	due = atomic_load_explicit(&next_heed, memory_order_relaxed);
	if (now < due ||
	    !atomic_compare_exchange_strong(&next_heed, &due, now + HEED_LATER) ||
	    !pressure_left(2 * cached, &left))
		return;
	if (left < 2 * cached && cached >= BUDGET_HEED)
		atomic_store_explicit(&next_heed, now + HEED_SOON, memory_order_relaxed);
	heap_lock();
	most_cached = left > SIZE_MAX / 2 ? SIZE_MAX : left / 2 + cached / 2;
	/* What is given back in whole chunks is more than what is above the cap. */
	atomic_store_explicit(&budget_heeded_from, most_cached < 2 * BUDGET_HEED ? 0 : BUDGET_HEED,
			      memory_order_relaxed);
	/* Where others go short all of it goes at once. */
	if (spans_ready())
		settle(left < 2 * cached ? SIZE_MAX : SMALL_MOST);
	heap_unlock();
}
