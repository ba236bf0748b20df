/* SPDX-License-Identifier: MIT */
/*
 * A pid namespace of the test's own, with a /proc of its own: sums and lists of all
 * processes are of the test's, whatever else lives on the machine.
 */
#ifndef ALONE_H
#define ALONE_H

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static inline bool alone_write(const char *path, const char *text)
{
	int descriptor = open(path, O_WRONLY | O_CLOEXEC);
	bool good = descriptor >= 0 &&
		    write(descriptor, text, strlen(text)) == (ssize_t)strlen(text);

	if (descriptor >= 0)
		close(descriptor);
	return good;
}

/* Whoever may make no namespaces may be root in a user namespace, where he may. */
static inline bool alone_unshare(void)
{
	int flags = CLONE_NEWPID | CLONE_NEWNS;
	char uid[32], gid[32];

	snprintf(uid, sizeof(uid), "0 %u 1", geteuid());
	snprintf(gid, sizeof(gid), "0 %u 1", getegid());
	if (!unshare(flags))
		return true;
	if (unshare(flags | CLONE_NEWUSER))
		return false;
	alone_write("/proc/self/setgroups", "deny");
	return alone_write("/proc/self/uid_map", uid) && alone_write("/proc/self/gid_map", gid);
}

/* Ends as process did, as a shell would tell it. */
static inline void alone_wait(pid_t process)
{
	int status = 1 << 8;
	pid_t ended;

	do
		ended = wait(&status);
	while (ended > 0 && ended != process);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

/* The namespace's first process waits for the test, and for what the test leaves. */
static inline bool alone_begin(int said)
{
	bool good = !mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) &&
		    !mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	pid_t test = good ? fork() : -1;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (test > 0) {
		close(said);
		alone_wait(test);
	}
	good = !test && write(said, "", 1) == 1;
	close(said);
	if (!good)
		_exit(1);
	return true;
}

/*
 * To be called with one thread, and with nothing in stdout's buffer. Goes on in the namespace:
 * true; the caller waits and ends as that does. False, and nothing has changed: it is
 * refused here, and the test sees the whole machine.
 */
static inline bool live_alone(void)
{
	pid_t outside;
	int said[2];
	char byte;

	if (pipe2(said, O_CLOEXEC))
		return false;
	outside = fork();
	if (!outside) {
		pid_t first;

		close(said[0]);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		first = alone_unshare() ? fork() : -1;
		if (!first)
			return alone_begin(said[1]);
		close(said[1]);
		if (first < 0)
			_exit(1);
		alone_wait(first);
	}
	close(said[1]);
	/* Nobody says so: it has not come about. */
	if (outside > 0 && read(said[0], &byte, 1) == 1)
		alone_wait(outside);
	if (outside > 0)
		waitpid(outside, NULL, 0);
	close(said[0]);
	return false;
}

#endif /* ALONE_H */
