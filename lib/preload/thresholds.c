// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * The C library gives memory back to the kernel above thresholds that it raises itself
 * when it sees large blocks freed. It sees none now; without this, programs that
 * use blocks a little below ours would fault the same memory in again and again.
 */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdlib.h>
#include <sys/param.h>

#include "next.h"
#include "thresholds.h"

/*
 * The highest that it sets itself: a block is mapped alone from 32 MiB on whatever was
 * freed before, and of free memory twice as much is kept.
 */
#define MMAP_MOST (32 << 20)
#define TRIM_MOST (2 * MMAP_MOST)

void thresholds_raise(void)
{
	const char *tunables = secure_getenv("GLIBC_TUNABLES");

	/* With such a threshold it sees all that could make it raise its own. */
	if (!next.mallopt || settings.threshold >= MMAP_MOST)
		return;
	/* Who has said what they are to be is right. */
	if ((tunables && strstr(tunables, "glibc.malloc.")) ||
	    secure_getenv("MALLOC_TRIM_THRESHOLD_") || secure_getenv("MALLOC_MMAP_THRESHOLD_"))
		return;
	next.mallopt(M_MMAP_THRESHOLD, (int)settings.threshold);
	next.mallopt(M_TRIM_THRESHOLD, (int)MIN(settings.threshold * 8, (size_t)TRIM_MOST));
}
