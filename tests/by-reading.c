// SPDX-License-Identifier: MIT
/*
 * Prints how many KB of memory it commits on this kernel to read KB of it that nobody has
 * written to: 0 with the zero page, else the same number.
 *
 *	by-reading KB
 */
#include <stdio.h>
#include <stdlib.h>

#include "by-reading.h"

int main(int argc, char **argv)
{
	size_t size = argc == 2 ? strtoul(argv[1], NULL, 10) * 1024 : 0;

	if (!size)
		errx(125, "usage: by-reading KB");
	printf("%zu\n", committed_by_reading(size) / 1024);
}
