// SPDX-License-Identifier: MIT
/* /proc/meminfo. */
#include <inttypes.h>

#include "both-ways.h"
#include "parse.h"

enum line { MEMORY, AVAILABLE, SWAP, SWAP_FREE, LIMIT, CHARGE, LINES };

static const char *const keys[LINES] = {
	[MEMORY] = "MemTotal:", [AVAILABLE] = "MemAvailable:",
	[SWAP] = "SwapTotal:", [SWAP_FREE] = "SwapFree:",
	[LIMIT] = "CommitLimit:", [CHARGE] = "Committed_AS:",
};

static void check_text(const char *text)
{
	struct meminfo meminfo;

	parse_meminfo(text, &meminfo);
	EXPECT((meminfo.memory | meminfo.available | meminfo.swap | meminfo.swap_free |
		meminfo.commit_limit | meminfo.commit_charge) % 1024 == 0);
}

static bool both(uint8_t there, enum line a, enum line b)
{
	return there & 1U << a && there & 1U << b;
}

static void check_values(struct bytes bytes)
{
	uint8_t there = take_byte(&bytes);
	struct meminfo meminfo;
	uint64_t value[LINES];
	char text[1024];
	size_t length = 0;

	for (int line = 0; line < LINES; line++) {
		value[line] = take_kilobytes(&bytes);
		if (there & 1U << line)
			length += (size_t)snprintf(text + length, sizeof(text) - length,
						   "%-15s %8" PRIu64 " kB\n", keys[line],
						   value[line]);
		length += (size_t)snprintf(text + length, sizeof(text) - length,
					   "SwapCached: 7 kB\nHugePages_Total: 3\n");
	}
	parse_meminfo(text, &meminfo);
	EXPECT(meminfo.has_memory == both(there, MEMORY, AVAILABLE));
	EXPECT(meminfo.has_swap == both(there, SWAP, SWAP_FREE));
	EXPECT(meminfo.has_commit == both(there, LIMIT, CHARGE));
	if (meminfo.has_memory) {
		EXPECT(meminfo.memory == value[MEMORY] * 1024);
		EXPECT(meminfo.available == value[AVAILABLE] * 1024);
	}
	if (meminfo.has_swap) {
		EXPECT(meminfo.swap == value[SWAP] * 1024);
		EXPECT(meminfo.swap_free == value[SWAP_FREE] * 1024);
	}
	if (meminfo.has_commit) {
		EXPECT(meminfo.commit_limit == value[LIMIT] * 1024);
		EXPECT(meminfo.commit_charge == value[CHARGE] * 1024);
	}
}
