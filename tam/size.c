// SPDX-License-Identifier: MIT
#include "size.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

/* Tables have thousands of numbers: this is several times faster than printf(). */
size_t size_digits(char *text, uint64_t number)
{
	char reversed[SIZE_TEXT];
	size_t length = 0;

	do
		reversed[length++] = (char)('0' + number % 10);
	while (number /= 10);
	for (size_t i = 0; i < length; i++)
		text[i] = reversed[length - 1 - i];
	text[length] = '\0';
	return length;
}

static uint64_t magnitude(int64_t number)
{
	return number < 0 ? -(uint64_t)number : (uint64_t)number;
}

size_t size_signed(char *text, int64_t number)
{
	bool is_negative = number < 0;

	if (is_negative)
		*text++ = '-';
	return is_negative + size_digits(text, magnitude(number));
}

size_t size_tenths(char *text, int64_t tenths)
{
	return (size_t)sprintf(text, "%s%" PRIu64 ".%" PRIu64, tenths < 0 ? "-" : "",
			       magnitude(tenths) / 10, magnitude(tenths) % 10);
}

static size_t human(char *text, uint64_t size)
{
	static const char letters[] = "BKMGTPE";
	const char *letter = letters;
	double value = (double)size;

	/* What would be rounded to 1024 of a unit is one of the next. */
	for (; value >= 1023.5; letter++)
		value /= 1024;
	return (size_t)sprintf(text, "%.*f%c", letter > letters && value < 9.95, value,
			       *letter);
}

size_t size_format(char *text, uint64_t size, enum unit unit)
{
	switch (unit) {
	case UNIT_HUMAN:
		return human(text, size);
	case UNIT_BYTES:
		return size_digits(text, size);
	default:
		return size_digits(text, size / 1024);
	}
}
