// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * A program that frees what it has not, or twice, must not go on: what it would write
 * next may be somebody else's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "allocator.h"

_Noreturn void misuse(const char *function, const void *pointer, const char *what)
{
	char line[256];
	int length = snprintf(line, sizeof(line), "tamalloc: %s(%p): %s\n", function, pointer,
			      what);

	if (length > 0 && write(STDERR_FILENO, line, (size_t)length) < 0)
		abort();
	abort();
}
