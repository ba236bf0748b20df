// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * What a page costs on this machine. On one, a first touch takes twenty times as
 * long as to zero a page, on another four times: constants would be wrong on most.
 */
#include <time.h>

#include "allocator.h"

#define PROBE 16 /* pages */

static _Atomic bool is_known;
static struct costs known;

static float nanoseconds(void)
{
	static struct timespec first;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!first.tv_sec)
		first = now;
	return (float)(now.tv_sec - first.tv_sec) * 1e9f + (float)(now.tv_nsec - first.tv_nsec);
}

/* Without the detour that a compiler may take around memory nobody reads. */
static void clear(void *memory, size_t size)
{
	memset(memory, 0, size);
	__asm__ volatile("" : : "r"(memory) : "memory");
}

/* How long the kernel and the processor took, in nanoseconds. */
struct spell {
	float touching, zeroing, dropping, calling;
};

static bool measure(struct spell *spell)
{
	char *memory = memory_reserve(CHUNK_PAGES);
	float start, touched, clearing, zeroed, dropped;

	if (!memory)
		return false;
	memory_advise_huge(page_of(memory), CHUNK_PAGES, false);
	/* The table of these pages is made with the first of them. */
	*(volatile char *)memory = 0;
	start = nanoseconds();
	for (size_t i = 1; i <= PROBE; i++)
		*(volatile char *)(memory + i * PAGE) = 1;
	touched = nanoseconds();
	/* The first time the memory comes nearer to the processor. */
	clear(memory + PAGE, PROBE * PAGE);
	clearing = nanoseconds();
	clear(memory + PAGE, PROBE * PAGE);
	clear(memory + PAGE, PROBE * PAGE);
	zeroed = nanoseconds();
	memory_drop(page_of(memory) + 1, PROBE);
	dropped = nanoseconds();
	memory_drop(page_of(memory) + 1, PROBE);
	spell->calling = nanoseconds() - dropped;
	spell->dropping = dropped - zeroed;
	spell->zeroing = zeroed - clearing;
	spell->touching = touched - start;
	memory_release(page_of(memory), CHUNK_PAGES);
	return true;
}

static float lesser(float one, float other)
{
	return one < other ? one : other;
}

/* An interruption makes a figure far too large: so each is the least of three. */
static void measure_all(struct costs *costs)
{
	struct spell least, spell;

	if (!measure(&least))
		return;
	for (int i = 0; i < 2 && measure(&spell); i++) {
		least.touching = lesser(least.touching, spell.touching);
		least.zeroing = lesser(least.zeroing, spell.zeroing);
		least.dropping = lesser(least.dropping, spell.dropping);
		least.calling = lesser(least.calling, spell.calling);
	}
	costs->fault = least.touching / PROBE;
	costs->zero = least.zeroing / (2 * PROBE);
	costs->call = lesser(least.calling, least.dropping);
	costs->drop = (least.dropping - costs->call) / PROBE;
}

static _Atomic bool is_measuring;

/* A thread that was measuring is not in this process. */
void costs_after_fork(void)
{
	atomic_store(&is_measuring, false);
}

struct costs costs_get(void)
{
	/* About right on many machines: for other threads meanwhile. */
	struct costs costs = { .zero = 100, .fault = 1000, .drop = 200, .call = 500 };

	if (atomic_load_explicit(&is_known, memory_order_acquire))
		return known;
	/* A clock may be a system call. */
	if (!look_plainly() || atomic_exchange(&is_measuring, true))
		return costs;
	measure_all(&costs);
	known = costs;
	atomic_store_explicit(&is_known, true, memory_order_release);
	return known;
}
