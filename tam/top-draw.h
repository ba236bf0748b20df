/* SPDX-License-Identifier: MIT */
/* The parts of the screen, between the rows first and end of stdscr. */
#ifndef TAM_TOP_DRAW_H
#define TAM_TOP_DRAW_H

#include "top.h"

/*
 * Writes a text at a place, cut or filled to width columns with the attributes
 * of ncurses. Filled to the left of a text that is to stand right.
 */
enum align { LEFT, RIGHT };
void draw_text(int row, int column, int width, enum align align, const char *text);

void draw_graph(const struct history *history, int first, int end);

struct draw_table {
	const struct column_list *columns;
	const struct column *key; /* of the order: it is never left out */
	const struct row **rows;
	size_t count;
	const struct machine *machine;
	struct scroll *scroll;
	size_t *width; /* of each column; they only grow */
};
void draw_table(const struct draw_table *table, int first, int end);

void draw_regions(struct top *top, int first, int end);
void draw_help(struct top *top, int first, int end);

#define DRAW_GREEN 1 /* the pair of colours of graphs */

#endif
