// SPDX-License-Identifier: MIT
/* /proc/PID/status. */
#include <inttypes.h>

#include "both-ways.h"
#include "parse.h"

enum line { ANONYMOUS, FILES, SHARED, PAGE_TABLES, SWAP, SECCOMP, LINES };

static const char *const formats[LINES] = {
	[ANONYMOUS] = "RssAnon:\t%8" PRIu64 " kB\n",
	[FILES] = "RssFile:\t%8" PRIu64 " kB\n",
	[SHARED] = "RssShmem:\t%8" PRIu64 " kB\n",
	[PAGE_TABLES] = "VmPTE:\t%8" PRIu64 " kB\n",
	[SWAP] = "VmSwap:\t%8" PRIu64 " kB\n",
	[SECCOMP] = "Seccomp:\t%" PRIu64 "\n",
};

static void check_text(const char *text)
{
	struct status status;

	parse_status(text, &status);
	EXPECT((status.anonymous | status.file | status.shared) % 1024 == 0);
	EXPECT((status.swap | status.page_tables) % 1024 == 0);
	if (!status.has_swap)
		EXPECT(!status.swap);
	if (!status.has_page_tables)
		EXPECT(!status.page_tables);
}

/* Some of the lines, among others that nobody asks for. */
static void check_values(struct bytes bytes)
{
	uint8_t there = take_byte(&bytes);
	struct status status;
	uint64_t value[LINES];
	char text[1024];
	size_t length;

	length = (size_t)snprintf(text, sizeof(text), "Name:\tRssAnon:\nState:\tS (sleeping)\n");
	for (int line = 0; line < LINES; line++) {
		value[line] = take_kilobytes(&bytes);
		if (!(there & 1U << line))
			continue;
		/* Each line is written by a format of the table above. */
		length += (size_t)snprintf(text + length, sizeof(text) - length,
					   formats[line], value[line]);
		length += (size_t)snprintf(text + length, sizeof(text) - length,
					   "Rss:\t 7 kB\nVmHWM:\t 7 kB\nSigQ:\t1/2\n");
	}
	parse_status(text, &status);
	EXPECT(status.has_parts == ((there & 7) == 7));
	if (status.has_parts) {
		EXPECT(status.anonymous == value[ANONYMOUS] * 1024);
		EXPECT(status.file == value[FILES] * 1024);
		EXPECT(status.shared == value[SHARED] * 1024);
	}
	EXPECT(status.has_page_tables == !!(there & 1U << PAGE_TABLES));
	if (status.has_page_tables)
		EXPECT(status.page_tables == value[PAGE_TABLES] * 1024);
	EXPECT(status.has_swap == !!(there & 1U << SWAP));
	if (status.has_swap)
		EXPECT(status.swap == value[SWAP] * 1024);
	EXPECT(status.has_seccomp == !!(there & 1U << SECCOMP));
	if (status.has_seccomp)
		EXPECT(status.seccomp == value[SECCOMP]);
}
