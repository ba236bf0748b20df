// SPDX-License-Identifier: MIT
/* The cast of a scenario: hired, watched, sent home. */
#include <errno.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "oom.h"

#define TRIES 3000
#define PAUSE_US 10000
#define READY_MS 60000

/* fork(2), but the child has a pid of the caller's choice. */
static pid_t fork_as(pid_t pid)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = pid ? (uintptr_t)&pid : 0,
		.set_tid_size = pid ? 1 : 0,
	};

	return syscall(SYS_clone3, &args, sizeof(args));
}

static char state_of(pid_t task)
{
	char path[64], text[512], *end;
	ssize_t got = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", task);
	file = fopen(path, "re");
	if (file) {
		got = fread(text, 1, sizeof(text) - 1, file);
		fclose(file);
	}
	text[got] = '\0';
	end = strrchr(text, ')');
	return end ? end[2] : '\0';
}

/* What is still on its way to sleep may still take a page. */
static void await_state(pid_t task, const char *states)
{
	for (int i = 0; i < TRIES; i++) {
		char state = state_of(task);

		if (state && strchr(states, state))
			return;
		usleep(PAUSE_US);
	}
	bail_out("thread %d is in state %c and not in %s", task, state_of(task), states);
}

static void check_act(const struct part *part, pid_t pid)
{
	const char *key = part->act == SWAPPED ? "VmSwap:" : "VmPTE:";
	char path[64];
	long kib;

	if (part->act != SWAPPED && part->act != TABLES)
		return;
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	kib = number_in(path, key);
	if (kib < part->mib * 1024L * 3 / 4)
		bail_out("%s: %s %ld kB, not %u MiB", part->name, key, kib, part->mib);
}

static struct actor *add(struct stage *stage, const char *name, pid_t pid, pid_t task)
{
	struct actor *actor = &stage->cast[stage->size++];

	*actor = (struct actor){ .name = name, .pid = pid, .task = task };
	return actor;
}

static void read_ready(const struct part *part, int from, struct ready *message)
{
	struct pollfd poll_from = { .fd = from, .events = POLLIN };

	if (poll(&poll_from, 1, READY_MS) != 1 ||
	    read(from, message, sizeof(*message)) != sizeof(*message))
		bail_out("%s does not get ready", part->name);
}

struct actor *hire(struct stage *stage, const struct part *part)
{
	struct actor *actor;
	struct ready ready;
	int ends[2];
	pid_t pid;

	if (stage->size + 2 > MAX_CAST || pipe(ends))
		bail_out("%s cannot be hired", part->name);
	/* /proc tells the start of a process in hundredths of a second. */
	usleep(2 * PAUSE_US);
	pid = fork_as(part->pid);
	if (pid < 0)
		bail_out("%s: no process with pid %d: %s", part->name, part->pid, strerror(errno));
	if (!pid) {
		close(ends[0]);
		if (part->group)
			join_group(part->group);
		set_adj(getpid(), part->adj);
		act(part, ends[1]);
	}
	close(ends[1]);
	read_ready(part, ends[0], &ready);
	close(ends[0]);

	await_state(pid, part->act == LEADERLESS ? "Z" : "SD");
	await_state(ready.task, "SD");
	check_act(part, pid);
	actor = add(stage, part->name, pid, ready.partner ? pid : ready.task);
	if (ready.partner)
		add(stage, "the partner", ready.partner, ready.partner);
	return actor;
}

struct actor *partner(struct stage *stage)
{
	return &stage->cast[stage->size - 1];
}

bool bury(struct stage *stage)
{
	bool eater = false;
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
		eater |= pid == stage->eater;
		for (unsigned int i = 0; i < stage->size; i++) {
			if (stage->cast[i].pid == pid)
				stage->cast[i].dead = true;
		}
	}
	return eater;
}

void dismiss(struct stage *stage)
{
	for (unsigned int i = 0; i < stage->size; i++) {
		if (!stage->cast[i].dead)
			kill(stage->cast[i].pid, SIGKILL);
	}
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}
