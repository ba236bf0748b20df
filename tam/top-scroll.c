// SPDX-License-Identifier: MIT
#define NCURSES_WIDECHAR 1
#include "top-scroll.h"

#include <curses.h>

static void move_by(struct scroll *scroll, size_t lines, bool down)
{
	if (!down)
		scroll->selected -= lines < scroll->selected ? lines : scroll->selected;
	else
		scroll->selected += lines;
	scroll_fit(scroll, scroll->count, scroll->page);
}

bool scroll_key(struct scroll *scroll, int key)
{
	switch (key) {
	case KEY_UP:
	case KEY_DOWN:
		move_by(scroll, 1, key == KEY_DOWN);
		return true;
	case KEY_PPAGE:
	case KEY_NPAGE:
		move_by(scroll, scroll->page, key == KEY_NPAGE);
		return true;
	case KEY_HOME:
	case KEY_END:
		move_by(scroll, scroll->count, key == KEY_END);
		return true;
	default:
		return false;
	}
}

void scroll_fit(struct scroll *scroll, size_t count, size_t page)
{
	scroll->count = count;
	scroll->page = page;
	if (scroll->selected >= count)
		scroll->selected = count ? count - 1 : 0;
	if (scroll->first > scroll->selected)
		scroll->first = scroll->selected;
	if (page && scroll->selected - scroll->first >= page)
		scroll->first = scroll->selected - page + 1;
	/* No empty lines at the end while there are some before the first. */
	if (scroll->first + page > count)
		scroll->first = count > page ? count - page : 0;
}
