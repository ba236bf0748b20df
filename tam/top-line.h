/* SPDX-License-Identifier: MIT */
/* A line that the user types. */
#ifndef TAM_TOP_LINE_H
#define TAM_TOP_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

#define LINE_LENGTH 255

struct line {
	wchar_t text[LINE_LENGTH + 1];
	size_t length;
	size_t at; /* where the next character goes */
};

enum line_result { LINE_GOES_ON, LINE_DONE, LINE_CANCELLED };

/* Begins with text, the place for typing after it. */
void line_begin(struct line *line, const char *text);

/* key: what get_wch() gave; is_code: not a character, but one of KEY_*. */
enum line_result line_key(struct line *line, wint_t key, bool is_code);

/* The line in the locale's encoding; the caller frees it. NULL: no memory. */
char *line_text(const struct line *line);

#endif
