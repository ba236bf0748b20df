/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
#ifndef PRELOAD_LOADED_H
#define PRELOAD_LOADED_H

#include <stdbool.h>

/*
 * Whether a library that was loaded after this one has a symbol: dlsym(3) leaves an error
 * where it is asked for one that is not there, and of that allocates and frees the text.
 */
bool loaded_behind(const char *name);

/*
 * What is behind a name in a loaded library that has the companion, too: in that in which
 * the caller's code is, else in the first one. This library itself does not count.
 * NULL: there is none.
 */
void *loaded_find(const char *name, const char *companion, const void *caller);

#endif
