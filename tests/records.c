// SPDX-License-Identifier: MIT
/*
 * Asks for every record of the library, as a program that was compiled with the header of
 * another version: records.t. TAP. With LATER the records of the header are longer than
 * today's, and end with what no library fills.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <tamalloc.h>

#include "end-with.h"

static int number;
static bool all_passed = true;

static void ok(bool passed, const char *name, int fill)
{
	printf("%s %d - %s, over bytes of %#x\n", passed ? "ok" : "not ok", ++number, name, fill);
	all_passed &= passed;
}

static bool is_all(const void *memory, int byte, size_t size)
{
	const unsigned char *bytes = memory;

	for (size_t i = 0; i < size; i++)
		if (bytes[i] != byte)
			return false;
	return true;
}

#ifdef LATER
#define IS_ZERO(record) is_all((record)->later, 0, sizeof((record)->later))
#else
#define IS_ZERO(record) true
#endif

/* A record as its caller knows it, and behind it memory that is not the library's. */
#define ASK(type, name, fill, call)						\
	do {									\
		struct { struct type record; char behind[64]; } all;		\
		struct type *record = &all.record;				\
										\
		memset(&all, fill, sizeof(all));				\
		ok((call) && IS_ZERO(record) &&					\
		   is_all(all.behind, fill, sizeof(all.behind)), name, fill);	\
	} while (0)

static void ask_each(int fill)
{
	struct tamalloc_iterator *iterator;
	struct tamalloc_regions *regions;
	struct tamalloc_oom *oom;

	if (tamalloc_iterator_open(&iterator, TAMALLOC_COMMITTED, 0) ||
	    tamalloc_regions_open(&regions, getpid()) || tamalloc_oom_open(&oom, NULL)) {
		ok(false, "all can be opened", fill);
		return;
	}
	ASK(tamalloc_process, "tamalloc_process", fill,
	    !tamalloc_process(getpid(), TAMALLOC_COMMITTED, record, sizeof(*record)) &&
	    record->pid == getpid() && record->committed > 0);
	ASK(tamalloc_process, "tamalloc_iterator_next", fill,
	    tamalloc_iterator_next(iterator, record, sizeof(*record)) == 1 && record->pid > 0);
	ASK(tamalloc_process, "tamalloc_oom_next", fill,
	    tamalloc_oom_next(oom, record, sizeof(*record)) == 1 && record->pid > 0);
	ASK(tamalloc_oom_domain, "tamalloc_oom_domain", fill,
	    !tamalloc_oom_domain(oom, record, sizeof(*record)) && record->total > 0);
	ASK(tamalloc_total, "tamalloc_total", fill,
	    !tamalloc_total(TAMALLOC_TOTAL_MEMORY, record, sizeof(*record)) &&
	    record->memory > 0);
	ASK(tamalloc_region, "tamalloc_regions_next", fill,
	    tamalloc_regions_next(regions, record, sizeof(*record)) == 1 &&
	    record->reserved > 0 && record->name);
	ASK(tamalloc_statistics, "tamalloc_statistics", fill,
	    !tamalloc_statistics(record, sizeof(*record)) && record->blocks == 1);
	ASK(tamalloc_system, "tamalloc_system", fill,
	    !tamalloc_system(record, sizeof(*record)) && record->open_files > 0);
	tamalloc_oom_close(oom);
	tamalloc_regions_close(regions);
	tamalloc_iterator_close(iterator);
}

/* The function of this name in the library, as it has been since 0.3.0, and its record. */
struct first_victim {
	int32_t pid;
	uint32_t bond;
};

typedef ssize_t first_victims(const struct tamalloc_oom *, pid_t, struct first_victim *, size_t);

static void ask_victims(pid_t twin, int fill)
{
	struct { struct tamalloc_oom_victim list[3]; char behind[64]; } all;
	struct { struct first_victim list[3]; char behind[64]; } first;
	struct tamalloc_oom *oom;
	first_victims *ask_first = (first_victims *)dlsym(RTLD_DEFAULT, "tamalloc_oom_victims");

	memset(&all, fill, sizeof(all));
	memset(&first, fill, sizeof(first));
	if (tamalloc_oom_open(&oom, NULL)) {
		ok(false, "tamalloc_oom_open", fill);
		return;
	}
	ok(tamalloc_oom_victims(oom, getpid(), all.list, 3) == 2 &&
	   all.list[0].pid == getpid() && all.list[0].bond == TAMALLOC_BOND_ITSELF &&
	   all.list[1].pid == twin && all.list[1].bond == TAMALLOC_BOND_ADDRESS_SPACE &&
	   IS_ZERO(&all.list[0]) && IS_ZERO(&all.list[1]) &&
	   is_all(&all.list[2], fill, sizeof(all.list[2]) + sizeof(all.behind)),
	   "tamalloc_oom_victims", fill);
	ok(ask_first && ask_first(oom, getpid(), first.list, 3) == 2 &&
	   first.list[0].pid == getpid() && first.list[0].bond == TAMALLOC_BOND_ITSELF &&
	   first.list[1].pid == twin && first.list[1].bond == TAMALLOC_BOND_ADDRESS_SPACE &&
	   is_all(&first.list[2], fill, sizeof(first.list[2]) + sizeof(first.behind)),
	   "tamalloc_oom_victims of 0.3.0", fill);
	tamalloc_oom_close(oom);
}

static int sleep_beside(void *parent)
{
	end_with(*(pid_t *)parent);
	while (pause())
		;
	return 0;
}

int main(void)
{
	static const int fills[] = { 0, 0x5a };
	static char stack[65536] __attribute__((aligned(16)));
	void *block = tamalloc(1 << 20);
	pid_t self = getpid(), twin;

	tamalloc_set_backend(TAMALLOC_PROC);
	for (size_t i = 0; i < 2; i++)
		ask_each(fills[i]);
	twin = clone(sleep_beside, stack + sizeof(stack), CLONE_VM | SIGCHLD, &self);
	for (size_t i = 0; i < 2; i++)
		ask_victims(twin, fills[i]);
	kill(twin, SIGKILL);
	waitpid(twin, NULL, 0);
	tamfree(block);
	printf("1..%d\n", number);
	return !all_passed;
}
