// SPDX-License-Identifier: MIT
/*
 * What the C library tells of a program's memory, of 256 MiB in four blocks. "ours": the
 * allocator's own line is there.
 */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "need.h"

#define MIB ((size_t)1 << 20)

/* The last of these is that of all arenas. */
static void read_mapped(size_t *count, size_t *size)
{
	static const char start[] = "<total type=\"mmap\" count=\"";
	char *text = NULL, *line = NULL;
	size_t length;
	FILE *memory = open_memstream(&text, &length);

	NEED(memory && !malloc_info(0, memory) && !fclose(memory));
	for (char *at = text; (at = strstr(at, start)); at++)
		line = at;
	NEED(line && sscanf(line + strlen(start), "%zu\" size=\"%zu\"/>", count, size) == 2);
	NEED(!strcmp(text + length - 10, "</malloc>\n"));
	free(text);
}

int main(int argc, char **argv)
{
	size_t count, size, count_before, size_before;
	struct mallinfo2 before = mallinfo2(), now;
	char *blocks[4], text[65536];
	int saved = dup(2);
	FILE *file = tmpfile();

	read_mapped(&count_before, &size_before);
	for (int i = 0; i < 4; i++) {
		blocks[i] = malloc(64 * MIB);
		NEED(blocks[i]);
		memset(blocks[i], 1, MIB);
	}
	now = mallinfo2();
	NEED(now.hblks - before.hblks == 4);
	NEED(now.hblkhd - before.hblkhd >= 256 * MIB && now.hblkhd - before.hblkhd < 257 * MIB);
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
	NEED((size_t)mallinfo().hblkhd == now.hblkhd && (size_t)mallinfo().hblks == now.hblks);
	read_mapped(&count, &size);
	NEED(count - count_before == 4);
	NEED(size - size_before >= 256 * MIB && size - size_before < 257 * MIB);
	NEED(malloc_info(1, stdout));
	NEED(file && dup2(fileno(file), 2) == 2);
	malloc_stats();
	NEED(dup2(saved, 2) == 2);
	rewind(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	NEED(strstr(text, "Total (incl. mmap):"));
	if (argc > 1 && !strcmp(argv[1], "ours")) {
		char *line = strstr(text, "tamalloc:\nsystem bytes");

		NEED(line && sscanf(strstr(line, "in use"), "in use bytes = %zu", &size) == 1);
		NEED(size == 256 * MIB);
	}
	for (int i = 0; i < 4; i++)
		free(blocks[i]);
	malloc_trim(0);
	now = mallinfo2();
	NEED(now.hblks == before.hblks && now.hblkhd == before.hblkhd);
	/* Nothing is kept after that. */
	NEED(now.fordblks < before.fordblks + MIB);
	puts("well");
	return 0;
}
