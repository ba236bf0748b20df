// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Huge pages make the first touch of dense memory several times cheaper, and commit
 * up to 512 pages for one that a sparse block touches. So they are asked for where
 * blocks of this size have been dense, and refused elsewhere, as far as the system's
 * policy lets programs choose.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "allocator.h"

#define DIRECTORY "/sys/kernel/mm/transparent_hugepage"

static struct {
	bool asks;	/* MADV_HUGEPAGE has an effect */
	bool refuses;	/* so has MADV_NOHUGEPAGE */
} policy;

/* Where huge pages were asked for. */
static _Atomic size_t asked_chunks;

/* The word in brackets is the one in force. */
static void read_policy(const char *path)
{
	char text[128];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length;

	if (fd < 0)
		return;
	length = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (length <= 0)
		return;
	text[length] = 0;
	if (strstr(text, "[always]"))
		policy.asks = policy.refuses = true;
	if (strstr(text, "[madvise]"))
		policy.asks = true;
}

static void read_policies(void)
{
	int before = errno, state;
	char path[sizeof(DIRECTORY) + 40];

	/* The caller has the heap's lock. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	read_policy(DIRECTORY "/enabled");
	/* Sizes between a page and a chunk have each its own since Linux 6.8. */
	for (int size = 16; size < 2048; size *= 2) {
		snprintf(path, sizeof(path), DIRECTORY "/hugepages-%dkB/enabled", size);
		read_policy(path);
	}
	pthread_setcancelstate(state, NULL);
	errno = before;
}

static bool is_asked(size_t chunk)
{
	return atomic_load_explicit(map_huge(chunk), memory_order_relaxed) >> chunk % 64 & 1;
}

static void note(size_t chunk, size_t end, bool huge)
{
	for (; chunk < end; chunk++) {
		if (is_asked(chunk) == huge)
			continue;
		if (huge)
			atomic_fetch_or(map_huge(chunk), (uint64_t)1 << chunk % 64);
		else
			atomic_fetch_and(map_huge(chunk), ~((uint64_t)1 << chunk % 64));
		atomic_fetch_add(&asked_chunks, huge ? 1 : (size_t)-1);
	}
}

void huge_fresh(size_t page, size_t pages)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, read_policies);
	if (policy.refuses)
		memory_advise_huge(page, pages, false);
}

/* For the chunks of a range that are clean and otherwise: a dirty one is what it is. */
static void advise(size_t chunk, size_t end, bool huge)
{
	size_t first = chunk;

	for (; chunk <= end; chunk++) {
		if (chunk < end && is_asked(chunk) != huge &&
		    !dirty_count(chunk * CHUNK_PAGES, CHUNK_PAGES, 1))
			continue;
		if (chunk > first &&
		    !memory_advise_huge(first * CHUNK_PAGES, (chunk - first) * CHUNK_PAGES, huge))
			note(first, chunk, huge);
		first = chunk + 1;
	}
}

void huge_block(size_t page, size_t pages, size_t dense)
{
	/* Whole chunks, the dense ones of them, and those of which it has a part. */
	size_t first = (page + CHUNK_PAGES - 1) / CHUNK_PAGES, middle = first;
	size_t end = (page + pages + CHUNK_PAGES - 1) / CHUNK_PAGES;

	if (!policy.asks)
		return;
	if (atomic_load_explicit(&settings.huge_pages, memory_order_relaxed) &&
	    (page + dense) / CHUNK_PAGES > first)
		middle = (page + dense) / CHUNK_PAGES;
	if (middle > first)
		advise(first, middle, true);
	if (!atomic_load_explicit(&asked_chunks, memory_order_relaxed))
		return;
	advise(page / CHUNK_PAGES, first, false);
	if (middle < end)
		advise(middle, end, false);
}

bool huge_any(size_t page, size_t pages)
{
	size_t end = (page + pages) / CHUNK_PAGES;

	if (!atomic_load_explicit(&asked_chunks, memory_order_relaxed))
		return false;
	for (size_t chunk = page / CHUNK_PAGES; chunk < end; chunk++)
		if (is_asked(chunk))
			return true;
	return false;
}

void huge_forget(size_t page, size_t pages)
{
	if (atomic_load_explicit(&asked_chunks, memory_order_relaxed))
		note(page / CHUNK_PAGES, (page + pages) / CHUNK_PAGES, false);
}

void huge_renewed(size_t page, size_t pages)
{
	size_t first = whole_chunks(page), end = (page + pages) & ~(size_t)(CHUNK_PAGES - 1);

	if (first < end)
		huge_forget(first, end - first);
	if (policy.refuses)
		memory_advise_huge(page, pages, false);
}

void huge_note(size_t page, size_t pages)
{
	note(page / CHUNK_PAGES, (page + pages + CHUNK_PAGES - 1) / CHUNK_PAGES, true);
}

void huge_unasked(size_t page, size_t pages)
{
	size_t first = whole_chunks(page) / CHUNK_PAGES, end = (page + pages) / CHUNK_PAGES;

	if (!memory_advise_huge(page, pages, false) && first < end)
		note(first, end, false);
}

void huge_move(size_t to, size_t to_pages, size_t from, size_t pages)
{
	if (!atomic_load_explicit(&asked_chunks, memory_order_relaxed))
		return;
	note(to / CHUNK_PAGES, (to + to_pages) / CHUNK_PAGES, is_asked(from / CHUNK_PAGES));
	huge_forget(from, pages);
}
