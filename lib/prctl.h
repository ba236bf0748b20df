/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The names of anonymous memory, since Linux 5.17: the kernel's numbers, for headers that
 * are older than it.
 */
#ifndef LIB_PRCTL_H
#define LIB_PRCTL_H

#include <sys/prctl.h>

enum { SET_VMA = 0x53564d41, SET_VMA_ANON_NAME = 0 };

#ifdef PR_SET_VMA
_Static_assert(SET_VMA == PR_SET_VMA && SET_VMA_ANON_NAME == PR_SET_VMA_ANON_NAME,
	       "the numbers are those of the kernel's header");
#endif

#endif
