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
 * Takes the next character off text and puts it into piece, or its first byte
 * as \xNN: what is not UTF-8, control characters, those that turn the direction
 * of writing round or end a line, and backslashes, whatever the locale. False
 * at the end.
 */
#define TEXT_PIECE 5
bool text_next_utf8(const char **text, char piece[TEXT_PIECE]);

/* How many columns of a terminal an escaped text takes. */
size_t text_width(const char *escaped);

/*
 * The word of the NULL-terminated list that was most likely meant, or NULL if
 * none is near.
 */
const char *text_nearest(const char *word, const char *const *list);

#endif
