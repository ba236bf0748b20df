/* SPDX-License-Identifier: MIT */
/* The live view: its state, which keys change and the screen shows. */
#ifndef TAM_TOP_H
#define TAM_TOP_H

#include "layout.h"
#include "size.h"
#include "top-history.h"
#include "top-line.h"
#include "top-model.h"
#include "top-scroll.h"

enum top_page { PAGE_TABLE, PAGE_REGIONS, PAGE_HELP };

enum top_prompt { PROMPT_NONE, PROMPT_FILTER, PROMPT_INTERVAL };

struct top_regions {
	pid_t pid;
	char *command; /* escaped */
	int error;     /* negative errno: there are none to show */
	struct layout layout;
	const struct row **rows; /* the largest first */
	size_t width[COLUMNS_MAX];
};

struct top {
	struct model model;
	struct history history; /* of committed memory */
	double interval;	/* seconds */
	char *expression;	/* the filter's; NULL: none */

	enum top_page page;
	enum top_prompt prompt;
	struct line line;	/* of the prompt */
	char message[256];	/* until the next key */

	struct scroll table;
	pid_t followed; /* stays selected wherever it goes; 0: the line does */
	size_t width[COLUMNS_MAX]; /* of the table's columns; they only grow */

	struct scroll detail; /* the place in the other pages */
	struct top_regions regions;
};

/* Read the next round, or show the last one differently; 0 or a negative errno. */
int top_read(struct top *top);
int top_arrange(struct top *top);

/*
 * Takes a key: what get_wch() gave; is_code: one of KEY_*. 0, 1 for the end, or
 * a negative errno.
 */
int top_key(struct top *top, wint_t key, bool is_code);

/* Draws the screen, of which the terminal gets what has changed. */
void top_draw(struct top *top);

void top_free(struct top *top);

/* Until the user ends it; returns the exit status. */
int top_live(struct top *top);

/* Tables on stdout, so many, or for ever with 0; returns the exit status. */
int top_batch(struct top *top, unsigned long rounds);

#endif
