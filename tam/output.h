/* SPDX-License-Identifier: MIT */
/*
 * stdout. The functions that return an int return the exit status; a message
 * says what failed, except to a reader who has left.
 */
#ifndef TAM_OUTPUT_H
#define TAM_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether stdout may get colour and cursor control: a terminal that is not
 * dumb, and no NO_COLOR.
 */
bool output_is_styled(void);

/* Columns and lines of the terminal. */
size_t output_width(void);
size_t output_height(void);

/* Prints a text, ends its last line if it does not, and sends it on its way. */
int output_text(const char *what, const char *text);

/* Sends what was printed to stdout on its way. */
int output_flush(const char *what);

#endif
