// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Which system calls may be made that malloc(3) of the C library does not make: to look at
 * memory, and for convenience. A filter of system calls, seccomp(2), may kill for one of them.
 *
 * Under a filter that a program was started with those may be made that the loader has made
 * to start it: files are opened and read. That is enough to see whether there is one. A
 * filter that a program sets up itself is not asked for, since that could be fatal: the preloaded
 * library notices it, and who links with the library says so.
 */
#include <stdlib.h>

#include "internal.h"

_Atomic int look_setting = -1;

enum { UNKNOWN, NO_FILTER, FILTER };
static _Atomic int known;

/* What /proc says of this thread; where that is not to be seen, the kernel is asked. */
static int find_filter(void)
{
	char text[4096], *found;
	ssize_t length = direct_text("/proc/thread-self/status", text, sizeof(text));

	found = strstr(text, "\nSeccomp:");
	if (found)
		return strtol(found + strlen("\nSeccomp:"), NULL, 10) ? FILTER : NO_FILTER;
	/* A kernel without filters has no such line. */
	if (length > 0)
		return NO_FILTER;
	return direct_has_filter() > 0 ? FILTER : NO_FILTER;
}

bool look_plainly(void)
{
	return look_setting;
}

bool look_fully(void)
{
	int setting = look_setting;

	if (setting >= 0)
		return setting;
	if (known == UNKNOWN)
		known = find_filter();
	return known == NO_FILTER;
}
