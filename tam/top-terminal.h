/* SPDX-License-Identifier: MIT */
/*
 * The terminal of the live view: taken with ncurses, and given back on every
 * way out, a crash among them.
 */
#ifndef TAM_TOP_TERMINAL_H
#define TAM_TOP_TERMINAL_H

#include <stdbool.h>

enum terminal_event {
	TERMINAL_TIME,	   /* the time is up */
	TERMINAL_INPUT,	   /* a key, or the terminal's size, waits for get_wch() */
	TERMINAL_RETURNED, /* after a stop (Ctrl+Z): nothing is on the screen */
	TERMINAL_STOP,	   /* Ctrl+C or SIGTERM: the end, as wished */
	TERMINAL_GONE,	   /* there is no terminal any more */
};

/* Whether TERM names a terminal with a cursor that can be moved; else a message. */
bool terminal_is_usable(void);

/* False, with a message, when it cannot be had. */
bool terminal_take(void);

void terminal_give_back(void);

/*
 * Waits for an event. SIGHUP and SIGQUIT give the terminal back and end the
 * program as if it had not handled them.
 */
enum terminal_event terminal_wait(double seconds);

/* Whether block characters can be shown. */
bool terminal_has_blocks(void);

#endif
