/* SPDX-License-Identifier: GPL-2.0 */
/* Asking for snapshots, and reading what /proc says about the same. */
#ifndef TAMALLOC_SELFTEST_SNAPSHOT_H
#define TAMALLOC_SELFTEST_SNAPSHOT_H

#include "common.h"

#define RECORD_SIZE	sizeof(struct tamalloc_record)
/* What the kernel fills before it copies: a page, or the last part of one. */
#define RECORDS_PER_PAGE	(PAGE / RECORD_SIZE)
#define NS_PER_TICK	10000000UL

/* For count records at the address, from the first process on. */
static inline struct tamalloc_snapshot request(void *records, uint32_t count)
{
	return (struct tamalloc_snapshot){
		.records = (uintptr_t)records,
		.record_size = RECORD_SIZE,
		.count = count,
	};
}

static inline long ask(struct tamalloc_snapshot *about)
{
	return snapshot(about, sizeof(*about));
}

/* The record of one process; returns 0, or -1 when there is none. */
static inline int record_of(pid_t pid, uint64_t flags,
			    struct tamalloc_record *record)
{
	struct tamalloc_snapshot about = request(record, 1);

	about.flags = flags;
	about.cursor = pid;
	return ask(&about) == 1 && record->pid == pid ? 0 : -1;
}

/*
 * The records of all processes, by calls with room for step each. Returns their
 * number, or -1 when a call fails, does not use its room, or there are more than
 * count.
 */
static inline int take_all(struct tamalloc_record *records, uint32_t count,
			   uint32_t step, uint64_t flags)
{
	struct tamalloc_snapshot about = { .cursor = 0 };
	uint32_t taken = 0;
	long found;

	do {
		uint32_t cursor = about.cursor;
		uint32_t room = count - taken < step ? count - taken : step;

		if (!room)
			return -1;
		about = request(records + taken, room);
		about.flags = flags;
		about.cursor = cursor;
		found = ask(&about);
		if (found < 0 || found > room || (about.cursor && found < room))
			return -1;
		taken += found;
	} while (about.cursor);
	return taken;
}

static inline const struct tamalloc_record *
find_record(const struct tamalloc_record *records, int count, pid_t pid)
{
	for (int i = 0; i < count; i++)
		if (records[i].pid == pid)
			return &records[i];
	return NULL;
}

/* A number of /proc/PID/status, the nth of its line (0: the first); or -1. */
static inline long status_number(pid_t pid, const char *name, int nth)
{
	char path[64], key[64], text[4096], *line;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	if (read_file(path, text, sizeof(text)) < 0)
		return -1;
	snprintf(key, sizeof(key), "\n%s:", name);
	line = strstr(text, key);
	if (!line)
		return -1;
	line += strlen(key);
	while (nth--)
		strtol(line, &line, 10);
	return strtol(line, NULL, 10);
}

/* A field of /proc/PID/stat, as proc(5) numbers them, from 4 on; or -1. */
static inline long stat_number(pid_t pid, int field)
{
	char path[64], text[1024], *at;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (read_file(path, text, sizeof(text)) < 0)
		return -1;
	/* The name, field 2, may hold anything. */
	at = strrchr(text, ')');
	for (int i = 2; at && i < field; i++)
		at = strchr(at + 1, ' ');
	return at ? atol(at) : -1;
}

static inline int set_oom_score_adj(pid_t pid, int value)
{
	char path[64], text[16];

	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	snprintf(text, sizeof(text), "%d", value);
	return write_file(path, text);
}

#endif /* TAMALLOC_SELFTEST_SNAPSHOT_H */
