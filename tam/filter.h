/* SPDX-License-Identifier: MIT */
/* Which processes a view shows: those that pass everything that is set. */
#ifndef TAM_FILTER_H
#define TAM_FILTER_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tamalloc.h>

struct filter {
	uint32_t *users; /* one of them */
	size_t user_count;
	bool by_command;
	regex_t command; /* found in the name */
	uint64_t least;	 /* committed memory in bytes; 0: any */
};

bool filter_passes(const struct filter *filter, const struct tamalloc_process *process);

/* The TAMALLOC_* fields that it looks at. */
uint64_t filter_fields(const struct filter *filter);

/* False when there is no memory. */
bool filter_add_user(struct filter *filter, uint32_t uid);

/*
 * An extended regular expression, in place of the one before. Returns 0, or
 * what regerror() takes.
 */
int filter_set_command(struct filter *filter, const char *expression);

void filter_free(struct filter *filter);

#endif
