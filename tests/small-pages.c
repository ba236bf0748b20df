// SPDX-License-Identifier: MIT
/*
 * Runs a command, and what it runs in turn, without transparent huge pages:
 *
 *	small-pages COMMAND [ARGUMENT...]
 */
#include <err.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc < 2)
		errx(125, "usage: small-pages COMMAND [ARGUMENT...]");
	if (prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0))
		err(125, "PR_SET_THP_DISABLE");
	execvp(argv[1], argv + 1);
	err(127, "%s", argv[1]);
}
