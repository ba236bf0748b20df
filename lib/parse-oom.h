/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * What decides who is killed, from the text of the kernel. Pure, as parse.h.
 */
#ifndef LIB_PARSE_OOM_H
#define LIB_PARSE_OOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A mount, as /proc/PID/mountinfo tells it: inside its text, with escapes. */
struct cgroup_mount {
	int version; /* 2, or 1 with the memory controller */
	const char *root; /* the cgroup that is at its top */
	size_t root_length;
	const char *point;
	size_t point_length;
};

/*
 * The next mount that may limit memory, in the lines from text on. Returns the
 * line behind it, NULL when there is none.
 */
const char *parse_cgroup_mount(const char *text, struct cgroup_mount *mount);

/*
 * Undoes the escapes of mountinfo, \040 for a blank. to has room for as many
 * bytes as from; returns how many it got.
 */
size_t parse_escaped(const char *from, size_t length, char *to);

/* The kernel's PAGE_COUNTER_MAX, "max" in the files of version 2. */
#define PAGES_UNLIMITED(page) (INT64_MAX / (page))

/* A limit of a cgroup, in pages of so many bytes. */
bool parse_limit(const char *text, uint64_t page, uint64_t *pages);

/* MAX_NUMNODES of include/linux/numa.h can be no more than that on x86-64. */
#define NODES 1024
#define NODE_BITS 64

struct nodes {
	uint64_t bits[NODES / NODE_BITS];
};

/* "0-1,4", as in /sys/devices/system/node/has_memory; may be empty. */
bool parse_nodes(const char *text, struct nodes *nodes);

/* Mems_allowed_list in /proc/PID/status. */
bool parse_allowed_nodes(const char *text, struct nodes *nodes);

/* Whether all of part are in whole. */
bool nodes_are_within(const struct nodes *part, const struct nodes *whole);

#endif
