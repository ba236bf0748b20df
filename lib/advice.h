/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/* The kernel's numbers of advice about memory, for headers that are older than it. */
#ifndef LIB_ADVICE_H
#define LIB_ADVICE_H

/* Since Linux 5.4, 5.14, 5.14, 5.18 and 6.1. None of them lasts. */
#define ADVICE_COLD	       20
#define ADVICE_POPULATE_READ   22
#define ADVICE_POPULATE_WRITE  23
#define ADVICE_DONTNEED_LOCKED 24
#define ADVICE_COLLAPSE	       25

#endif
