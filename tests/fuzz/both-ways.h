/* SPDX-License-Identifier: MIT */
/* A target for a parser of text. It includes this and writes two functions. */
#ifndef BOTH_WAYS_H
#define BOTH_WAYS_H

#include "fuzz.h"

static void check_text(const char *text);
static void check_values(struct bytes bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size);

	check_text(text);
	check_values((struct bytes){ data, size });
	free(text);
	return 0;
}

#endif
