// SPDX-License-Identifier: MIT
/* A library that allocates as it is loaded, and frees as the program ends. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *small, *large;

static __attribute__((constructor)) void begin(void)
{
	small = calloc(1, 100);
	large = calloc(1, 3 << 20);
	if (!small || !large)
		abort();
	memset(large, 7, 3 << 20);
	large = realloc(large, 5 << 20);
	if (!large)
		abort();
}

static __attribute__((destructor)) void end(void)
{
	for (size_t i = 0; i < 3 << 20; i++)
		if (large[i] != 7)
			abort();
	free(large);
	free(small);
	/* As late as this. */
	free(calloc(1, 2 << 20));
	fputs("ended\n", stderr);
}

/* For a program that loads it by name: blocks that outlive it. */
void *give(size_t size);

void *give(size_t size)
{
	return calloc(1, size);
}
