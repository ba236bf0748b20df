/* SPDX-License-Identifier: MIT */
/* The line that a process appends to the file TAMALLOC_REPORT when it exits. */
#ifndef TAM_RUN_REPORT_H
#define TAM_RUN_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct run_report {
	pid_t pid;
	const char *command; /* raw: any byte may be in it */
	/* At most INT64_MAX each. */
	uint64_t blocks, allocated, zeroed, skipped, dropped, faults, peak;
};

/*
 * Takes a line apart that has lost its newline. The command stays in it, where it
 * is unescaped. False: it is none of these lines, or one of another version, and
 * is as it was.
 */
bool run_report_parse(char *line, struct run_report *report);

/*
 * Adds to a total what can be added: a peak cannot. What gets too large stays at
 * INT64_MAX.
 */
void run_report_add(struct run_report *total, const struct run_report *report);

#endif
