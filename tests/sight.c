// SPDX-License-Identifier: MIT
/*
 * Whom the walk over all processes shows by system call 553, and what it takes:
 * other users' processes, those of a pid namespace, those that /proc hides. TAP,
 * on the patched kernel, as root.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/tamalloc.h>
#include <tamalloc.h>

#include "end-with.h"
#include "refuse-call.h"

#define USER 12345

static int number;
static bool all_passed = true;

static void ok(bool passed, const char *name)
{
	printf("%s %d - %s\n", passed ? "ok" : "not ok", ++number, name);
	all_passed &= passed;
}

/* Runs a test in a process of its own, in another pid namespace if wanted. */
static bool passes(bool (*test)(void), bool in_namespace)
{
	pid_t pid = fork(), child;
	int status;

	if (!pid) {
		if (in_namespace) {
			if (unshare(CLONE_NEWPID))
				err(1, "unshare");
			/* The first one in it. */
			child = fork();
			if (child)
				_exit(waitpid(child, &status, 0) != child || status);
		}
		_exit(!test());
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

static pid_t start(uid_t user)
{
	pid_t parent = getpid(), pid = fork();
	int status;

	if (!pid) {
		if (setresuid(user, user, user))
			_exit(1);
		end_with(parent);
		raise(SIGSTOP);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
		errx(1, "a child did not stop");
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

struct sight {
	int processes;
	int of_user;	/* of USER */
	bool self;
};

static bool look(struct sight *sight)
{
	struct tamalloc_iterator *iterator;
	struct tamalloc_process record;
	int result;

	*sight = (struct sight){ 0 };
	if (tamalloc_iterator_open(&iterator, TAMALLOC_USER, 0))
		return false;
	while ((result = tamalloc_iterator_next(iterator, &record, sizeof(record))) == 1) {
		sight->processes++;
		sight->of_user += record.user == USER;
		sight->self |= record.pid == getpid();
	}
	tamalloc_iterator_close(iterator);
	return !result;
}

static void become_user(void)
{
	/* Root's group is the one that hidepid hides nothing from. */
	if (setgroups(0, NULL) || setresgid(USER, USER, USER) || setresuid(USER, USER, USER))
		err(1, "become another user");
}

static void restrict_to(const char *value)
{
	int file = open("/proc/sys/vm/tamalloc_restrict", O_WRONLY);

	if (file < 0 || write(file, value, 1) != 1)
		err(1, "vm.tamalloc_restrict");
	close(file);
}

/* The one of USER, and itself: the rest is root's. */
static bool only_own(void)
{
	struct tamalloc_process record;
	struct sight sight;

	become_user();
	/* What changes its user may no longer be inspected; executing would undo it. */
	prctl(PR_SET_DUMPABLE, 1);
	return look(&sight) && sight.self && sight.processes == sight.of_user &&
	       tamalloc_process(getppid(), TAMALLOC_ALL_FIELDS, &record,
				sizeof(record)) == -EPERM;
}

/* Who shares memory with whom is for those who may inspect both. */
static bool strangers_die_alone(void)
{
	struct tamalloc_oom_victim victim;
	struct tamalloc_oom *oom;
	bool fine;

	become_user();
	if (tamalloc_oom_open(&oom, NULL))
		return false;
	fine = tamalloc_oom_victims(oom, getppid(), &victim, 1) == 1;
	tamalloc_oom_close(oom);
	return fine;
}

static bool all_of_them(void)
{
	struct sight before, sight;

	return look(&before) && (become_user(), look(&sight)) &&
	       sight.processes == before.processes && sight.self;
}

/* As far as it goes without even one descriptor. */
static bool without_proc(void)
{
	struct rlimit limit = { 0, 0 };
	struct tamalloc_process record;
	struct sight sight;

	return !setrlimit(RLIMIT_NOFILE, &limit) && look(&sight) && sight.self &&
	       !tamalloc_process(getpid(), TAMALLOC_ALL_FIELDS, &record, sizeof(record)) &&
	       record.fields == TAMALLOC_ALL_FIELDS && record.parent == getppid();
}

/* /proc is still that of the namespace outside. */
static bool own_namespace(void)
{
	struct tamalloc_process record;
	struct sight sight;
	pid_t child = start(USER);
	bool fine = look(&sight) && sight.self && sight.processes == 2 && sight.of_user == 1;

	fine &= !tamalloc_process(child, TAMALLOC_ALL_FIELDS, &record, sizeof(record)) &&
		record.user == USER && record.parent == getpid() &&
		record.fields == TAMALLOC_ALL_FIELDS;
	/* The first process of this namespace is none of the machine's. */
	fine &= getpid() == 1 &&
		!tamalloc_process(1, TAMALLOC_ALL_FIELDS, &record, sizeof(record)) &&
		record.oom_exempt == TAMALLOC_EXEMPT_NOT && record.oom_badness > 0;
	end(child);
	return fine;
}

static void hide_by_proc(void)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("proc", "/proc", "proc", 0, "hidepid=2"))
		err(1, "hidepid");
}

static bool only_own_by_hidepid(void)
{
	hide_by_proc();
	return only_own();
}

static bool all_in_spite_of_hidepid(void)
{
	hide_by_proc();
	return all_of_them();
}

/* Another thread's filter says nothing of this one's. */
static bool refused(int error)
{
	struct tamalloc_process record;
	struct sight before, sight;

	if (!look(&before))
		return false;
	refuse_call(__NR_tamalloc_snapshot, (unsigned short)error);
	return tamalloc_probe(553) == -error && !tamalloc_probe(551) &&
	       tamalloc_get_backend() == TAMALLOC_SYSCALL && look(&sight) && sight.self &&
	       sight.processes == before.processes &&
	       !tamalloc_process(getpid(), TAMALLOC_USER, &record, sizeof(record)) &&
	       record.fields & TAMALLOC_USER;
}

static bool refused_as_absent(void)
{
	return refused(ENOSYS);
}

static bool refused_by_policy(void)
{
	return refused(EPERM);
}

/* Also of whom /proc gives most files to root, as it may not be inspected. */
static bool true_user(void)
{
	struct tamalloc_process calls, proc;

	become_user();
	prctl(PR_SET_DUMPABLE, 0);
	if (tamalloc_process(getpid(), TAMALLOC_USER, &calls, sizeof(calls)))
		return false;
	tamalloc_set_backend(TAMALLOC_PROC);
	return !tamalloc_process(getpid(), TAMALLOC_USER, &proc, sizeof(proc)) &&
	       calls.user == USER && proc.user == USER;
}

int main(void)
{
	pid_t child = start(USER);

	setvbuf(stdout, NULL, _IOLBF, 0);
	ok(!tamalloc_probe(553), "the system call answers");
	ok(passes(all_of_them, false), "any user sees all processes");
	restrict_to("1");
	ok(passes(only_own, false), "with vm.tamalloc_restrict, the user's own");
	restrict_to("0");
	ok(passes(all_in_spite_of_hidepid, false), "without, all whatever /proc hides");
	restrict_to("2");
	ok(passes(only_own_by_hidepid, false), "what hidepid of /proc hides is hidden");
	ok(passes(strangers_die_alone, false), "who shares memory is told of the user's own");
	ok(passes(without_proc, false), "no file is opened");
	ok(passes(own_namespace, true), "a pid namespace needs no /proc of its own");
	ok(passes(true_user, false), "the user is the effective one");
	ok(passes(refused_as_absent, false), "without call 553 the others do");
	ok(passes(refused_by_policy, false), "so they do when a filter refuses it");
	end(child);
	printf("1..%d\n", number);
	return !all_passed;
}
