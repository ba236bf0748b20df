/* SPDX-License-Identifier: MIT */
/* The last figures of one quantity, to be drawn as a graph that begins at 0. */
#ifndef TAM_TOP_HISTORY_H
#define TAM_TOP_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#define HISTORY_LENGTH 1024

struct history {
	uint64_t value[HISTORY_LENGTH];
	size_t count, next;
};

void history_add(struct history *history, uint64_t value);

/* What the graph's upper end stands for, a round number, to show so many values. */
uint64_t history_ceiling(const struct history *history, size_t values);

/*
 * The height of a value, in steps of which the ceiling has so many. The newest
 * value has age 0. What is not 0 is at least one step high; what has not been
 * seen is 0.
 */
unsigned int history_height(const struct history *history, size_t age,
			    uint64_t ceiling, unsigned int steps);

#endif
