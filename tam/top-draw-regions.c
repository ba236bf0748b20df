// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#define NCURSES_WIDECHAR 1
#include "top-draw.h"

#include <curses.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "intl.h"
#include "text.h"

#define SIZES 4
#define CELL_WIDTH 9
#define ACCESS_WIDTH 6
#define NAME_PLACE (SIZES * (CELL_WIDTH + 1) + ACCESS_WIDTH + 1)

static void draw_title(const struct top *top, int line)
{
	const struct regions *regions = &top->regions;
	char reserved[SIZE_TEXT], committed[SIZE_TEXT];
	char text[512];

	size_format(reserved, regions->reserved, UNIT_HUMAN);
	if (regions->has_memory)
		size_format(committed, regions->committed, UNIT_HUMAN);
	else
		strcpy(committed, "-");
	switch (top->regions_error) {
	case 0:
		snprintf(text, sizeof(text),
			 ngettext("process %d, %s: %zu region, reserved %s, committed %s",
				  "process %d, %s: %zu regions, reserved %s, committed %s",
				  regions->count),
			 top->regions_of, top->regions_command, regions->count, reserved,
			 committed);
		break;
	case -ESRCH:
	case -EINVAL: /* it is a zombie */
		snprintf(text, sizeof(text), _("process %d, %s: has ended"),
			 top->regions_of, top->regions_command);
		break;
	case -EACCES:
	case -EPERM:
		snprintf(text, sizeof(text),
			 _("process %d, %s: its regions may not be seen by this user"),
			 top->regions_of, top->regions_command);
		break;
	default:
		snprintf(text, sizeof(text), _("process %d, %s: %s"), top->regions_of,
			 top->regions_command, strerror(-top->regions_error));
	}
	attron(A_BOLD);
	draw_text(line, 0, COLS, LEFT, text);
	attroff(A_BOLD);
}

static void draw_header(int line)
{
	static const char *const headers[SIZES] = { "RESERVED", "COMMITTED", "PRIVATE",
						    "SWAP" };

	attron(A_REVERSE);
	draw_text(line, 0, COLS, LEFT, "");
	for (int i = 0; i < SIZES; i++)
		draw_text(line, i * (CELL_WIDTH + 1), CELL_WIDTH, RIGHT, headers[i]);
	draw_text(line, SIZES * (CELL_WIDTH + 1), ACCESS_WIDTH, LEFT, "ACCESS");
	draw_text(line, NAME_PLACE, COLS, LEFT, "NAME");
	attroff(A_REVERSE);
}

static void draw_region(const struct tamalloc_region *region, int line)
{
	bool has_memory = region->fields & TAMALLOC_REGION_MEMORY;
	const uint64_t sizes[SIZES] = { region->reserved, region->committed,
					region->private_memory, region->swap };
	const char access[] = {
		region->access & TAMALLOC_READ ? 'r' : '-',
		region->access & TAMALLOC_WRITE ? 'w' : '-',
		region->access & TAMALLOC_EXECUTE ? 'x' : '-',
		region->access & TAMALLOC_MAP_SHARED ? 's' : 'p', '\0',
	};
	char *name = text_escape(*region->name ? region->name : "[anon]", false);
	char text[SIZE_TEXT];

	for (int i = 0; i < SIZES; i++) {
		size_format(text, sizes[i], UNIT_HUMAN);
		draw_text(line, i * (CELL_WIDTH + 1), CELL_WIDTH, RIGHT,
			  i && !has_memory ? "-" : text);
	}
	draw_text(line, SIZES * (CELL_WIDTH + 1), ACCESS_WIDTH, LEFT, access);
	draw_text(line, NAME_PLACE, COLS, LEFT, name ? name : "-");
	free(name);
}

void draw_regions(struct top *top, int first, int end)
{
	struct scroll *scroll = &top->detail;
	int line = first;

	if (line < end)
		draw_title(top, line++);
	if (line + 1 < end && top->regions.count)
		draw_header(line++);
	scroll_fit(scroll, top->regions.count, line < end ? (size_t)(end - line) : 0);
	for (size_t i = scroll->first; i < scroll->count && line < end; i++, line++) {
		bool is_selected = i == scroll->selected;
		attr_t attributes = (is_selected ? A_REVERSE : 0) |
				    (top->regions.list[i].is_tamalloc ? A_BOLD : 0);

		attron(attributes);
		draw_text(line, 0, COLS, LEFT, "");
		draw_region(&top->regions.list[i], line);
		attroff(attributes);
	}
}
