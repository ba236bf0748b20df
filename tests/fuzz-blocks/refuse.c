// SPDX-License-Identifier: MIT
/* Children for which a filter refuses a few system calls that an allocator may need. */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "fuzz.h"

static void refuse(unsigned int call, unsigned int error)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {
		.len = sizeof(filter) / sizeof(filter[0]),
		.filter = filter,
	};

	if (!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static void begin_refusing(void)
{
	/* The last one of them also forbids more filters. */
	static const unsigned int calls[] = {
		SYS_mremap, SYS_madvise, SYS_openat, SYS_ioctl, SYS_fcntl, SYS_pread64, SYS_prctl,
	};
	static const unsigned int errors[] = { ENOMEM, EPERM, ENOSYS };

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (!below(3))
			refuse(calls[i], errors[below(3)]);
}

void fork_refused(void)
{
	doing(REFUSING);
	fork_child(100 + below(500), begin_refusing, NULL);
}
