/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * What the files of the allocator share. doc/allocator.md says how they work
 * together.
 *
 * Memory is counted in pages of 4 KiB, and a page is named by its number: its
 * address divided by that. A chunk is 2 MiB, what one entry of the last but one
 * level of the page tables covers. On a machine with other pages all blocks are
 * the C library's.
 */
#ifndef ALLOCATOR_H
#define ALLOCATOR_H

#include <stdatomic.h>

#include "../internal.h"

#define PAGE_SHIFT 12
#define PAGE	   ((size_t)1 << PAGE_SHIFT)
#define CHUNK_PAGES 512
#define CHUNK	   (CHUNK_PAGES * PAGE)
/* The shortest block, in pages: so at most one begins in 64 KiB. */
#define BLOCK_MIN  16
/* Where it is not known what was touched, so much is kept, and zeroed as a whole: pages. */
#define BLIND_MOST (16 * CHUNK_PAGES)

/* User space of x86-64 with four levels of page tables; mmap(2) gives no more unasked. */
#define ADDRESS_BITS 47

static inline size_t page_of(const void *address)
{
	return (uintptr_t)address >> PAGE_SHIFT;
}

static inline void *address_of(size_t page)
{
	return (void *)(page << PAGE_SHIFT);
}

static inline size_t bytes_of(size_t pages)
{
	return pages << PAGE_SHIFT;
}

/* So many pages that they make whole chunks; of a page, the first at or after it to begin one. */
static inline size_t whole_chunks(size_t pages)
{
	return (pages + CHUNK_PAGES - 1) & ~(size_t)(CHUNK_PAGES - 1);
}

/*
 * memory.c: the operating system. 0 or a negative errno; errno stays as it is.
 */

/* Chunks of lazily zeroed memory; NULL: there is none. */
void *memory_reserve(size_t pages);

int memory_release(size_t page, size_t pages);

/* Gives the pages back to the kernel; they read as zero. */
int memory_drop(size_t page, size_t pages);

/* May the kernel put huge pages here? */
int memory_advise_huge(size_t page, size_t pages, bool huge);

/* Fresh memory in place of whatever is there. An error: what was there may be gone. */
int memory_renew(size_t page, size_t pages);

/* Nothing, and no access, in place of whatever is there. Errors as above. */
int memory_hide(size_t page, size_t pages);

/* Nothing, and no access, where nothing is mapped; what is there stays. */
void memory_fill(size_t page, size_t pages);

/* Whether memory_move() can move them: it is refused where they are of several mappings. */
bool memory_is_movable(size_t page, size_t pages);

/*
 * Moves pages to others, of which there are more. 0: nothing is where they were. An error:
 * they are all where they were; what was at the others may be gone.
 */
int memory_move(size_t to, size_t to_pages, size_t from, size_t pages);

/* For the allocator's own records: never given back. NULL: there is none. */
void *memory_for_records(size_t size);

/* The same, a page which reads as zero again in the child of a fork. */
void *memory_wiped_by_fork(void);

/*
 * locked.c: programs that lock all of their memory. 0 or a negative errno.
 */

/* Address space without a page in memory, and the same in place of whatever is there. */
int locked_reserve(size_t size, void **address);
int locked_renew(void *address, size_t size);

/* Of a block: brings in what is not there, if the kernel would have done that. */
void locked_bring_in(size_t page, size_t pages);

/*
 * map.c: what is known of each page and chunk
 */

struct span;

#define LEAF_CHUNKS 8192
#define LEAF_SHIFT  34 /* of an address: a leaf covers 16 GiB */
#define LEAF_PAGES  ((size_t)LEAF_CHUNKS * CHUNK_PAGES)
#define LEAF_WORDS  (LEAF_CHUNKS * CHUNK_PAGES / 64)
#define CHUNK_SLOTS (CHUNK_PAGES / BLOCK_MIN) /* of a chunk: a block may begin in each */

/*
 * A leaf takes 2.8 MiB of address space, and of that what is written to: 64 bytes for each
 * chunk with dirty pages, 248 for each in which blocks begin elsewhere than at its first
 * pages, and 20 for each in which any begins.
 */
struct leaf {
	_Atomic uint64_t owned[LEAF_CHUNKS / 64]; /* chunks that are the allocator's */
	uint64_t begins[LEAF_CHUNKS / 64];	  /* those in which a block begins */
	uint32_t slots[LEAF_CHUNKS];		  /* and at which of their slots */
	struct span *edges[LEAF_CHUNKS];	  /* see map_edge() */
	struct span *heads[LEAF_CHUNKS];	  /* blocks, by the first slot of a chunk, */
	struct span *blocks[LEAF_CHUNKS * (CHUNK_SLOTS - 1)]; /* and by the others */
	/*
	 * Dirty pages; words of these that are not 0; and words of those. A bit of the latter
	 * two may be set in vain.
	 */
	_Atomic uint64_t dirty[LEAF_WORDS];
	_Atomic uint64_t dirty_words[LEAF_WORDS / 64];
	_Atomic uint64_t dirty_groups[LEAF_WORDS / 64 / 64];
};

#define LEAVES ((size_t)1 << (ADDRESS_BITS - LEAF_SHIFT))

/* By address. NULL where the allocator has never had anything. */
extern _Atomic(struct leaf *) map_leaves[LEAVES];

/* Of a page, or of an address of which some bits mean nothing. */
static inline struct leaf *map_leaf(size_t page)
{
	return atomic_load_explicit(&map_leaves[page / LEAF_PAGES % LEAVES], memory_order_relaxed);
}

/*
 * Whether an address is the allocator's, of a live block or not. Needs no lock: who has a
 * block has its leaf. No address has more bits; of what is none, heap_block() looks at all.
 */
static inline bool map_owns(const void *address)
{
	size_t chunk = (uintptr_t)address / CHUNK;
	struct leaf *leaf = map_leaf(page_of(address));

	return leaf && atomic_load_explicit(&leaf->owned[chunk % LEAF_CHUNKS / 64],
					    memory_order_relaxed) >> chunk % 64 & 1;
}

/* Makes room for what is known of these pages: 0 or -ENOMEM. Needs no lock. */
int map_prepare(size_t page, size_t pages);

/* Both ends are those of chunks. */
void map_own(size_t page, size_t pages, bool own);

/* Whether a chunk of these pages is the allocator's. */
bool map_owns_any(size_t page, size_t pages);

/*
 * The next run of chunks at or after *chunk that are the allocator's: its length, and
 * *chunk is where it begins; 0: there is none.
 */
size_t map_owned_run(size_t *chunk);

/* Where the run begins in which a chunk is. */
size_t map_owned_from(size_t chunk);

/* The block that begins at a page. */
struct span *map_block(size_t page);

/* Whether it is this one; of any page. */
bool map_block_is(size_t page, const struct span *block);

/* The last one that begins at this page or before; NULL: none. Under the heap's lock. */
struct span *map_block_before(size_t page);

/* The first one that begins at this page or behind; NULL: none. Under the heap's lock. */
struct span *map_block_from(size_t page);
void map_set_block(size_t page, struct span *block);

/*
 * The span without a neighbour that ends where a chunk begins, or begins there; NULL: there
 * is none. So what is new finds its neighbours.
 */
struct span *map_edge(size_t chunk);
void map_set_edge(size_t chunk, struct span *span);

/*
 * dirty.c: dirty pages, those that may not read as zero. Whoever has the pages may change
 * what is known of them, without the lock. What is not dirty takes next to no time.
 */
void dirty_set(size_t page, size_t pages);
void dirty_clear(size_t page, size_t pages);

/* How many there are; counting ends when limit is reached. */
size_t dirty_count(size_t page, size_t pages, size_t limit);

/*
 * The next run of dirty pages at or after *page and before end: its length, and
 * *page is where it begins; 0: there is none.
 */
size_t dirty_run(size_t *page, size_t end);

/*
 * touched.c: which pages were touched since they were last zero
 */

struct touched {
	size_t pages;	/* in memory */
	size_t swapped;
	size_t prefix;	/* in memory and contiguous, from the first page on */
	bool is_filled;	/* pages in between are not, but rather zeroed than given back */
};

/*
 * Marks the touched pages as dirty; gives those back that are swapped out, which
 * is cheaper than to read them in for zeroing. An error: it cannot be known here; none
 * is marked.
 */
int touched_mark(size_t page, size_t pages, struct touched *touched);

/* The same of memory that is still wanted: nothing is given back. */
int touched_mark_live(size_t page, size_t pages, struct touched *touched);

/* Closes what is the parent's. */
void touched_after_fork(void);

/* Closes what is open for the looks. */
void touched_close(void);

/* Only counts. */
int touched_count(size_t page, size_t pages, struct touched *touched);

/*
 * costs.c: what this machine takes, in nanoseconds a page
 */

struct costs {
	float zero;	/* memset of memory at hand */
	float fault;	/* the first touch */
	float drop;	/* giving a page back */
	float call;	/* giving none back */
};

/* Measures at the first call: some 100 microseconds. */
struct costs costs_get(void);
void costs_after_fork(void);

/*
 * history.c: what becomes of a block when it is freed. One history for each eighth
 * of a doubling of sizes: blocks of one size are used alike.
 */

enum history_mode {
	HISTORY_LOOK,	/* look which pages were touched */
	HISTORY_DENSE,	/* all were, time and again: do not look */
	HISTORY_DROP	/* keeping does not pay: give back without looking */
};

struct history {
	float touched;	/* part of the pages; below 0: not known */
	float prefix;	/* part that is touched without a gap from the first page on, ... */
	float last_prefix; /* ... of the last two looks the smaller */
	uint8_t mode;
	uint8_t wait;	/* so many frees till the next look */
	uint8_t patience; /* to wait next time when keeping does not pay */
	uint8_t dense;	/* looks in a row that found the block dense */
	uint16_t unsampled, sample_wait; /* frees since the last sample, till the next */
	bool whole;	/* so small that it is rather zeroed as a whole */
	bool sample_dropped; /* a sample was the reason for the last drop */
	uint8_t lies;	/* so many times in a row that was wrong */
};

/* A block that is freed. */
struct use {
	size_t pages;
	size_t kept;	/* of them in memory when it was handed out */
	bool zeroed;	/* it had to read as zero then */
};

#define HISTORY_INITIAL { .touched = -1, .patience = 8, .sample_wait = 8 }

/*
 * What to do first. *sample: whether the block may lie in huge pages, and then whether
 * to take a sample.
 */
enum history_mode history_plan(struct history *history, const struct use *use, bool *sample);

/* No figure of a sample. */
#define NO_SAMPLE ((size_t)-1)

/*
 * After a look: whether the touched pages are kept, to be zeroed later. sample is
 * how many of them were really used, estimated, or NO_SAMPLE.
 */
bool history_keeps(struct history *history, const struct costs *costs, const struct use *use,
		   const struct touched *touched, size_t sample);

/* Which history is that of blocks of so many pages. */
#define HISTORIES 288
size_t history_index(size_t pages);

/* All of a block will be in memory, and that is no reason to learn anew. */
void history_fills(struct history *history);

/* A live block that was expected to be dense is not. */
void history_was_wrong(struct history *history);

/*
 * sample.c
 */

/*
 * Of count dirty pages in a block, how many hold anything but zeroes, estimated
 * from a few.
 */
size_t sample_used(size_t page, size_t pages, size_t count);

/* Whether a page, or a copy of one, holds nothing but zeroes. */
bool sample_is_zero(const uint64_t *words);

/*
 * spans.c: address space in use and not in use. All under the heap's lock.
 */

enum span_state {
	SPAN_FREE,
	SPAN_LIVE,
	SPAN_BUSY, /* a thread works on it without the lock */
	SPAN_LOST  /* what is there is not known, and nobody gets it */
};

/* What the program did to a block's mapping, by calls of its own. */
#define CHANGE_HUGE    1 /* huge pages are asked for or refused */
#define CHANGE_MAPPING 2 /* anything else */
#define CHANGE_ABSENT  4 /* that, and some of it is not there in the child of a fork */

/* A time that does not come: there is nothing in the span to give back. */
#define NEVER (UINT64_MAX >> 2)

/* Of a live block: where huge pages are asked for, in chunks. */
struct huge {
	uint32_t first;		/* from the chunk in which the block begins */
	uint32_t wanted, count;	/* from there on: expected to be dense, and asked for */
	uint32_t hoped;		/* asked for and not known to be written */
	uint32_t written;	/* of all of it: known to be written, or in memory before */
	uint32_t serial;	/* which of all blocks it is */
	bool is_linked;		/* it has yet to be looked at */
	bool is_wrong;		/* most of what is there was not written */
};

struct span {
	struct span *before, *after;	/* those that it touches */
	struct span *previous, *next;	/* free: others of about this size; busy: others */
	struct span *newer, *older;	/* free: others, by time; live: see huge.c */
	size_t page, pages;
	size_t dirty;			/* pages; of a live block, when it was handed out */
	uint64_t when;			/* milliseconds; free since */
	enum span_state state;
	uint32_t owner;			/* busy: lock_owner() of the thread */
	/* A live block's: */
	uint8_t changes;		/* CHANGE_* */
	bool zeroed;			/* it had to read as zero */
	bool is_moved;			/* its pages came from elsewhere: a mapping of its own */
	bool is_counted;		/* in heap, see budget_add() */
	bool is_away;			/* see spans_detach() */
	size_t size;			/* bytes that were asked for */
	size_t expected, held;		/* pages, as counted in heap.live and heap.held */
	struct huge huge;
};

struct spans {
	size_t reserved;		/* pages of all */
	size_t cached;			/* dirty pages of the free ones */
	struct span *newest[2], *oldest[2]; /* free, but for those with NEVER: clean, dirty */
	struct span *busy;
};

extern struct spans spans;

/* Whether there are records for what one call of the heap may need, till the lock is left. */
bool spans_ready(void);

/* Address space anew, as a busy span, clean; NULL: there is none. Leaves the lock. */
struct span *spans_grow(size_t pages);

/* The span that has a page; NULL: it is not the allocator's. */
struct span *spans_at(size_t page);

/*
 * The best free span for a block, clean or dirty; NULL: none. need: its pages, the
 * first a multiple of alignment.
 */
struct span *spans_find(bool dirty, size_t need, size_t alignment);

/* A dirty span that is too short, but not together with the clean one behind it. */
struct span *spans_find_short(size_t need, size_t alignment);

static inline size_t span_end(const struct span *span)
{
	return span->page + span->pages;
}

/* How many whole chunks it has; *first is the page where they begin. */
static inline size_t span_chunks_from(const struct span *span, size_t *first)
{
	size_t end = span_end(span) & ~(size_t)(CHUNK_PAGES - 1);

	*first = whole_chunks(span->page);
	return *first < end ? (end - *first) / CHUNK_PAGES : 0;
}

static inline size_t span_chunks(const struct span *span)
{
	size_t first;

	return span_chunks_from(span, &first);
}

/* Where in a free span the block would begin. */
static inline size_t span_place(const struct span *span, size_t alignment)
{
	return (span->page + alignment - 1) & ~(alignment - 1);
}

static inline bool span_is_free(const struct span *span, bool dirty)
{
	return span && span->state == SPAN_FREE && !!span->dirty == dirty;
}

/* It is this thread's to work on. */
void spans_hold(struct span *span);

/* It is not any more, but live or lost. */
void spans_let_go(struct span *span, enum span_state state);

/* A free span becomes busy. */
void spans_take(struct span *span);

/*
 * A span that is not free is cut; the part from this page on is returned. What dirty
 * says of either part is for the caller to set.
 */
struct span *spans_split(struct span *span, size_t page);

/* Two that touch and are not free become one, the first. */
void spans_merge(struct span *first, struct span *second);

/*
 * A span that is not free becomes free, and perhaps part of a neighbour that is as
 * clean or dirty; dirty is set.
 */
void spans_free(struct span *span, uint64_t when);

/*
 * A busy span's addresses may become anybody's: it has no neighbours, and neither the table
 * nor the child of a fork takes them for the allocator's. What has its record knows it still.
 */
void spans_detach(struct span *span);

/* The addresses of a busy span are the allocator's. */
void spans_attach(struct span *span);

/* They are not; its record ends. */
void spans_forget(struct span *span);

/*
 * In the child of a fork, where a thread that is not there was changing what is above: makes
 * it all anew. Live blocks stay, and what this thread holds; all else becomes free.
 */
void spans_rebuild(void);

/*
 * huge.c: huge pages. What is about a block is under the heap's lock, unless it says otherwise.
 */

/* Of fresh address space, or such again. Needs no lock. */
void huge_fresh(size_t page, size_t pages);

/*
 * A block is live, and its first pages are expected to be touched all, so many: decides for
 * which of them huge pages are asked for.
 */
void huge_plan(struct span *block, size_t pages, size_t dense);

/* Asks for them. Without the lock. */
void huge_ask(const struct span *block);

/* Whether some of a block may be in huge pages. */
static inline bool huge_is_asked(const struct span *block)
{
	return block->huge.count || block->changes & CHANGE_HUGE;
}

/* It is not live any more, or becomes sparse: whether huge_refuse() is to follow. */
bool huge_end(struct span *block);

/* It has become shorter. */
void huge_shorten(struct span *block);

/* Takes back what was asked for, by whomever. Needs no lock. */
void huge_refuse(size_t page, size_t pages);

/*
 * What memory_move() has moved is one mapping, and what was asked for is so of all of it now.
 * False: that is more than may be, and huge_refuse() is to follow.
 */
bool huge_move(struct span *to, struct span *from);

/* Whether blocks are to be looked at, and looks at some, without the lock. */
bool huge_hopes(void);
void huge_verify(void);

/* In the child of a fork: nothing is counted; then, each live block. */
void huge_after_fork(void);
void huge_count(struct span *block);

/*
 * heap.c: the blocks
 */

#define HEAP_TOO_LARGE ((size_t)PTRDIFF_MAX - 2 * CHUNK)

struct counts {
	uint64_t blocks;	/* handed out */
	uint64_t allocated;	/* bytes, in whole pages, of those that had to read as zero */
	uint64_t zeroed;	/* bytes of those that were zeroed for it */
	uint64_t untouched, touched, whole; /* blocks, by what had to be zeroed of them:
					     * nothing, some pages, all */
	uint64_t kept, dropped;	/* blocks that were freed, by what became of their pages */
	uint64_t dropped_bytes;	/* given back when a block was freed */
	uint64_t released_bytes; /* and of cached memory */
};

struct heap {
	size_t live;		/* pages that live blocks are expected to touch */
	size_t held;		/* and those that they have in memory anyway */
	size_t used;		/* and all that they have */
	size_t blocks;		/* live ones */
	uint64_t now;		/* heap_now(); 0: nobody has asked since the lock was taken */
	struct counts counts;
};

extern struct heap heap;

/*
 * lock.c: the heap's lock. Not in a signal handler, if that interrupts who has it.
 */

void heap_lock(void);
void heap_unlock(void);

/* A name of this thread that no other has, the same in the child of its fork; never 0. */
uint32_t lock_owner(void);

/* Who has the lock; 0: nobody. */
uint32_t lock_holder(void);

/* In the child of a fork: this thread has it now, whoever had it. */
void lock_seize(void);

/*
 * fork.c: the child of a fork puts the allocator in order, by itself
 */

/* At the start of the program. */
void fork_begin(void);

/* Before the first block, under the lock. */
void fork_prepare(void);

/* Whether this is a child in which that is still to be done. */
bool fork_is_child(void);

/* Does it. */
void fork_settle(void);

/* Whether the former is known at all. */
bool fork_is_known(void);

/* NULL and ENOMEM. alignment: a power of two. */
void *heap_allocate(size_t size, size_t alignment, bool zero);
void heap_free(void *address, const char *function);

/* Whether the program has put something else where its block is, or may not write there. */
bool heap_is_changed(void *address, const char *function);

/* Of whole chunks; reads as zero. empty: for others to be moved there. */
void *heap_allocate_whole(size_t size, bool empty);

/*
 * Moves a block's pages to another block, of whole chunks both, which has more. False: they
 * are where they were, and the other block is freed.
 */
bool heap_move(struct span *block, void *to);

/*
 * The program has made a call that changes mappings: CHANGE_*, of any pages. Also in a handler
 * of a signal.
 */
void heap_note_change(size_t page, size_t pages, uint8_t change);

/* Some of it may be CHANGE_ABSENT from now on. */
void heap_expect_absent(void);

/* Whether some had to wait, and who has got the lock now notes them. */
extern _Atomic bool heap_has_waiting;
void heap_note_waiting(void);

/* Huge pages were asked for a block that is sparse. */
void heap_was_wrong(const struct span *block);

/* A busy span becomes free and fresh, whatever it was; or lost, if that cannot be. */
void heap_restore(struct span *span, uint64_t when);

/* In the child of a fork, under the lock. is_whole: nobody was changing anything. */
void heap_after_fork(bool is_whole);

static inline size_t pages_for(size_t size)
{
	return size ? (size + PAGE - 1) >> PAGE_SHIFT : 1;
}

/* What a block of so many pages takes of address space. */
size_t heap_span_pages(size_t pages);

/* The live block that begins at an address, or the end of the program. Under the lock. */
struct span *heap_block(const void *address, const char *function);

/*
 * The program does not need what is in a block any more: marks the touched pages as
 * dirty, or gives them back. How many are dirty. Leaves the lock meanwhile. is_huge: some of
 * it may be in huge pages.
 */
size_t heap_retire(struct span *block, bool is_huge);

/* So many pages are dirty; they are zeroed or not, and count as clean. */
void heap_clean(size_t page, size_t pages, size_t dirty, bool zero);

/* They are given back, or zeroed where that cannot be. */
void heap_drop(size_t page, size_t pages, size_t dirty);

/*
 * resize.c
 */

/* zero: what is behind the smaller of both sizes reads as zero. NULL and ENOMEM. */
void *heap_reallocate(void *address, size_t size, bool zero, const char *function);
void heap_reset(void *address, const char *function);

/*
 * inspect.c
 */

/* Bytes that were asked for, that may be used, that are in memory. */
size_t heap_size(void *address, const char *function);
size_t heap_usable(void *address, const char *function);
size_t heap_committed(void *address, const char *function);
void heap_statistics(struct tamalloc_statistics *statistics);

/* Without a look at pages. Bytes, but for the number of live blocks. */
struct heap_sizes {
	size_t blocks, live, cached;
};

struct heap_sizes heap_sizes(void);

/*
 * budget.c: how much memory is kept, and how long. Under the lock, which is left
 * while the kernel works.
 */

uint64_t now_milliseconds(void);

/* The same under the lock: the clock is read once until that is left. */
uint64_t heap_now(void);

/*
 * A block is live: its dirty and expected pages are set. fresh: so many are expected to
 * be touched that are not in memory yet.
 */
void budget_add(struct span *block, size_t fresh);

/* It is not any more, and had touched so many pages. */
void budget_remove(struct span *block, size_t touched);

/* Its size is another now. */
void budget_resize(struct span *block, size_t size);

/* Gives back what is above the cap, and what has been free for too long. */
void budget_settle(void);

/* The latter only, at once; a call of budget_settle() does it now and then. */
void budget_decay(void);

/* Gives back all that is free. */
void budget_trim(void);

/* Milliseconds until something has been free for too long; -1: nothing is free. */
int budget_next(void);

/* Some is free now that is to be given back. */
void budget_is_free(void);

/*
 * The following without the lock.
 */

/*
 * Who calls another allocator for fewer bytes than this need not call budget_small(): 0 while
 * something is free. Who stands in front of one says how many that are at most. It may be
 * read as it is: a call that misses a change is seen the next time.
 */
extern size_t budget_unseen;
void budget_see_from(size_t bytes);

/* Another allocator is asked for a small block: now and then, settles. */
void budget_small(void);

/* It has no memory: gives back all that is free, for it. Whether there was any. */
bool budget_lend(void);

/* After work on blocks: heeds how much memory is left, now and then. */
void budget_look(void);

/* How much must be cached that it is worth while: pages. */
#define BUDGET_HEED 4096

/* When something was last settled. */
extern _Atomic size_t budget_cached;

/* The former; 0 while so little may be cached that it will not be as much. */
extern _Atomic size_t budget_heeded_from;

static inline void budget_heed(void)
{
	if (atomic_load_explicit(&budget_cached, memory_order_relaxed) >=
	    atomic_load_explicit(&budget_heeded_from, memory_order_relaxed))
		budget_look();
}

/*
 * pressure.c
 */

/*
 * Pages that may be taken before there are none left in the machine or in a cgroup of this
 * process. enough: where it is less than that, exactly. False: somebody else is looking.
 */
bool pressure_left(size_t enough, size_t *pages);
void pressure_after_fork(void);

/*
 * background.c
 */

/* Memory has become free. */
void background_wake(void);
void background_after_fork(void);

/*
 * settings.c
 */

struct settings {
	size_t threshold;	/* bytes: the allocator's blocks have so many or more */
	_Atomic int decay;	/* milliseconds */
	_Atomic int cache;	/* percent */
	_Atomic int background;	/* 0 or 1; below 0: where there are threads */
	_Atomic int huge_pages;	/* 0 or 1 */
	bool audit;		/* wrong uses of blocks fault where they happen */
	unsigned char perturb;	/* freed blocks are full of it; 0: they are not */
};

extern struct settings settings;

/* Reads the environment, at the first call. */
void settings_read(void);

/*
 * misuse.c
 */

/* Says what is wrong with a pointer and ends the program. */
_Noreturn void misuse(const char *function, const void *pointer, const char *what);

/*
 * small.c: blocks of the C library, with a few bytes of ours before them
 */

void *small_allocate(size_t size, size_t alignment);
void small_free(void *address, const char *function);
/* Bytes that were asked for. */
size_t small_size(const void *address, const char *function);

#endif
