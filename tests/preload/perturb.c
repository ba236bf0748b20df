// SPDX-License-Identifier: MIT
/*
 * MALLOC_PERTURB_=165, or no such thing: perturb set|unset. "ours": what a block grows by is
 * written over, too, which the C library does for some.
 */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "need.h"

#define MIB ((size_t)1 << 20)

static int is_all(const unsigned char *bytes, size_t count, unsigned char value)
{
	return !count || (bytes[0] == value && !memcmp(bytes, bytes + 1, count - 1));
}

/* Out of the compiler's sight. */
static unsigned char *hide(void *block)
{
	static void *volatile hidden;

	hidden = block;
	NEED(hidden);
	return hidden;
}

int main(int argc, char **argv)
{
	int is_ours = argc > 2 && !strcmp(argv[2], "ours");
	int is_set = argc > 1 && !strcmp(argv[1], "set");

	for (int round = 0; round < 5; round++)
		for (size_t size = 300000; size < 9 * MIB; size *= 3) {
			unsigned char *block = hide(malloc(size));
			size_t usable;

			NEED(is_all(block, size, 0x5a) == is_set);
			memset(block, 0x11, size);
			usable = malloc_usable_size(block);
			memset(block, 0x11, usable);
			block = hide(realloc(block, size * 2));
			NEED(is_all(block, usable, 0x11));
			NEED(!is_ours || is_all(block + usable, size * 2 - usable, 0x5a));
			free(block);
			block = hide(aligned_alloc(4096, size));
			NEED(is_all(block, size, 0x5a) == is_set);
			free(block);
			block = hide(calloc(1, size));
			NEED(is_all(block, size, 0));
			memset(block, 0x11, size);
			free(block);
		}
	puts("well");
	return 0;
}
