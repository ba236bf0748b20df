/* SPDX-License-Identifier: MIT */
/*
 * Touching a region, and finding that nothing else in it was touched. count
 * pages are touched, spread evenly, the first and the last among them.
 */
#ifndef TAM_REGION_H
#define TAM_REGION_H

#include <stdbool.h>
#include <stddef.h>

size_t region_pages(size_t size);

/* How many pages of a region make percent of it; never less than its ends. */
size_t region_share(size_t size, double percent);

/*
 * Writes a byte to count pages: 'H' to the first byte of the region, 'Z' to its
 * last, 'T' to the first byte of each other page. Returns whether each reads
 * back as written.
 */
bool region_touch(unsigned char *region, size_t size, size_t count);

/*
 * Reads every byte up to the end of the last page. Returns the offset of the
 * first one that is neither zero nor written by region_touch(), or the number
 * of bytes when there is none.
 */
size_t region_find_dirt(unsigned char *region, size_t size, size_t count);

#endif
