/* SPDX-License-Identifier: MIT */
#ifndef TAM_OUTPUT_H
#define TAM_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "calls.h"

/*
 * Whether stdout may get colour and cursor control: a terminal that is not
 * dumb, and no NO_COLOR.
 */
bool output_is_styled(void);

/* The table of processes. Returns 0 or a negative errno. */
int output_table(const struct process_memory *list, size_t count);

/*
 * Sends what was written to stdout on its way. Returns the exit status: a
 * message says what failed, except to a reader who has left.
 */
int output_flush(const char *what);

#endif
