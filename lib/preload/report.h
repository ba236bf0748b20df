/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
#ifndef PRELOAD_REPORT_H
#define PRELOAD_REPORT_H

/* Where TAMALLOC_REPORT names a file: at the end of the program, a line goes there. */
void report_begin(void);

#endif
