// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * What the C library tells about its memory, with ours added: a large block is to it what a
 * block is that it maps alone, and what is kept is free.
 */
#define _GNU_SOURCE
#pragma GCC visibility push(default)
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#pragma GCC visibility pop

#include "preload.h"

PUBLIC struct mallinfo __libc_mallinfo(void);

/* The fields of both records have the same names; those of the old one wrap, as ever. */
#define ADD(info, sizes)								\
	do {										\
		(info).arena += (__typeof__((info).arena))(sizes).cached;		\
		(info).fordblks += (__typeof__((info).fordblks))(sizes).cached;		\
		(info).keepcost += (__typeof__((info).keepcost))(sizes).cached;		\
		(info).hblks += (__typeof__((info).hblks))(sizes).blocks;		\
		(info).hblkhd += (__typeof__((info).hblkhd))(sizes).live;		\
	} while (0)

static struct mallinfo info_of_all(void)
{
	struct heap_sizes sizes = heap_sizes();
	struct mallinfo info = { 0 };

	if (next.mallinfo)
		info = next.mallinfo();
	ADD(info, sizes);
	return info;
}

struct mallinfo mallinfo(void)
{
	return info_of_all();
}

struct mallinfo __libc_mallinfo(void)
{
	return info_of_all();
}

#ifdef PRELOAD_MALLINFO2
struct mallinfo2 mallinfo2(void)
{
	struct heap_sizes sizes = heap_sizes();
	struct mallinfo2 info = { 0 };

	if (next.mallinfo2)
		info = next.mallinfo2();
	ADD(info, sizes);
	return info;
}
#endif

/* Writes the text with ours in its last line about blocks that are mapped alone. */
static int write_sum(const char *text, const struct heap_sizes *sizes, FILE *file)
{
	static const char start[] = "<total type=\"mmap\" count=\"";
	const char *line = NULL, *end;
	size_t count, size;

	for (const char *at = text; (at = strstr(at, start)); at++)
		line = at;
	end = line ? strstr(line, "/>") : NULL;
	if (!end || sscanf(line + strlen(start), "%zu\" size=\"%zu\"", &count, &size) != 2)
		return fputs(text, file);
	return fprintf(file, "%.*s%s%zu\" size=\"%zu\"%s", (int)(line - text), text, start,
		       count + sizes->blocks, size + sizes->live, end);
}

int malloc_info(int options, FILE *file)
{
	struct heap_sizes sizes = heap_sizes();
	size_t length;
	FILE *memory;
	char *text;
	int result;

	if (!next.malloc_info)
		return ENOSYS;
	memory = sizes.blocks ? open_memstream(&text, &length) : NULL;
	if (!memory)
		return next.malloc_info(options, file);
	result = next.malloc_info(options, memory);
	if (fclose(memory))
		return next.malloc_info(options, file);
	if (!result)
		write_sum(text, &sizes, file);
	/* It is the program's malloc(3) that the stream's text is of. */
	next.program_free(text);
	return result;
}

/* In the form of the C library, behind what that says. */
void malloc_stats(void)
{
	struct heap_sizes sizes = heap_sizes();

	if (next.malloc_stats)
		next.malloc_stats();
	fprintf(stderr, "tamalloc:\nsystem bytes     = %10zu\nin use bytes     = %10zu\n",
		sizes.live + sizes.cached, sizes.live);
}

/* Whether any was given back. */
int malloc_trim(size_t pad)
{
	bool has_trimmed = tamalloc_trim();

	if (next.malloc_trim && next.malloc_trim(pad))
		has_trimmed = true;
	return has_trimmed;
}
