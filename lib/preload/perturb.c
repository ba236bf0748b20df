// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * MALLOC_PERTURB_, as the C library has it for its blocks: a program that reads what it has
 * not written, or what it has freed, finds bytes that it cannot take for something else.
 */
#define _GNU_SOURCE
#include <stdlib.h>

#include "../allocator/allocator.h"
#include "perturb.h"

#define TUNABLE "glibc.malloc.perturb="

static bool parse(const char *text, unsigned char *value)
{
	char *end;
	long number;

	if (*text < '0' || *text > '9')
		return false;
	number = strtol(text, &end, 0);
	if ((*end && *end != ':') || number > UINT8_MAX)
		return false;
	*value = (unsigned char)number;
	return true;
}

unsigned char perturb_read(void)
{
	const char *variable = secure_getenv("MALLOC_PERTURB_");
	const char *tunables = secure_getenv("GLIBC_TUNABLES");
	const char *tunable = tunables ? strstr(tunables, TUNABLE) : NULL;
	unsigned char value = 0;

	if (variable)
		parse(variable, &value);
	if (tunable && (tunable == tunables || tunable[-1] == ':'))
		parse(tunable + strlen(TUNABLE), &value);
	return value;
}

void perturb_fresh(void *bytes, size_t count)
{
	if (__builtin_expect(settings.perturb, 0))
		memset(bytes, settings.perturb ^ 0xff, count);
}
