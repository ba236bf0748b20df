/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
#ifndef PRELOAD_PERTURB_H
#define PRELOAD_PERTURB_H

#include <stddef.h>

/* From the environment: 0: nothing is written over. */
unsigned char perturb_read(void);

/* Bytes that the program has not written yet. What it has freed heap_free() writes over. */
void perturb_fresh(void *bytes, size_t count);

#endif
