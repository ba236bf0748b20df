// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

/*
 * Length in bytes of the visible character at the start of text, 0 if there is
 * none. Characters without width are not visible: among them are those that
 * turn the direction of writing round.
 */
static size_t visible(const char *text, bool one_word)
{
	mbstate_t state = { 0 };
	size_t length;
	wchar_t wide;

	if (*text == '\\')
		return 0;
	/* Most are ASCII, in any locale. */
	if (*text > ' ' && *text < '\177')
		return 1;
	length = mbrtowc(&wide, text, strlen(text), &state);
	if (length == (size_t)-1 || length == (size_t)-2)
		return 0;
	if (!iswprint((wint_t)wide) || wcwidth(wide) < 1)
		return 0;
	if (one_word && iswspace((wint_t)wide))
		return 0;
	return length;
}

/* The value of the character at the start of text; 0 bytes: not UTF-8. */
static size_t decode(const unsigned char *text, uint32_t *character)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length;

	if (*text < 0x80)
		length = 1;
	else if (*text >= 0xc0 && *text < 0xf8)
		length = *text < 0xe0 ? 2 : *text < 0xf0 ? 3 : 4;
	else
		return 0;
	*character = length == 1 ? *text : *text & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		*character = *character << 6 | (text[i] & 0x3f);
	}
	if (*character < least[length] || *character > 0x10ffff ||
	    (*character >= 0xd800 && *character <= 0xdfff))
		return 0;
	return length;
}

/* As visible(), without a locale. */
static size_t harmless(const char *text)
{
	static const struct {
		uint32_t first, last;
	} harmful[] = {
		{ 0, 0x1f },	     { '\\', '\\' },	  { 0x7f, 0x9f },
		{ 0x61c, 0x61c },    { 0x200e, 0x200f },  { 0x2028, 0x202e },
		{ 0x2066, 0x2069 },
	};
	uint32_t character;
	size_t length = decode((const unsigned char *)text, &character);

	for (size_t i = 0; i < sizeof(harmful) / sizeof(harmful[0]); i++)
		if (length && character >= harmful[i].first && character <= harmful[i].last)
			return 0;
	return length;
}

/* Copies a character of that many bytes, or the byte escaped if there is none. */
static char *copy(char *out, const char **text, size_t length)
{
	if (!length)
		return out + sprintf(out, "\\x%02x", (unsigned char)*(*text)++);
	out = mempcpy(out, *text, length);
	*text += length;
	return out;
}

char *text_escape(const char *text, bool one_word)
{
	char *escaped = malloc(strlen(text) * 4 + 1);
	char *out = escaped;

	if (!escaped)
		return NULL;
	while (*text)
		out = copy(out, &text, visible(text, one_word));
	*out = '\0';
	return escaped;
}

bool text_next_utf8(const char **text, char piece[TEXT_PIECE])
{
	if (!**text)
		return false;
	*copy(piece, text, harmless(*text)) = '\0';
	return true;
}

size_t text_width(const char *escaped)
{
	mbstate_t state = { 0 };
	size_t width = 0;
	wchar_t wide;
	size_t length;

	for (; *escaped; escaped += length) {
		int columns;

		length = mbrtowc(&wide, escaped, strlen(escaped), &state);
		if (length == (size_t)-1 || length == (size_t)-2)
			return width + strlen(escaped);
		columns = wcwidth(wide);
		width += columns > 0 ? (size_t)columns : 0;
	}
	return width;
}

#define LONGEST_WORD 31

/* Letters put in, left out, changed or swapped with their neighbour. */
static size_t distance(const char *a, const char *b)
{
	size_t cost[LONGEST_WORD + 1][LONGEST_WORD + 1];
	size_t rows = strlen(a), columns = strlen(b);

	if (rows > LONGEST_WORD || columns > LONGEST_WORD)
		return SIZE_MAX / 2;
	for (size_t i = 0; i <= rows; i++) {
		for (size_t j = 0; j <= columns; j++) {
			size_t best;

			if (!i || !j) {
				cost[i][j] = i + j;
				continue;
			}
			best = cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			if (best > cost[i - 1][j] + 1)
				best = cost[i - 1][j] + 1;
			if (best > cost[i][j - 1] + 1)
				best = cost[i][j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && best > cost[i - 2][j - 2] + 1)
				best = cost[i - 2][j - 2] + 1;
			cost[i][j] = best;
		}
	}
	return cost[rows][columns];
}

const char *text_nearest(const char *word, const char *const *list)
{
	const char *nearest = NULL;
	size_t least = SIZE_MAX;

	for (; *list; list++) {
		size_t length = strlen(word);
		size_t common = length < strlen(*list) ? length : strlen(*list);
		size_t steps = distance(word, *list);

		/* One that begins the other means it; else half may be wrong. */
		if (!strncmp(word, *list, common))
			steps = 0;
		if (length && steps * 2 <= length && steps < least) {
			least = steps;
			nearest = *list;
		}
	}
	return nearest;
}
