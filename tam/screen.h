/* SPDX-License-Identifier: MIT */
/*
 * For subcommands that go on until they are stopped: Ctrl+C and SIGTERM end
 * the program with status 0, and the terminal is always left as it was found.
 */
#ifndef TAM_SCREEN_H
#define TAM_SCREEN_H

#include <stdbool.h>

/* With whole, takes the terminal's alternate screen and hides the cursor. */
void screen_begin(bool whole);

/* Clears the screen, if it was taken. */
void screen_clear(void);

/* Gives the screen back; harmless when it was not taken. */
void screen_end(void);

/*
 * Calls show, which returns the exit status, once; or, with seconds, again every
 * so many, on the whole screen where stdout is a terminal, until it fails.
 */
int screen_show(int (*show)(const void *request), const void *request, double seconds);

/* Less where what was shown has to be shown again. */
void screen_sleep(double seconds);

#endif
