// SPDX-License-Identifier: MIT
/*
 * Blocks grow and shrink until there is no address space, in a program that uses all that
 * malloc_usable_size(3) tells: every byte of the smaller of both sizes is there afterwards.
 */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "need.h"

#define BLOCKS 40

/* Of most pages one byte, and all of the last ones. */
static size_t after(size_t place, size_t end)
{
	return end - place > 8192 ? place + 2048 : place + 1;
}

/* Another byte at each place and of each block. */
static unsigned char byte_at(size_t place, size_t block)
{
	return (unsigned char)(place * 7 + (place >> 8) + block * 31 + 1);
}

int main(void)
{
	struct rlimit limit = { 60 << 20, 60 << 20 };
	unsigned char *blocks[BLOCKS] = { 0 };
	size_t usable[BLOCKS] = { 0 };
	int done = 0, wrong = 0;
	uint64_t state = 1;

	NEED(!setrlimit(RLIMIT_AS, &limit));
	for (int turn = 0; turn < 4000; turn++) {
		unsigned char *block;
		size_t which, size, kept, i;

		state = state * 6364136223846793005 + 1442695040888963407;
		which = (state >> 33) % BLOCKS;
		size = (state >> 40) % (4 << 20) + 1;
		block = realloc(blocks[which], size);
		if (!block)
			continue;
		done++;
		kept = usable[which] < size ? usable[which] : size;
		/* Where the places of old are is told by the old size. */
		for (i = 0; i < kept && block[i] == byte_at(i, which); i = after(i, usable[which]))
			;
		wrong += i < kept;
		blocks[which] = block;
		usable[which] = malloc_usable_size(block);
		for (i = 0; i < usable[which]; i = after(i, usable[which]))
			block[i] = byte_at(i, which);
	}
	NEED(done > 500);
	if (wrong)
		printf("%d of %d lost bytes\n", wrong, done);
	else
		puts("well");
	return 0;
}
