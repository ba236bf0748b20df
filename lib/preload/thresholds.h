/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
#ifndef PRELOAD_THRESHOLDS_H
#define PRELOAD_THRESHOLDS_H

/* Once, when settings are read: those of the C library. */
void thresholds_raise(void);

#endif
