// SPDX-License-Identifier: MIT
/* /proc/PID/smaps and /proc/PID/maps, line by line. */
#include <errno.h>
#include <inttypes.h>

#include "both-ways.h"
#include "parse.h"

static void check_line(const char *line)
{
	struct region_line region;
	uint64_t bytes;

	if (parse_region(line, &region)) {
		const char *end = line + strcspn(line, "\n");

		/* No digit was lost. */
		errno = 0;
		EXPECT(strtoull(line, NULL, 16) == region.start && !errno);
		EXPECT(region.start <= region.end);
		EXPECT(region.name > line && region.name <= end);
		EXPECT(region.name + region.name_length == end);
		EXPECT(*region.name != ' ' && *region.name != '\t');
	}
	if (parse_kilobytes(line, "Rss:", &bytes))
		EXPECT(bytes % 1024 == 0 && !strncmp(line, "Rss:", 4));
}

static void check_text(const char *text)
{
	while (*text) {
		check_line(text);
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
}

static void check_values(struct bytes bytes)
{
	uint8_t access = take_byte(&bytes);
	struct region_line want = {
		.read = access & 1, .write = access & 2,
		.execute = access & 4, .shared = access & 8,
	}, got;
	char text[512], name[64] = "";
	size_t length = take_byte(&bytes) % sizeof(name);
	uint64_t kilobytes, told;

	want.start = take_number(&bytes);
	want.end = want.start + take_number(&bytes);
	want.offset = take_number(&bytes);
	if (want.end < want.start)
		want.end = UINT64_MAX;
	/* The kernel writes a newline as \012; a name begins with no blank. */
	for (size_t i = 0; i < length; i++) {
		char byte = (char)take_byte(&bytes);

		name[i] = !byte || byte == '\n' || (!i && strchr(" \t", byte)) ? '_' : byte;
	}
	snprintf(text, sizeof(text),
		 "%08" PRIx64 "-%08" PRIx64 " %c%c%c%c %08" PRIx64 " 08:01 1234567 %s%s\n",
		 want.start, want.end, want.read ? 'r' : '-', want.write ? 'w' : '-',
		 want.execute ? 'x' : '-', want.shared ? 's' : 'p', want.offset,
		 *name ? "                  " : "", name);
	EXPECT(parse_region(text, &got));
	EXPECT(got.start == want.start && got.end == want.end);
	EXPECT(got.offset == want.offset);
	EXPECT(got.read == want.read && got.write == want.write);
	EXPECT(got.execute == want.execute && got.shared == want.shared);
	EXPECT(got.name_length == strlen(name));
	EXPECT(!memcmp(got.name, name, got.name_length));

	kilobytes = take_kilobytes(&bytes);
	snprintf(text, sizeof(text), "Private_Dirty:  %8" PRIu64 " kB\n", kilobytes);
	EXPECT(parse_kilobytes(text, "Private_Dirty:", &told));
	EXPECT(told == kilobytes * 1024);
	EXPECT(!parse_kilobytes(text, "Private_Clean:", &told));
}
