/* SPDX-License-Identifier: GPL-2.0 */
/* Reading /proc/self/maps and /proc/self/smaps. */
#ifndef TAMALLOC_SELFTEST_MAPS_H
#define TAMALLOC_SELFTEST_MAPS_H

#include "common.h"

struct mapping {
	unsigned long start;
	unsigned long end;
	char mode[5];
	char name[64];
};

/* Finds the mapping that holds address. */
static inline int find_mapping(const void *address, struct mapping *found)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	struct mapping map;
	char line[512];
	int result = -1;

	if (!maps)
		return -1;
	while (fgets(line, sizeof(line), maps)) {
		map.name[0] = '\0';
		if (sscanf(line, "%lx-%lx %4s %*s %*s %*s %63s", &map.start,
			   &map.end, map.mode, map.name) < 3)
			break;
		if ((unsigned long)address < map.start ||
		    (unsigned long)address >= map.end)
			continue;
		*found = map;
		result = 0;
		break;
	}
	fclose(maps);
	return result;
}

static inline int count_mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];
	int count = 0;

	if (!maps)
		return -1;
	while (fgets(line, sizeof(line), maps))
		count++;
	fclose(maps);
	return count;
}

/* Copies the line VmFlags of the mapping that starts at start. */
static inline int vm_flags_of(const void *start, char *flags, size_t size)
{
	FILE *smaps = fopen("/proc/self/smaps", "re");
	unsigned long first, last;
	bool inside = false;
	char line[512];
	int result = -1;

	if (!smaps)
		return -1;
	while (fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%lx-%lx ", &first, &last) == 2)
			inside = (unsigned long)start >= first &&
				 (unsigned long)start < last;
		if (!inside || strncmp(line, "VmFlags:", 8))
			continue;
		snprintf(flags, size, "%.*s", (int)size - 1, line + 8);
		result = 0;
		break;
	}
	fclose(smaps);
	return result;
}

#endif /* TAMALLOC_SELFTEST_MAPS_H */
