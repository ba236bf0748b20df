/* SPDX-License-Identifier: MIT */
/* Sizes and other numbers as users read them. */
#ifndef TAM_SIZE_H
#define TAM_SIZE_H

#include <stddef.h>
#include <stdint.h>

enum unit {
	UNIT_KB,    /* of 1024 bytes, rounded down */
	UNIT_HUMAN, /* 4 characters and a letter at most: 512B, 1.5M, 1023G */
	UNIT_BYTES,
};

#define SIZE_TEXT 24

/* Into text, which has room for SIZE_TEXT bytes; returns the length. */
size_t size_format(char *text, uint64_t size, enum unit unit);

/* Decimal digits, likewise. */
size_t size_digits(char *text, uint64_t number);
size_t size_signed(char *text, int64_t number);

/* A number of tenths, with a point: -0.5. Likewise. */
size_t size_tenths(char *text, int64_t tenths);

#endif
