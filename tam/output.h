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

/*
 * Both return the exit status; a message says what failed, except to a reader
 * who has left.
 */

/* Shows the table of processes. */
int output_table(const char *what, const struct process_memory *list, size_t count);

/* Sends what was printed to stdout on its way. */
int output_flush(const char *what);

#endif
