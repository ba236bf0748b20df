// SPDX-License-Identifier: MIT
/*
 * Runs a command as another user, without a /etc/passwd to find him in:
 *
 *	become UID COMMAND [ARGUMENT...]
 */
#include <err.h>
#include <grp.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	uid_t uid;

	if (argc < 3)
		errx(125, "usage: become UID COMMAND [ARGUMENT...]");
	uid = (uid_t)strtoul(argv[1], NULL, 10);
	if (setgroups(0, NULL) || setgid(uid) || setuid(uid))
		err(125, "becoming user %s", argv[1]);
	execvp(argv[2], argv + 2);
	err(127, "%s", argv[2]);
}
