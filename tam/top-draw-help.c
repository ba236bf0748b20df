// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#define NCURSES_WIDECHAR 1
#include "top-draw.h"

#include <curses.h>

#include "intl.h"

#define KEY_WIDTH 13

static const struct {
	const char *key;
	const char *help;
} keys[] = {
	{ "q", N_("quit; from another page, go back") },
	{ "< >", N_("sort by the column to the left, to the right (also s)") },
	{ "C R P", N_("sort by committed memory, reserved memory, process id") },
	{ "r", N_("reverse the order") },
	{ "/", N_("show commands that match a regular expression (also f)") },
	{ "g", N_("group: by user, by command, by control group, not at all") },
	{ N_("Enter"), N_("show the regions of the selected process (also m)") },
	{ "i", N_("change the interval") },
	{ N_("Up Down"), N_("select; what is selected stays so wherever it goes") },
	{ N_("PgUp PgDn"), N_("select a screen away") },
	{ N_("Home End"), N_("select the first, the last") },
	{ "h", N_("this help (also ?)") },
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

static const char *const words[] = {
	"",
	N_("Reserved memory is address space; committed memory is what is resident."),
	N_("The graph shows the committed memory of all processes over time."),
};

#define WORDS (sizeof(words) / sizeof(words[0]))

void draw_help(struct top *top, int first, int end)
{
	struct scroll *scroll = &top->detail;

	scroll_fit(scroll, KEYS + WORDS, first < end ? (size_t)(end - first) : 0);
	/* There is nothing to select: the keys move the page. */
	for (size_t i = scroll->first; i < scroll->count && first < end; i++, first++) {
		if (i < KEYS) {
			draw_text(first, 0, KEY_WIDTH, LEFT, _(keys[i].key));
			draw_text(first, KEY_WIDTH, COLS, LEFT, _(keys[i].help));
		} else {
			draw_text(first, 0, COLS, LEFT,
				  *words[i - KEYS] ? _(words[i - KEYS]) : "");
		}
	}
}
