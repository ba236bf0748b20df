/* SPDX-License-Identifier: MIT */
#ifndef TAM_TEXT_H
#define TAM_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Copies text so that it is safe to print: every byte of a character that is
 * not visible in the current locale becomes \xNN, and so does a backslash, to
 * keep the result unambiguous. With one_word, blanks as well. The caller frees
 * the result; NULL when there is no memory.
 */
char *text_escape(const char *text, bool one_word);

/*
 * The word of the NULL-terminated list that was most likely meant, or NULL if
 * none is near.
 */
const char *text_nearest(const char *word, const char *const *list);

#endif
