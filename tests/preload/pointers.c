// SPDX-License-Identifier: MIT
/*
 * pointers NAME: of a loaded library's memory that can be written to, how many words point to
 * code: whoever can write to one of them decides what the program does next.
 */
#define _GNU_SOURCE
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "need.h"

struct range {
	uintptr_t start, end;
};

static struct range code[2000], data[100];
static size_t codes, datas;

static struct range loaded;

static int find(struct dl_phdr_info *library, size_t size, void *name)
{
	(void)size;
	if (!strstr(library->dlpi_name, name))
		return 0;
	for (size_t i = 0; i < library->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &library->dlpi_phdr[i];
		uintptr_t start = library->dlpi_addr + part->p_vaddr;

		if (part->p_type != PT_LOAD)
			continue;
		if (!loaded.start)
			loaded.start = start;
		loaded.end = start + part->p_memsz;
	}
	return 1;
}

int main(int argc, char **argv)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[5000];
	size_t found = 0;

	/* All is in use once. */
	free(malloc(100));
	free(malloc(1 << 20));
	NEED(argc == 2 && maps && dl_iterate_phdr(find, argv[1]));
	while (fgets(line, sizeof(line), maps)) {
		struct range range;
		char may[5];

		NEED(sscanf(line, "%zx-%zx %4s", &range.start, &range.end, may) == 3);
		if (may[2] == 'x')
			code[codes++] = range;
		else if (may[1] == 'w' && range.end > loaded.start && range.start < loaded.end)
			data[datas++] = range;
		NEED(codes < 2000 && datas < 100);
	}
	NEED(codes && datas);
	for (size_t i = 0; i < datas; i++) {
		uintptr_t start = data[i].start < loaded.start ? loaded.start : data[i].start;
		uintptr_t end = data[i].end < loaded.end ? data[i].end : loaded.end;

		for (; start + sizeof(uintptr_t) <= end; start += sizeof(uintptr_t))
			for (size_t j = 0; j < codes; j++)
				found += *(uintptr_t *)start - code[j].start <
					 code[j].end - code[j].start;
	}
	printf("%zu\n", found);
	return 0;
}
