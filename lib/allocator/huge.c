// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Huge pages make the first touch of dense memory several times cheaper, and commit
 * up to 512 pages for one that a sparse block touches. So they are asked for where
 * blocks of this size have been dense, and refused elsewhere, as far as the system's
 * policy lets programs choose. They are asked for in vain now and then: never for more than
 * a fixed amount and a part of what is known to be written. So blocks are looked at while
 * they live, and advice ends with the block that it was for.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <sys/param.h>

#include "allocator.h"

#define DIRECTORY "/sys/kernel/mm/transparent_hugepage"

static struct {
	bool asks;	/* MADV_HUGEPAGE has an effect */
	bool refuses;	/* so has MADV_NOHUGEPAGE */
} policy;

/* So many chunks, and this part of the written ones, may be asked for that are not written yet. */
#define HOPED_MOST  32
#define HOPED_PART  5

/* Of live blocks, in chunks: what is known to be written; what was only asked for. */
static size_t written, hoped;

/* Blocks that have yet to be looked at, by newer and older. */
static struct span *first_hoped, *last_hoped;
static _Atomic bool is_hoping;

/* The kernel, or a filter, lets nobody read a process's memory: what is written is not known. */
static _Atomic bool is_blind;

/* The word in brackets is the one in force. */
static void read_policy(const char *path)
{
	char text[128];

	if (direct_text(path, text, sizeof(text)) <= 0)
		return;
	if (strstr(text, "[always]"))
		policy.asks = policy.refuses = true;
	if (strstr(text, "[madvise]"))
		policy.asks = true;
}

static void read_policies(void)
{
	char path[sizeof(DIRECTORY) + 40];

	if (!look_plainly())
		return;

	read_policy(DIRECTORY "/enabled");
	/* Sizes between a page and a chunk have each its own since Linux 6.8. */
	for (int size = 16; size < 2048; size *= 2) {
		snprintf(path, sizeof(path), DIRECTORY "/hugepages-%dkB/enabled", size);
		read_policy(path);
	}
}

void huge_fresh(size_t page, size_t pages)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, read_policies);
	/* Also where they come by advice only: what has had some becomes one with the rest. */
	if (policy.asks)
		memory_advise_huge(page, pages, false);
}

/*
 * What is hoped for. Under the heap's lock.
 */

static void link_hoping(struct span *block)
{
	block->newer = NULL;
	block->older = last_hoped;
	*(last_hoped ? &last_hoped->newer : &first_hoped) = block;
	last_hoped = block;
	block->huge.is_linked = true;
	atomic_store_explicit(&is_hoping, true, memory_order_relaxed);
}

static void unlink_hoping(struct span *block)
{
	if (!block->huge.is_linked)
		return;
	*(block->newer ? &block->newer->older : &last_hoped) = block->older;
	*(block->older ? &block->older->newer : &first_hoped) = block->newer;
	block->huge.is_linked = false;
	if (!first_hoped)
		atomic_store_explicit(&is_hoping, false, memory_order_relaxed);
}

static void set_hoped(struct span *block, size_t chunks)
{
	hoped += chunks - block->huge.hoped;
	block->huge.hoped = (uint32_t)chunks;
}

static void set_written(struct span *block, size_t chunks)
{
	written += chunks - block->huge.written;
	block->huge.written = (uint32_t)chunks;
}

/* How much more may be hoped for. */
static size_t allowance(void)
{
	size_t most = HOPED_MOST;

	if (!atomic_load_explicit(&is_blind, memory_order_relaxed))
		most += written / HOPED_PART;
	return most > hoped ? most - hoped : 0;
}

void huge_plan(struct span *block, size_t pages, size_t dense)
{
	size_t chunk = (block->page + CHUNK_PAGES - 1) / CHUNK_PAGES, end;

	block->huge = (struct huge){ 0 };
	set_written(block, block->dirty / CHUNK_PAGES);
	if (!policy.asks || block->dirty >= pages ||
	    !atomic_load_explicit(&settings.huge_pages, memory_order_relaxed))
		return;
	end = (block->page + dense) / CHUNK_PAGES;
	/* A dirty one is what it is. */
	while (block->dirty && chunk < end && dirty_count(chunk * CHUNK_PAGES, CHUNK_PAGES, 1))
		chunk++;
	if (chunk >= end)
		return;
	block->huge.first = (uint32_t)(chunk - block->page / CHUNK_PAGES);
	block->huge.wanted = (uint32_t)(end - chunk);
	block->huge.count = (uint32_t)MIN(end - chunk, allowance());
	block->huge.serial = (uint32_t)heap.counts.blocks;
	set_hoped(block, block->huge.count);
	link_hoping(block);
}

bool huge_end(struct span *block)
{
	bool is_asked = huge_is_asked(block);

	unlink_hoping(block);
	set_hoped(block, 0);
	set_written(block, 0);
	block->huge = (struct huge){ 0 };
	return is_asked;
}

void huge_shorten(struct span *block)
{
	size_t first = block->page / CHUNK_PAGES + block->huge.first;
	size_t end = span_end(block) / CHUNK_PAGES, wanted = end > first ? end - first : 0;

	if (wanted >= block->huge.wanted)
		return;
	block->huge.wanted = (uint32_t)wanted;
	block->huge.count = MIN(block->huge.count, block->huge.wanted);
	set_hoped(block, MIN(block->huge.hoped, wanted));
	set_written(block, MIN(block->huge.written, block->pages / CHUNK_PAGES));
	if (!wanted)
		unlink_hoping(block);
}

bool huge_move(struct span *to, struct span *from)
{
	size_t chunks = to->pages / CHUNK_PAGES, more = chunks - from->pages / CHUNK_PAGES;
	struct huge huge = from->huge;

	huge_end(from);
	huge_end(to);
	if (!huge.count || huge.is_wrong)
		return true;
	if (more > allowance())
		return false;
	to->huge = (struct huge){
		.wanted = (uint32_t)chunks,
		.count = (uint32_t)chunks,
		.serial = (uint32_t)heap.counts.blocks,
	};
	set_hoped(to, MIN(chunks, huge.hoped + more));
	set_written(to, MIN(chunks, huge.written));
	link_hoping(to);
	return true;
}

void huge_after_fork(void)
{
	written = hoped = 0;
	first_hoped = last_hoped = NULL;
	atomic_store_explicit(&is_hoping, false, memory_order_relaxed);
}

void huge_count(struct span *block)
{
	hoped += block->huge.hoped;
	written += block->huge.written;
	if (block->huge.is_linked)
		link_hoping(block);
}

/*
 * Advice
 */

/* Another thread may have looked before, and refused them. */
void huge_ask(const struct span *block)
{
	bool is_wrong;

	if (!block->huge.count)
		return;
	memory_advise_huge((block->page / CHUNK_PAGES + block->huge.first) * CHUNK_PAGES,
			   block->huge.count * (size_t)CHUNK_PAGES, true);
	heap_lock();
	is_wrong = block->huge.is_wrong;
	heap_unlock();
	if (is_wrong)
		huge_refuse(block->page, block->pages);
}

void huge_refuse(size_t page, size_t pages)
{
	memory_advise_huge(page, pages, false);
}

/*
 * Looking at live blocks. Other threads write to them, or free them: so they are read as
 * another process's memory is, which fails where there is nothing.
 */

#define CHUNKS_SEEN  4 /* of a block */
#define PAGES_SEEN   2 /* of a chunk */
#define BLOCKS_SEEN  2 /* by one call */

struct sight {
	size_t chunks, present, dense;
	bool is_unknown; /* some of it could not be read */
};

static size_t random_below(size_t limit)
{
	static _Atomic uint32_t state = 1;
	uint32_t value = atomic_fetch_add_explicit(&state, 0x9e3779b9, memory_order_relaxed);

	value = (value ^ value >> 15) * 0x2c1b3c6d;
	return (value ^ value >> 13) % limit;
}

/* Pages that are not there would come into memory by being read. */
static bool is_present(size_t page)
{
	unsigned char state = 0;

	return !mapping_residency(address_of(page), PAGE, &state) && state & 1;
}

/* 1 or 0; below: it is not known. What is not there is as good as zero. */
static int is_written(size_t page)
{
	uint64_t words[PAGE / sizeof(uint64_t)];
	ssize_t got;

	if (!is_present(page))
		return 0;
	got = direct_copy(words, address_of(page), PAGE);
	if (got == -EPERM || got == -ENOSYS)
		atomic_store_explicit(&is_blind, true, memory_order_relaxed);
	return got != (ssize_t)PAGE ? -1 : !sample_is_zero(words);
}

static void look(size_t chunk, size_t chunks, struct sight *sight)
{
	*sight = (struct sight){ .chunks = MIN(chunks, CHUNKS_SEEN) };
	for (size_t i = 0; i < sight->chunks; i++) {
		/* One of each part. */
		size_t from = chunks * i / sight->chunks, to = chunks * (i + 1) / sight->chunks;
		size_t page = (chunk + from + random_below(to - from)) * CHUNK_PAGES;
		int used = 0;

		page += random_below(CHUNK_PAGES);
		if (!is_present(page))
			continue;
		sight->present++;
		for (int j = 0; j < PAGES_SEEN; j++) {
			int answer = is_written((page & ~(size_t)(CHUNK_PAGES - 1)) +
						random_below(CHUNK_PAGES));

			if (answer < 0) {
				sight->is_unknown = true;
				return;
			}
			used += answer;
		}
		sight->dense += 2 * used >= PAGES_SEEN;
	}
}

/* Of a block that has not been freed meanwhile. */
static void learn(struct span *block, const struct sight *sight)
{
	size_t count = block->huge.count;

	/* What is there does not change any more. */
	if (sight->present == sight->chunks)
		unlink_hoping(block);
	if (2 * sight->dense >= sight->present) {
		set_hoped(block, count - count * sight->dense / sight->chunks);
		set_written(block, block->dirty / CHUNK_PAGES +
				   block->huge.wanted * sight->dense / sight->chunks);
		return;
	}
	/* It was a mistake. What is there of it stays so. */
	heap_was_wrong(block);
	unlink_hoping(block);
	block->huge.is_wrong = true;
	set_hoped(block, (count * sight->present + sight->chunks - 1) / sight->chunks);
	if (count)
		huge_refuse(block->page, block->pages);
}

static bool verify_one(void)
{
	size_t page, chunk, chunks;
	struct span *block;
	struct sight sight;
	uint32_t serial;

	heap_lock();
	block = first_hoped;
	if (!block) {
		heap_unlock();
		return false;
	}
	unlink_hoping(block);
	/* What the program has mapped there is no huge page, and its own to read. */
	if (block->changes & CHANGE_MAPPING) {
		heap_unlock();
		return true;
	}
	/* It is the last to be looked at now. */
	link_hoping(block);
	page = block->page;
	chunk = page / CHUNK_PAGES + block->huge.first;
	chunks = block->huge.wanted;
	serial = block->huge.serial;
	heap_unlock();

	look(chunk, chunks, &sight);
	if (!sight.present || sight.is_unknown)
		return true;
	heap_lock();
	if (map_block_is(page, block) && block->state == SPAN_LIVE && block->huge.is_linked &&
	    block->huge.serial == serial)
		learn(block, &sight);
	heap_unlock();
	return true;
}

void huge_verify(void)
{
	for (int i = 0; i < BLOCKS_SEEN && verify_one(); i++)
		if (!atomic_load_explicit(&is_hoping, memory_order_relaxed))
			break;
}

bool huge_hopes(void)
{
	return atomic_load_explicit(&is_hoping, memory_order_relaxed) &&
	       !atomic_load_explicit(&is_blind, memory_order_relaxed) && look_fully();
}
