/* SPDX-License-Identifier: MIT */
/* A process that ends with the one that started it, also where that has ended already. */
#ifndef END_WITH_H
#define END_WITH_H

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

/* To be called in the child, with what getpid(2) said in its parent. */
static inline void end_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
}

#endif /* END_WITH_H */
