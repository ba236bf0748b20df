// SPDX-License-Identifier: MIT
/*
 * Forks. The thread that forks takes all slots that it can get before, so that nobody
 * writes into these blocks meanwhile: the child has them as they are, and forgets the rest.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

#define WELL 77

static void reap(pid_t *child)
{
	static const struct timespec wait = { .tv_nsec = 500000 };
	int status = 0;
	pid_t got;

	if (!*child)
		return;
	/* Who wants to be alone need not wait for it as well. */
	gate_leave();
	while (!(got = waitpid(*child, &status, WNOHANG)) || (got < 0 && errno == EINTR)) {
		/* Whether the child hangs is the watcher's affair. */
		beat();
		nanosleep(&wait, NULL);
	}
	gate_enter();
	if (got != *child)
		fail("the child of this process is not to be waited for: errno %d", errno);
	if (WIFSIGNALED(status))
		fail("the child of this process ended by signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status) != WELL)
		fail("the child of this process ended with status %d, not %d",
		     WEXITSTATUS(status), WELL);
	*child = 0;
}

void reap_children(void)
{
	for (size_t i = 0; i < sizeof(me.children) / sizeof(me.children[0]); i++)
		reap(&me.children[i]);
}

/* What of a block is not the child's is not looked at there. */
static void inherit(struct slot *slot)
{
	struct block *block = &slot->block;

	slot->has_file = slot->keeps_file = false;
	if (!block->at)
		return;
	if (!block->is_partial_in_child && !block->is_shared)
		return;
	/* It may be freed, but for its pages at once: others would be put into the gap. */
	block->style = NOTHING;
	block->is_zeroed = false;
	if (below(2))
		slot_free(slot);
	else
		*block = (struct block){ 0 };
}

static _Noreturn void be_child(const bool *held, unsigned long operations,
			       void (*prepare)(void), void (*each)(void), struct beat *beat)
{
	uint64_t seed = next(&me.random);
	bool may_fail = me.may_fail || prepare, is_short = me.is_short;

	me.depth++;
	worker_begin(beat, seed);
	me.may_fail = may_fail;
	me.is_short = is_short;
	gate_after_fork();
	files_after_fork();
	for (int i = 0; i < SLOTS; i++) {
		if (!held[i])
			slots[i].block = (struct block){ 0 };
		inherit(&slots[i]);
		slot_give(&slots[i]);
	}
	check_all();
	if (options.has[DESCRIPTORS] && !below(4))
		sweep();
	if (prepare)
		prepare();
	for (unsigned long i = 0; i < operations && !atomic_load(&progress->is_over); i++) {
		if (each)
			each();
		operate();
	}
	check_all();
	reap_children();
	worker_end();
	_exit(WELL);
}

void fork_child(unsigned long operations, void (*prepare)(void), void (*each)(void))
{
	char path[sizeof(me.beat->path)];
	bool held[SLOTS];
	struct beat *beat;
	pid_t pid;

	reap(&me.children[0]);
	me.children[0] = me.children[1];
	snprintf(path, sizeof(path), "%.40s%lu/", me.beat->path, me.operation);
	beat = beat_take(path);
	for (int i = 0; i < SLOTS; i++)
		held[i] = slot_take(&slots[i]);
	signals_hold();
	me.in_call = true;
	pid = fork();
	me.in_call = false;
	if (!pid)
		be_child(held, operations, prepare, each, beat);
	next(&me.random);
	signals_go_on();
	if (pid < 0)
		atomic_store(&beat->is_taken, false);
	if (pid < 0 && !me.may_fail)
		fail("fork: errno %d", errno);
	me.children[1] = pid > 0 ? pid : 0;
	for (int i = 0; i < SLOTS; i++)
		if (held[i])
			slot_give(&slots[i]);
}

void fork_plain(void)
{
	doing(FORKING);
	fork_child(below(4) ? 10 + below(150) : 0, NULL, NULL);
	if (!below(3))
		reap_children();
}
