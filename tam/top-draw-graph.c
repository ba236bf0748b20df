// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#define NCURSES_WIDECHAR 1
#include "top-draw.h"

#include <curses.h>

#include "top-terminal.h"

/* For the scale, left of the graph. */
#define SCALE_WIDTH 6

static const wchar_t *const blocks[] = {
	L" ", L"▁", L"▂", L"▃", L"▄", L"▅", L"▆", L"▇", L"█"
};
static const wchar_t *const letters[] = { L" ", L".", L":", L"#" };

/* One column, from the lowest row up. */
static void draw_column(int column, int first, int end, unsigned int height)
{
	bool fine = terminal_has_blocks();
	unsigned int steps = fine ? 8 : 3;

	for (int row = end - 1; row >= first && height; row--) {
		unsigned int part = height < steps ? height : steps;

		mvaddwstr(row, column, fine ? blocks[part] : letters[part]);
		height -= part;
	}
}

void draw_graph(const struct history *history, int first, int end)
{
	unsigned int steps = (unsigned int)(end - first) * (terminal_has_blocks() ? 8 : 3);
	size_t width = COLS > SCALE_WIDTH ? (size_t)(COLS - SCALE_WIDTH) : 0;
	uint64_t ceiling;
	char text[SIZE_TEXT];

	if (first >= end || !width)
		return;
	ceiling = history_ceiling(history, width);
	size_format(text, ceiling, UNIT_HUMAN);
	draw_text(first, 0, SCALE_WIDTH - 1, RIGHT, text);
	draw_text(end - 1, 0, SCALE_WIDTH - 1, RIGHT, "0");
	attron(COLOR_PAIR(DRAW_GREEN));
	for (size_t age = 0; age < width; age++)
		draw_column(COLS - 1 - (int)age, first, end,
			    history_height(history, age, ceiling, steps));
	attroff(COLOR_PAIR(DRAW_GREEN));
}
