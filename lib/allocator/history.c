// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * The rule by which touched memory is kept or given back; doc/allocator.md derives
 * it. Pure: nothing here looks at memory.
 */
#include "allocator.h"

#define WAIT		15 /* frees between two looks at what is always alike */
#define DENSE_LOOKS	2
#define SAMPLE_LEAST	8  /* frees between two samples */
#define SAMPLE_MOST	128
#define SAMPLE_RARE	4096
#define LIES		3  /* in a row, and samples are not believed any more */
#define PATIENCE_LEAST	8  /* frees */
#define PATIENCE_MOST	64

/* Zeroing the gaps of a block as dense as this costs less than looking for them. */
static bool is_dense(size_t touched, size_t pages)
{
	return touched >= pages - pages / 16;
}

enum history_mode history_plan(struct history *history, const struct use *use, bool *sample)
{
	bool huge = *sample;

	*sample = false;
	if (history->unsampled < SAMPLE_RARE)
		history->unsampled++;
	if (history->mode != HISTORY_LOOK && history->wait) {
		history->wait--;
		/* Giving back also what others had touched is not what was found good. */
		if (history->mode == HISTORY_DENSE || !use->kept)
			return history->mode;
	}
	if (history->lies >= LIES)
		return HISTORY_LOOK;
	if (!use->kept) {
		/* What looks dense may be a huge page of which a little was used. */
		*sample = huge;
	} else if (use->zeroed &&
		   (history->touched < 0 || history->unsampled >= history->sample_wait)) {
		history->unsampled = 0;
		*sample = true;
	}
	return HISTORY_LOOK;
}

/* How many pages the program touched, as far as that is known. */
static float find_touched(struct history *history, const struct use *use, float now,
			  float swapped, float fresh, size_t sample)
{
	float before = history->touched * (float)use->pages, touched = before;

	if (sample != NO_SAMPLE) {
		touched = (float)sample;
		if (!use->kept)
			return touched;
	} else if (!use->kept) {
		touched = now + swapped;
		/* Now it is certain: was the sample right? Pages that hold zeroes or were
		 * only read look unused to it. Or the program has changed: but not each time. */
		if (history->sample_dropped)
			history->lies = touched > 4 * before + 16 ? history->lies + 1 : 0;
		history->sample_dropped = false;
	}
	return touched > fresh ? touched : fresh;
}

static void note_shape(struct history *history, const struct use *use,
		       const struct touched *touched)
{
	float prefix = (float)touched->prefix / (float)use->pages;

	/* What was kept may look longer than what was touched. */
	if (prefix > history->touched)
		prefix = history->touched;
	history->prefix = prefix < history->last_prefix ? prefix : history->last_prefix;
	history->last_prefix = prefix;
	if (!is_dense(touched->pages, use->pages))
		history->dense = 0;
	else if (history->dense < DENSE_LOOKS)
		history->dense++;
}

/* Keeping the pages of this block does not pay: nor will it for a while. */
static void lose_patience(struct history *history)
{
	history->mode = HISTORY_DROP;
	history->wait = history->patience;
	history->dense = 0;
	if (history->patience < PATIENCE_MOST)
		history->patience *= 2;
}

/* Zeroing all of it, time and again, costs less than faulting in what changes. */
static bool is_small(const struct use *use, const struct costs *costs, float used)
{
	return (float)use->pages * costs->zero <=
	       1.5f * (used * (costs->fault + costs->drop) + costs->call);
}

void history_fills(struct history *history)
{
	history->sample_wait = SAMPLE_RARE;
}

/*
 * Little of what is kept is used: give it back once, and see what is touched then. If it
 * pays all the same, more and more seldom, for it may be another part each time.
 */
static bool learns_anew(struct history *history, bool drops, float used, float now)
{
	if (!drops && used >= now / 2) {
		history->sample_wait = SAMPLE_LEAST;
		return false;
	}
	if (!drops && history->sample_wait < SAMPLE_MOST)
		history->sample_wait *= 2;
	history->mode = HISTORY_LOOK;
	history->dense = 0;
	return true;
}

bool history_keeps(struct history *history, const struct costs *costs, const struct use *use,
		   const struct touched *touched, size_t sample)
{
	float now = (float)touched->pages, kept = (float)use->kept;
	float fresh = now > kept ? now - kept : 0;
	float swapped = (float)touched->swapped;
	float used = find_touched(history, use, now, swapped, fresh, sample), believed;

	believed = history->touched < 0 || sample == NO_SAMPLE ?
			   used : history->touched * (float)use->pages;
	history->touched = used / (float)use->pages;
	note_shape(history, use, touched);
	if (!use->kept && sample != NO_SAMPLE) {
		history->sample_dropped = used < now / 2;
		if (history->sample_dropped)
			return false;
	}
	if (use->kept) {
		/* Of the pages that were kept, so many were used again: each saved one
		 * page that is given back and one first touch. */
		float gain = (used - fresh) * (costs->fault + costs->drop);
		float price = use->zeroed ? kept * costs->zero : 0;
		bool drops = gain < price;

		if (!drops)
			history->patience = PATIENCE_LEAST;
		history->whole = (drops || history->whole) && is_small(use, costs, used);
		if (drops && history->whole) {
			/* In the end all of it is in memory. */
			history_fills(history);
			drops = false;
		} else if (drops && (believed - fresh) * (costs->fault + costs->drop) < price) {
			/* What was known before a sample says so, too. */
			lose_patience(history);
		} else if (sample != NO_SAMPLE) {
			drops = learns_anew(history, drops, used, now);
		}
		history->sample_dropped = drops && sample != NO_SAMPLE;
		if (drops)
			return false;
	}
	history->mode = HISTORY_LOOK;
	if (history->dense == DENSE_LOOKS) {
		history->mode = HISTORY_DENSE;
		history->wait = WAIT;
	} else if (!touched->pages && !touched->swapped) {
		/* To give back what is not there takes less than a look. */
		history->mode = HISTORY_DROP;
		history->wait = WAIT;
	}
	return true;
}

void history_was_wrong(struct history *history)
{
	history->prefix = history->last_prefix = 0;
	history->dense = 0;
}

/* Eighths of a doubling, from BLOCK_MIN on. */
size_t history_index(size_t pages)
{
	unsigned int power = 63 - (unsigned int)__builtin_clzll(pages);
	size_t index = (power - 4) * 8 + (pages >> (power - 3) & 7);

	return index < HISTORIES ? index : HISTORIES - 1;
}
