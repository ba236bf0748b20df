/* SPDX-License-Identifier: MIT */
/*
 * Views for machines: sizes in bytes, names of fields that do not change, what
 * is not known null or empty. A key that two columns share comes once. Both
 * return the exit status; what is for messages.
 */
#ifndef TAM_EXPORT_H
#define TAM_EXPORT_H

#include "view.h"

/* An object with an array of rows, and the total if there is one. */
int export_json(const char *what, const struct view *view);

/* Without a total, which would be taken for one more row. */
int export_csv(const char *what, const struct view *view);

#endif
