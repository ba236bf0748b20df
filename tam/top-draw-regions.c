// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#define NCURSES_WIDECHAR 1
#include "top-draw.h"

#include <curses.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "intl.h"

static const char *const names[] = {
	"address", "reserved", "committed", "bar", "access", "tamalloc", "name"
};

static struct column_list columns(void)
{
	struct column_list list = { 0 };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		column_list_add(&list, layout_column_find(names[i]));
	return list;
}

static void draw_title(const struct top_regions *regions, int line)
{
	const struct tamalloc_region *total = &regions->layout.total.region;
	char reserved[SIZE_TEXT], committed[SIZE_TEXT] = "-";
	char text[512];

	size_format(reserved, total->reserved, UNIT_HUMAN);
	if (total->fields & TAMALLOC_REGION_MEMORY)
		size_format(committed, total->committed, UNIT_HUMAN);
	switch (regions->error) {
	case 0:
		snprintf(text, sizeof(text),
			 ngettext("process %d, %s: %zu region, reserved %s, committed %s",
				  "process %d, %s: %zu regions, reserved %s, committed %s",
				  regions->layout.count),
			 regions->pid, regions->command, regions->layout.count, reserved,
			 committed);
		break;
	case -ESRCH:
	case -EINVAL: /* it is a zombie */
		snprintf(text, sizeof(text), _("process %d, %s: has ended"), regions->pid,
			 regions->command);
		break;
	case -EACCES:
	case -EPERM:
		snprintf(text, sizeof(text),
			 _("process %d, %s: its regions may not be seen by this user"),
			 regions->pid, regions->command);
		break;
	default:
		snprintf(text, sizeof(text), _("process %d, %s: %s"), regions->pid,
			 regions->command, strerror(-regions->error));
	}
	attron(A_BOLD);
	draw_text(line, 0, COLS, LEFT, text);
	attroff(A_BOLD);
}

void draw_regions(struct top *top, int first, int end)
{
	struct top_regions *regions = &top->regions;
	const struct column_list list = columns();
	const struct draw_table table = {
		.columns = &list,
		.key = layout_column_find("reserved"),
		.rows = regions->rows,
		.count = regions->layout.count,
		.machine = &top->model.machine,
		.scroll = &top->detail,
		.width = regions->width,
	};

	if (first < end)
		draw_title(regions, first++);
	draw_table(&table, first, end);
}
