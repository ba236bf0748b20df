// SPDX-License-Identifier: MIT
/*
 * An allocator, part of a program or to be preloaded before others: each block is a mapping,
 * and a pointer that is none of its own ends the program.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAGIC 0x6e776f2073746921

/* Stands before a block. */
struct header {
	void *mapping;
	size_t length, size, magic;
};

static struct header *header_of(void *block)
{
	struct header *header = (struct header *)block - 1;
	static const char message[] = "foreign pointer\n";

	if (header->magic == MAGIC)
		return header;
	if (write(2, message, sizeof(message) - 1) < 0)
		_exit(2);
	abort();
}

static void *allocate(size_t alignment, size_t size)
{
	size_t length = size + alignment + sizeof(struct header);
	struct header *header;
	uintptr_t block;
	char *mapping;

	if (length < size || size > PTRDIFF_MAX)
		mapping = MAP_FAILED;
	else
		mapping = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			       -1, 0);
	if (mapping == MAP_FAILED) {
		errno = ENOMEM;
		return NULL;
	}
	block = ((uintptr_t)mapping + sizeof(*header) + alignment - 1) & ~(alignment - 1);
	header = (struct header *)block - 1;
	*header = (struct header){ mapping, length, size, MAGIC };
	return (void *)block;
}

void *malloc(size_t size)
{
	return allocate(16, size);
}

void *calloc(size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size) {
		errno = ENOMEM;
		return NULL;
	}
	return allocate(16, count * size);
}

void free(void *block)
{
	if (block)
		munmap(header_of(block)->mapping, header_of(block)->length);
}

void *realloc(void *block, size_t size)
{
	void *other = allocate(16, size);
	size_t before;

	if (!other || !block)
		return other;
	before = header_of(block)->size;
	memcpy(other, block, before < size ? before : size);
	free(block);
	return other;
}

void *memalign(size_t alignment, size_t size)
{
	return allocate(alignment < 16 ? 16 : alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
	*block = memalign(alignment, size);
	return *block ? 0 : ENOMEM;
}

size_t malloc_usable_size(void *block)
{
	return block ? header_of(block)->size : 0;
}
