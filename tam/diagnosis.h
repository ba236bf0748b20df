/* SPDX-License-Identifier: MIT */
/* What works on this machine, what limits it, and why. */
#ifndef TAM_DIAGNOSIS_H
#define TAM_DIAGNOSIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A note is good to know; only a failure keeps tam from doing its work. */
enum verdict { VERDICT_OK, VERDICT_NOTE, VERDICT_FAIL };

struct finding {
	const char *name; /* the same in every language */
	enum verdict verdict;
	/* For programs: a number or a text; NULL: not known. */
	bool is_number;
	uint64_t number;
	char *text;
	char *message; /* one sentence */
};

#define FINDINGS_MAX 20

struct diagnosis {
	struct finding findings[FINDINGS_MAX];
	size_t count;
	bool works;	   /* nothing fails */
	bool lacks_calls; /* not all of the system calls answer */
	bool is_short;	  /* there was no memory for some finding */
};

void diagnosis_make(struct diagnosis *diagnosis);
void diagnosis_free(struct diagnosis *diagnosis);

#endif
