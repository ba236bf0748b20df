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
	length = mbrtowc(&wide, text, strlen(text), &state);
	if (length == (size_t)-1 || length == (size_t)-2)
		return 0;
	if (!iswprint((wint_t)wide) || wcwidth(wide) < 1)
		return 0;
	if (one_word && iswspace((wint_t)wide))
		return 0;
	return length;
}

char *text_escape(const char *text, bool one_word)
{
	char *escaped = malloc(strlen(text) * 4 + 1);
	char *out = escaped;

	if (!escaped)
		return NULL;
	while (*text) {
		size_t length = visible(text, one_word);

		if (length) {
			out = mempcpy(out, text, length);
			text += length;
		} else {
			out += sprintf(out, "\\x%02x", (unsigned char)*text++);
		}
	}
	*out = '\0';
	return escaped;
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
