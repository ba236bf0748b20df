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
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <linux/tamalloc.h>

static void refuse(unsigned short error)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_tamalloc_total, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_tamalloc_process, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_tamalloc_reserve, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {
		.len = sizeof(filter) / sizeof(filter[0]),
		.filter = filter,
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		err(125, "seccomp");
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
