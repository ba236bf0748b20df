// SPDX-License-Identifier: MIT
/*
 * sizes COUNT SIZE: so many blocks of a size are written to and freed, and so many KiB are
 * resident afterwards.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "need.h"

int main(int argc, char **argv)
{
	static char *blocks[10000];
	size_t count, size, pages;
	FILE *statm;

	NEED(argc == 3);
	count = strtoul(argv[1], NULL, 10);
	size = strtoul(argv[2], NULL, 10);
	NEED(count <= 10000);
	/* One block is freed early, as it is in a program that goes on: thresholds rise. */
	free(memset(malloc(size), 1, size));
	for (size_t i = 0; i < count; i++) {
		blocks[i] = malloc(size);
		NEED(blocks[i]);
		memset(blocks[i], 1, size);
	}
	for (size_t i = 0; i < count; i++)
		free(blocks[i]);
	statm = fopen("/proc/self/statm", "r");
	NEED(statm && fscanf(statm, "%*u %zu", &pages) == 1);
	printf("%zu\n", pages * (size_t)sysconf(_SC_PAGESIZE) / 1024);
	return 0;
}
