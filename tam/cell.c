// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "cell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "text.h"

#define NANOSECONDS 1000000000

/* Holds the longest of numbers and moments, and a bar. */
#define CELL_TEXT 64

/* The time of a start today, else the day, else the year; one word each. */
static void format_time(int64_t nanoseconds, char *text)
{
	time_t then = nanoseconds / NANOSECONDS, now = time(NULL);
	struct tm start, today;
	const char *how = "%Y";

	localtime_r(&then, &start);
	localtime_r(&now, &today);
	if (start.tm_year == today.tm_year)
		how = start.tm_yday == today.tm_yday ? "%H:%M" : "%b%d";
	strftime(text, CELL_TEXT, how, &start);
}

static void format_moment(int64_t nanoseconds, char *text)
{
	time_t then = nanoseconds / NANOSECONDS;
	struct tm start;

	localtime_r(&then, &start);
	strftime(text, CELL_TEXT, "%Y-%m-%dT%H:%M:%S%z", &start);
}

void cell_moment(int64_t nanoseconds, char *text)
{
	time_t then = nanoseconds / NANOSECONDS;
	struct tm start;

	gmtime_r(&then, &start);
	strftime(text, MOMENT_TEXT, "%Y-%m-%dT%H:%M:%SZ", &start);
}

/* Without blanks, so that it is one word. Whatever is not nothing shows. */
static void format_bar(int64_t thousandths, bool blocks, char *text)
{
	static const char *const parts[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
	int64_t eighths = thousandths * BAR_CELLS * 8 / 1000;
	int64_t full;

	if (thousandths && !eighths)
		eighths = 1;
	if (eighths > BAR_CELLS * 8)
		eighths = BAR_CELLS * 8;
	/* A part of a # is one. */
	full = blocks ? eighths / 8 : (eighths + 7) / 8;
	for (int64_t i = 0; i < BAR_CELLS; i++) {
		if (i < full)
			text = stpcpy(text, blocks ? "█" : "#");
		else if (blocks && i == full && eighths % 8)
			text = stpcpy(text, parts[eighths % 8]);
		else
			text = stpcpy(text, blocks ? "░" : ".");
	}
}

char *cell_format(const struct column *column, const struct value *value,
		  const struct style *style)
{
	char text[CELL_TEXT];

	if (!value->known)
		return strdup("-");
	switch (column->type) {
	case COLUMN_NUMBER:
		size_signed(text, value->number);
		break;
	case COLUMN_TENTHS:
		size_tenths(text, value->number);
		break;
	case COLUMN_SIZE:
		size_format(text, value->size, style->unit);
		break;
	case COLUMN_TEXT:
		/* One that is empty would not be seen to be there. */
		return text_escape(*value->text ? value->text : "?", style->one_word);
	case COLUMN_TIME:
		format_time(value->number, text);
		break;
	case COLUMN_MOMENT:
		format_moment(value->number, text);
		break;
	case COLUMN_BAR:
		format_bar(value->number, style->blocks, text);
		break;
	}
	return strdup(text);
}

void cell_header(const struct column *column, enum unit unit, char *text)
{
	static const char *const units[] = {
		[UNIT_KB] = "(KB)", [UNIT_HUMAN] = "", [UNIT_BYTES] = "(B)",
	};

	snprintf(text, HEADER_TEXT, "%s%s", column->header,
		 column->type == COLUMN_SIZE ? units[unit] : "");
}
