/* SPDX-License-Identifier: MIT */
/* A list that is longer than the screen. */
#ifndef TAM_TOP_SCROLL_H
#define TAM_TOP_SCROLL_H

#include <stdbool.h>
#include <stddef.h>

struct scroll {
	size_t selected;
	size_t first; /* on the screen */
	size_t count; /* of the whole list */
	size_t page;  /* what fits on the screen */
};

/* Whether it is a key that moves the selection; then moves it. */
bool scroll_key(struct scroll *scroll, int key);

/* Brings the selection into a list of that length, and onto the screen. */
void scroll_fit(struct scroll *scroll, size_t count, size_t page);

#endif
