// SPDX-License-Identifier: MIT
#define NCURSES_WIDECHAR 1
#include "top-line.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#define CONTROL(letter) ((letter) & 0x1f)
#define ESCAPE 0x1b
#define DELETE 0x7f

void line_begin(struct line *line, const char *text)
{
	size_t length = mbstowcs(line->text, text, LINE_LENGTH);

	line->length = length == (size_t)-1 ? 0 : length;
	line->text[line->length] = L'\0';
	line->at = line->length;
}

/* Takes out the characters from one place up to another. */
static void take_out(struct line *line, size_t from, size_t to)
{
	wmemmove(line->text + from, line->text + to, line->length - to + 1);
	line->length -= to - from;
	line->at = from;
}

static void put_in(struct line *line, wint_t c)
{
	if (!iswprint(c) || line->length == LINE_LENGTH)
		return;
	wmemmove(line->text + line->at + 1, line->text + line->at,
		 line->length - line->at + 1);
	line->text[line->at++] = (wchar_t)c;
	line->length++;
}

/* Where the word before the place for typing begins. */
static size_t word_start(const struct line *line)
{
	size_t start = line->at;

	while (start && iswspace((wint_t)line->text[start - 1]))
		start--;
	while (start && !iswspace((wint_t)line->text[start - 1]))
		start--;
	return start;
}

/* One name for what terminals send as a code and as a character. */
static wint_t code_of(wint_t key, bool is_code)
{
	if (is_code)
		return key;
	switch (key) {
	case CONTROL('A'):
		return KEY_HOME;
	case CONTROL('B'):
		return KEY_LEFT;
	case CONTROL('D'):
		return KEY_DC;
	case CONTROL('E'):
		return KEY_END;
	case CONTROL('F'):
		return KEY_RIGHT;
	case CONTROL('H'):
	case DELETE:
		return KEY_BACKSPACE;
	case '\r':
	case '\n':
		return KEY_ENTER;
	default:
		return 0;
	}
}

enum line_result line_key(struct line *line, wint_t key, bool is_code)
{
	switch (code_of(key, is_code)) {
	case KEY_ENTER:
		return LINE_DONE;
	case KEY_LEFT:
		line->at -= line->at > 0;
		return LINE_GOES_ON;
	case KEY_RIGHT:
		line->at += line->at < line->length;
		return LINE_GOES_ON;
	case KEY_HOME:
		line->at = 0;
		return LINE_GOES_ON;
	case KEY_END:
		line->at = line->length;
		return LINE_GOES_ON;
	case KEY_BACKSPACE:
		if (line->at)
			take_out(line, line->at - 1, line->at);
		return LINE_GOES_ON;
	case KEY_DC:
		if (line->at < line->length)
			take_out(line, line->at, line->at + 1);
		return LINE_GOES_ON;
	}
	if (is_code)
		return LINE_GOES_ON;
	switch (key) {
	case ESCAPE:
	case CONTROL('G'):
		return LINE_CANCELLED;
	case CONTROL('U'):
		take_out(line, 0, line->at);
		break;
	case CONTROL('K'):
		take_out(line, line->at, line->length);
		break;
	case CONTROL('W'):
		take_out(line, word_start(line), line->at);
		break;
	default:
		put_in(line, key);
	}
	return LINE_GOES_ON;
}

char *line_text(const struct line *line)
{
	size_t size = line->length * MB_CUR_MAX + 1;
	char *text = malloc(size);

	/* Every character came in the locale's encoding. */
	if (text && wcstombs(text, line->text, size) == (size_t)-1)
		*text = '\0';
	return text;
}
