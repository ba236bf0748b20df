/* SPDX-License-Identifier: MIT */
/*
 * Comma-separated values as in RFC 4180, one record a line: names are escaped
 * as text_next_utf8() does, which leaves no line break in them. Lines end as
 * they do elsewhere here, without a carriage return.
 */
#ifndef TAM_CSV_H
#define TAM_CSV_H

#include <stdbool.h>
#include <stdio.h>

/* The next field; one that is NULL is empty. */
void csv_field(FILE *out, bool is_first, const char *text);

#endif
