// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "internal.h"
#include "parse.h"

static void fill_restricted(int directory, struct tamalloc_system *record)
{
	int64_t value;
	char text[64];

	if (read_path(directory, "sys/vm/tamalloc_restrict", text, sizeof(text)) < 0 ||
	    !parse_signed(text, &value))
		return;
	record->restricted = (uint32_t)value;
	record->fields |= TAMALLOC_SYSTEM_RESTRICT;
}

static void fill_hidepid(int directory, struct tamalloc_system *record)
{
	int hidepid = -1;
	char *text;

	if (read_whole(directory, "self/mountinfo", &text) > 0)
		hidepid = parse_hidepid(text);
	free(text);
	if (hidepid < 0)
		return;
	record->hidepid = (uint32_t)hidepid;
	record->fields |= TAMALLOC_SYSTEM_HIDEPID;
}

static void fill_namespace(int directory, struct tamalloc_system *record)
{
	int is_first = in_first_pid_namespace(directory);

	if (is_first < 0)
		return;
	record->in_namespace = !is_first;
	record->fields |= TAMALLOC_SYSTEM_NAMESPACE;
}

static void fill_seccomp(int directory, struct tamalloc_system *record)
{
	struct status status;
	char *text;

	if (read_whole(directory, "thread-self/status", &text) < 0)
		return;
	parse_status(text, &status);
	free(text);
	if (!status.has_seccomp)
		return;
	record->seccomp = (uint32_t)status.seccomp;
	record->fields |= TAMALLOC_SYSTEM_SECCOMP;
}

/* Few, since cheap counters show nothing until there are 32 of one CPU's. */
#define PAGES_A_LOOK	8
#define LOOKS		5

static uint64_t resident_pages(int directory)
{
	struct statm statm = { 0 };
	char text[128];

	if (read_path(directory, "self/statm", text, sizeof(text)) < 0)
		return 0;
	parse_statm(text, &statm);
	return statm.resident;
}

/* Whether statm shows the pages that are touched between two looks, and no crowd. */
static bool statm_follows(int directory, volatile char *pages, size_t page)
{
	uint64_t before = resident_pages(directory), grown;

	for (size_t i = 0; i < PAGES_A_LOOK; i++)
		pages[i * page] = 1;
	grown = resident_pages(directory) - before;
	return grown >= PAGES_A_LOOK && grown < 3 * PAGES_A_LOOK;
}

/*
 * By looking, not by the kernel's version: stable updates bring exact sums to older
 * ones. Other threads may disturb a look, hence most of some decide.
 */
static void fill_statm(int directory, struct tamalloc_system *record)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = LOOKS * PAGES_A_LOOK * page;
	char *region = tamalloc_reserve(size);
	int followed = 0;

	if (!region)
		return;
	madvise(region, size, MADV_NOHUGEPAGE);
	/* The first reading may commit pages of its own. */
	if (resident_pages(directory)) {
		for (size_t i = 0; i < LOOKS; i++)
			followed += statm_follows(directory, region + i * PAGES_A_LOOK * page,
						  page);
		record->statm_is_exact = followed > LOOKS / 2;
		record->fields |= TAMALLOC_SYSTEM_STATM;
	}
	tamalloc_release(region, size);
}

int tamalloc_system(struct tamalloc_system *record, size_t size)
{
	struct tamalloc_system full = { 0 };
	struct rlimit limit;
	int directory;

	if (record_is_bad(size, SYSTEM_SIZE_FIRST))
		return -EINVAL;
	directory = open_proc();
	if (directory < 0)
		return directory;
	fill_restricted(directory, &full);
	fill_hidepid(directory, &full);
	fill_namespace(directory, &full);
	fill_seccomp(directory, &full);
	fill_statm(directory, &full);
	full.has_kcmp = !sharing_probe();
	full.fields |= TAMALLOC_SYSTEM_KCMP;
	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		full.open_files = limit.rlim_cur;
		full.fields |= TAMALLOC_SYSTEM_OPEN_FILES;
	}
	close(directory);
	record_copy(record, size, &full, sizeof(full));
	return 0;
}
