/* SPDX-License-Identifier: MIT */
/*
 * What the fuzz targets share. Each target takes the same bytes twice: as text
 * that a kernel might never write, and as values, which are written the way the
 * kernel does and must come back as they were.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define EXPECT(condition)							\
	do {									\
		if (!(condition)) {						\
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,	\
				__LINE__, #condition);				\
			abort();						\
		}								\
	} while (0)

/* The bytes with a NUL behind them, and nothing behind that. To be freed. */
static inline char *text_of(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	EXPECT(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

/* Bytes to make values of; zeroes once there are no more. */
struct bytes {
	const uint8_t *data;
	size_t left;
};

static inline uint8_t take_byte(struct bytes *bytes)
{
	if (!bytes->left)
		return 0;
	bytes->left--;
	return *bytes->data++;
}

/* As often small as large: the first byte says how many bits it has. */
static inline uint64_t take_number(struct bytes *bytes)
{
	unsigned int bits = take_byte(bytes) % 65;
	uint64_t number = 0;

	for (unsigned int i = 0; i < bits; i += 8)
		number = number << 8 | take_byte(bytes);
	return bits == 64 ? number : number & ((UINT64_C(1) << bits) - 1);
}

/* A size in kilobytes, so that it fits when it is told in bytes. */
static inline uint64_t take_kilobytes(struct bytes *bytes)
{
	return take_number(bytes) & (UINT64_MAX / 1024);
}

#endif /* FUZZ_H */
