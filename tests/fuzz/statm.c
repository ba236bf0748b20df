// SPDX-License-Identifier: MIT
/* /proc/PID/statm, and the files that hold one number. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>

#include "both-ways.h"
#include "parse.h"

/* The same again by the C library. */
static bool read_number(const char **text, uint64_t *value)
{
	char *end;

	if (!isdigit((unsigned char)**text))
		return false;
	errno = 0;
	*value = strtoull(*text, &end, 10);
	*text = end;
	return !errno;
}

static bool ends(const char *text)
{
	return *text == '\0' || *text == '\n';
}

static bool read_fields(const char *text, uint64_t *field, int count)
{
	for (int i = 0; i < count; i++)
		if ((i && *text++ != ' ') || !read_number(&text, &field[i]))
			return false;
	return ends(text);
}

static void check_statm(const char *text)
{
	uint64_t field[7];
	struct statm statm;
	bool good = read_fields(text, field, 7);

	EXPECT(parse_statm(text, &statm) == good);
	if (!good)
		return;
	EXPECT(statm.size == field[0]);
	EXPECT(statm.resident == field[1]);
	EXPECT(statm.text == field[3]);
	EXPECT(statm.data == field[5]);
}

static void check_signed(const char *text)
{
	const char *digits = text + (*text == '-');
	uint64_t magnitude;
	int64_t value;
	bool good = read_number(&digits, &magnitude) && ends(digits) &&
		    magnitude <= INT64_MAX;

	EXPECT(parse_signed(text, &value) == good);
	if (good)
		EXPECT(value == strtoll(text, NULL, 10));
}

static void check_text(const char *text)
{
	check_statm(text);
	check_signed(text);
}

static void check_values(struct bytes bytes)
{
	uint64_t field[7];
	struct statm statm;
	char text[256];
	int64_t value;

	for (int i = 0; i < 7; i++)
		field[i] = take_number(&bytes);
	snprintf(text, sizeof(text),
		 "%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
		 " %" PRIu64 "\n", field[0], field[1], field[2], field[3], field[4],
		 field[5], field[6]);
	EXPECT(parse_statm(text, &statm));
	EXPECT(statm.size == field[0] && statm.resident == field[1]);
	EXPECT(statm.text == field[3] && statm.data == field[5]);

	if (field[0] == UINT64_C(1) << 63)
		return; /* has no counterpart that is positive */
	snprintf(text, sizeof(text), "%" PRId64 "\n", (int64_t)field[0]);
	EXPECT(parse_signed(text, &value));
	EXPECT(value == (int64_t)field[0]);
}
