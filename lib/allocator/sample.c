// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * A page in memory that was zero when its block was handed out, and is zero now,
 * was most probably not used in between: the one way to learn that, short of
 * giving it back.
 */
#include "allocator.h"

#define SAMPLES 16

bool sample_is_zero(const uint64_t *words)
{
	for (size_t i = 0; i < PAGE / sizeof(words[0]); i += 4)
		if (words[i] | words[i + 1] | words[i + 2] | words[i + 3])
			return false;
	return true;
}

size_t sample_used(size_t page, size_t pages, size_t count)
{
	size_t end = page + pages, step = count / SAMPLES + 1, skip = step / 2;
	size_t seen = 0, used = 0, run;

	while ((run = dirty_run(&page, end))) {
		for (; skip < run; skip += step) {
			seen++;
			used += !sample_is_zero(address_of(page + skip));
		}
		skip -= run;
		page += run;
	}
	return seen ? count * used / seen : count;
}
