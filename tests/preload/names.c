// SPDX-License-Identifier: MIT
/* The other names of the C library: a block of one is freed or changed by the other. */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "need.h"

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void *__libc_valloc(size_t size);
void *__libc_pvalloc(size_t size);
void __libc_free(void *block);

/* As programs have it that are older than 2.26. */
__asm__(".symver old_cfree, cfree@GLIBC_2.2.5");
void old_cfree(void *block);

static void *fill(void *block, size_t size)
{
	NEED(block && malloc_usable_size(block) >= size);
	return memset(block, 7, size);
}

static void *check(unsigned char *block, size_t size)
{
	NEED(block);
	for (size_t i = 0; i < size; i++)
		NEED(block[i] == 7);
	return block;
}

static void use(size_t size)
{
	unsigned char *zero;

	__libc_free(fill(malloc(size), size));
	__libc_free(fill(calloc(1, size), size));
	__libc_free(fill(aligned_alloc(64, size), size));
	old_cfree(fill(malloc(size), size));
	old_cfree(fill(__libc_malloc(size), size));
	free(fill(__libc_malloc(size), size));
	free(fill(__libc_memalign(64, size), size));
	free(fill(__libc_valloc(size), size));
	free(fill(__libc_pvalloc(size), size));
	zero = __libc_calloc(size, 2);
	NEED(zero);
	for (size_t i = 0; i < 2 * size; i++)
		NEED(!zero[i]);
	free(fill(zero, 2 * size));
	for (size_t other = 50; other < (5 << 20); other *= 7) {
		size_t less = size < other ? size : other;

		free(check(__libc_realloc(fill(malloc(size), size), other), less));
		__libc_free(check(realloc(fill(__libc_malloc(size), size), other), less));
		__libc_free(check(__libc_realloc(fill(__libc_malloc(size), size), other), less));
	}
	NEED(!__libc_realloc(fill(malloc(size), size), 0));
	__libc_free(NULL);
	old_cfree(NULL);
	free(fill(__libc_realloc(NULL, size), size));
}

int main(void)
{
	size_t volatile most = SIZE_MAX / 2;

	use(100);
	use(300000);
	use(5 << 20);
	NEED(!__libc_malloc(most) && !__libc_calloc(most, 3) && !__libc_memalign(64, most));
	NEED(!__libc_pvalloc(SIZE_MAX - 10));
	puts("well");
	return 0;
}
