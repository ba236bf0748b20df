// SPDX-License-Identifier: MIT
/*
 * When glibc's calloc() writes zeroes and when it trusts the kernel: the page
 * faults that calloc() itself takes for the same request, four times running,
 * as the mmap threshold slides.
 */
#include "proc.h"

#define SIZE (1UL << 20)

int main(void)
{
	/* The pages of stdio must not be counted: print at the end. */
	long faults[4];

	for (int i = 0; i < 4; i++) {
		long before = minor_faults();
		char *volatile p = calloc(1, SIZE);

		faults[i] = minor_faults() - before;
		if (!p)
			die("calloc");
		memset(p, 1, SIZE);
		free(p);
	}
	for (int i = 0; i < 4; i++)
		printf("calloc(1 MiB) number %d: %3ld page faults\n", i + 1,
		       faults[i]);
	return 0;
}
