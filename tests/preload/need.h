/* SPDX-License-Identifier: MIT */
#ifndef PRELOAD_NEED_H
#define PRELOAD_NEED_H

#include <stdio.h>
#include <stdlib.h>

#define NEED(condition)								\
	do {									\
		if (!(condition)) {						\
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, \
				#condition);					\
			exit(1);						\
		}								\
	} while (0)

#endif
