/* SPDX-License-Identifier: MIT */
#ifndef TAM_TABLE_H
#define TAM_TABLE_H

#include "view.h"

/*
 * Shows a table on stdout: on a terminal cut to its width, elsewhere each row is
 * one line and each cell one word. Returns the exit status; what is for messages.
 */
int table_show(const char *what, const struct view *view);

#endif
