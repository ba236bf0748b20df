/* SPDX-License-Identifier: MIT */
/* Users: their names are asked for once each. */
#ifndef TAM_USERS_H
#define TAM_USERS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The name of a user, or the number where it has no name. Good until the end
 * of the program. NULL when there is no memory.
 */
const char *users_name(uint32_t uid);

/* Takes a name or a number; false when there is no such name. */
bool users_find(const char *text, uint32_t *uid);

/* The name that was most likely meant, or NULL; the caller frees it. */
char *users_nearest(const char *name);

#endif
