// SPDX-License-Identifier: MIT
/*
 * A library to preload that is wrong: one byte of a large block is not zero. The tests
 * have to notice.
 */
#include <stddef.h>

void *__libc_calloc(size_t count, size_t size);

void *calloc(size_t count, size_t size)
{
	char *block = __libc_calloc(count, size);

	if (block && size && count >= 262144 / size)
		block[count * size / 2] = 1;
	return block;
}
