// SPDX-License-Identifier: MIT
/*
 * Runs a command under a seccomp filter that refuses the tamalloc system calls:
 *
 *	refuse ENOSYS|EPERM COMMAND [ARGUMENT...]
 *
 * ENOSYS makes any kernel one without the calls.
 */
#include <err.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <linux/tamalloc.h>

#include "refuse-call.h"

static void refuse(unsigned short error)
{
	static const unsigned int calls[] = {
		__NR_tamalloc_total, __NR_tamalloc_process, __NR_tamalloc_reserve,
		__NR_tamalloc_snapshot,
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		refuse_call(calls[i], error);
}

int main(int argc, char **argv)
{
	if (argc < 3)
		errx(125, "usage: refuse ENOSYS|EPERM COMMAND [ARGUMENT...]");
	if (!strcmp(argv[1], "ENOSYS"))
		refuse(ENOSYS);
	else if (!strcmp(argv[1], "EPERM"))
		refuse(EPERM);
	else
		errx(125, "'%s': an error is ENOSYS or EPERM", argv[1]);
	execvp(argv[2], argv + 2);
	err(127, "%s", argv[2]);
}
