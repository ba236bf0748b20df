/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The text of /proc as numbers. Pure: each function reads NUL-terminated text
 * and says by its result whether that had the form which proc(5) describes.
 */
#ifndef LIB_PARSE_H
#define LIB_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Digits at *text, which is moved behind them; false where they do not fit. */
bool parse_number(const char **text, uint64_t *value);

/* A file that holds one number, perhaps negative. */
bool parse_signed(const char *text, int64_t *value);

/* In pages. */
struct statm {
	uint64_t size, resident, text, data;
};

bool parse_statm(const char *text, struct statm *statm);

struct stat_line {
	char command[64];
	char state;
	int32_t parent;
	bool is_kernel_thread;
	uint64_t threads;
	uint64_t start_time; /* clock ticks after boot */
};

bool parse_stat(const char *text, struct stat_line *stat);

/* The name in /proc/PID/comm, without the newline that the kernel adds. */
void parse_command(const char *text, size_t length, char *command, size_t size);

/* Bytes; each only where its has_ is true. */
struct status {
	bool has_parts; /* anonymous, file, shared */
	uint64_t anonymous, file, shared;
	bool has_swap;
	uint64_t swap;
	bool has_page_tables;
	uint64_t page_tables;
	bool has_seccomp;
	uint64_t seccomp;
};

void parse_status(const char *text, struct status *status);

struct meminfo {
	bool has_memory, has_swap, has_commit;
	uint64_t memory, available, swap, swap_free, commit_limit, commit_charge;
};

void parse_meminfo(const char *text, struct meminfo *meminfo);

/* The first line of a region in /proc/PID/maps and smaps. */
struct region_line {
	uint64_t start, end, offset;
	bool read, write, execute, shared;
	const char *name; /* inside text, up to the end of the line */
	size_t name_length;
};

bool parse_region(const char *line, struct region_line *region);

/*
 * "Key:   123 kB": whether line has this key (with its colon), and a number of
 * kilobytes, which is returned in bytes.
 */
bool parse_kilobytes(const char *line, const char *key, uint64_t *bytes);

/*
 * The path in /proc/PID/cgroup that limits memory: of the memory controller
 * (version 1), else of version 2. NULL when there is none.
 */
const char *parse_cgroup(const char *text, size_t *length);

/* The option hidepid of the topmost /proc in /proc/PID/mountinfo, or -1. */
int parse_hidepid(const char *text);

#endif
