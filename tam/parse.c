// SPDX-License-Identifier: MIT
#include "parse.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "intl.h"

#define LONGEST_WAIT 86400.0

/*
 * strtoull() takes blanks, signs and minus-wrapped values; here a number is
 * digits. Returns the first character after it, NULL when there are none.
 * Sets errno to ERANGE when the number does not fit.
 */
static const char *digits(const char *text, unsigned long long *value)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return NULL;
	errno = 0;
	*value = strtoull(text, &end, 10);
	return end;
}

const char *parse_size(const char *text, size_t *size)
{
	static const char suffixes[] = "KMGT";
	unsigned long long value;
	unsigned int shift = 0;
	const char *end;

	if (text[0] == '-' && isdigit((unsigned char)text[1]))
		return _("a size cannot be negative");
	end = digits(text, &value);
	if (end && *end) {
		const char *suffix = strchr(suffixes, toupper((unsigned char)*end));

		if (suffix && !end[1])
			shift = 10 * (unsigned int)(suffix - suffixes + 1);
		else
			end = NULL;
	}
	if (!end)
		return _("a size is a whole number of bytes, or one with K, M, G or T after it");
	if (errno == ERANGE || value > SIZE_MAX >> shift)
		return _("a size has to be below 2^64 bytes");
	if (!value)
		return _("a size has to be at least 1 byte");
	*size = (size_t)value << shift;
	return NULL;
}

const char *parse_pid(const char *text, pid_t *pid)
{
	unsigned long long value;
	const char *end = digits(text, &value);

	if (!end || *end || errno == ERANGE || value < 1 || value > INT_MAX)
		return _("a process id is a whole number from 1 to 2147483647");
	*pid = (pid_t)value;
	return NULL;
}

const char *parse_count(const char *text, unsigned long *count)
{
	unsigned long long value;
	const char *end = digits(text, &value);

	if (!end || *end || errno == ERANGE || value < 1 || value > ULONG_MAX)
		return _("a count is a whole number from 1");
	*count = (unsigned long)value;
	return NULL;
}

/* Digits, perhaps a point and digits: none of strtod()'s hex, exponents, nan. */
static int decimal(const char *text, double min, double max, double *number)
{
	size_t whole = strspn(text, "0123456789");
	size_t part = 0;
	double value;

	if (text[whole] == '.')
		part = 1 + strspn(text + whole + 1, "0123456789");
	if (text[whole + part] || whole + part < 1 + (part > 0))
		return 0;
	value = strtod(text, NULL);
	if (!(value >= min && value <= max))
		return 0;
	*number = value;
	return 1;
}

const char *parse_percent(const char *text, double *percent)
{
	if (!decimal(text, 0, 100, percent))
		return _("a percentage is a number from 0 to 100");
	return NULL;
}

const char *parse_interval(const char *text, double *seconds)
{
	if (!decimal(text, 0, LONGEST_WAIT, seconds))
		return _("an interval is a number of seconds from 0 to 86400");
	return NULL;
}

const char *parse_watch(const char *text, double *seconds)
{
	if (!decimal(text, 0.1, LONGEST_WAIT, seconds))
		return _("an interval is a number of seconds from 0.1 to 86400");
	return NULL;
}
