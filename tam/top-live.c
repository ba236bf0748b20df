// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#define NCURSES_WIDECHAR 1
#include "top.h"

#include <curses.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "intl.h"
#include "message.h"
#include "top-terminal.h"

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* The library keeps files open as far as the limit allows. */
static void raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* All keys that have come; 0, 1 for the end, or a negative errno. */
static int take_keys(struct top *top)
{
	int result = 0;
	int kind;
	wint_t key;

	while (!result && (kind = get_wch(&key)) != ERR)
		result = top_key(top, key, kind == KEY_CODE_YES);
	return result;
}

/* The first round has been read. Returns 1 for an end as wished, or a negative errno. */
static int live(struct top *top)
{
	double next = now() + top->interval;

	for (;;) {
		double interval = top->interval;
		int result = 0;

		if (now() >= next) {
			result = top_read(top);
			/* From the end of this one: a slow machine gets a rest. */
			next = now() + interval;
		}
		if (result)
			return result;
		top_draw(top);
		switch (terminal_wait(next > now() ? next - now() : 0)) {
		case TERMINAL_INPUT:
			result = take_keys(top);
			break;
		case TERMINAL_STOP:
			return 1;
		case TERMINAL_GONE:
			return 1;
		case TERMINAL_RETURNED:
			next = now();
			break;
		case TERMINAL_TIME:
			break;
		}
		if (result)
			return result;
		if (top->interval != interval)
			next = now() + top->interval;
	}
}

int top_live(struct top *top)
{
	int result;

	if (!isatty(STDOUT_FILENO))
		return usage("top", _("stdout is not a terminal; 'tam top -b' prints "
				      "tables as plain text"));
	if (!isatty(STDIN_FILENO))
		return usage("top", _("stdin is not a terminal, and keys come from there; "
				      "'tam top -b' needs none"));
	if (!terminal_is_usable())
		return EXIT_FAILED;
	raise_limit();
	/* What can fail does so before the screen is taken. */
	result = top_read(top);
	if (result)
		return fail_call("top", result);
	if (!terminal_take())
		return EXIT_FAILED;
	result = live(top);
	terminal_give_back();
	return result < 0 ? fail_call("top", result) : EXIT_DONE;
}
