// SPDX-License-Identifier: MIT
/* Which operation comes next. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fuzz.h"

#define DEPTH_MOST 2

void check_all(void)
{
	doing(CHECKING);
	for (int i = 0; i < SLOTS; i++) {
		if (!slot_take(&slots[i]))
			continue;
		if (slots[i].block.at)
			block_check(&slots[i].block, slots[i].block.extent);
		if (!me.depth)
			slot_check_file(&slots[i]);
		slot_give(&slots[i]);
	}
}

static void use(struct slot *slot)
{
	size_t what = below(16);

	if (!slot->block.at) {
		slot_allocate(slot);
	} else if (what < 2) {
		doing(CHECKING);
		block_check(&slot->block, slot->block.extent);
		block_write(&slot->block);
	} else if (what < 6 && options.has[RESIZE]) {
		slot_resize(slot);
	} else if (what < 11 && slot->block.size >= LARGE && has_changes()) {
		slot_change(slot);
	} else {
		slot_free(slot);
	}
}

/* A child in which calls fail; true: there is one. */
static bool fork_failing(void)
{
	switch (below(3)) {
	case 0:
		if (options.has[LIMITS])
			fork_limited();
		return options.has[LIMITS];
	case 1:
		if (options.has[REFUSE])
			fork_refused();
		return options.has[REFUSE];
	default:
		/* It takes longer than the others to begin. */
		if (!options.has[TABLE] || below(3))
			return false;
		fork_with_full_table();
		return true;
	}
}

/* What concerns the whole process; true: something was done. */
static bool use_process(void)
{
	if (options.has[DESCRIPTORS] && !below(32)) {
		doing(SWEEPING);
		sweep();
		return true;
	}
	if (!below(256)) {
		look_at_count();
		return true;
	}
	/* The stream of a child may be in the midst of something. */
	if (options.has[STREAM] && !me.depth && !below(8)) {
		streams_flush();
		return true;
	}
	if (me.depth >= DEPTH_MOST)
		return false;
	if (options.has[FORK] && !below(me.depth ? 200 : 48)) {
		fork_plain();
		return true;
	}
	return !me.depth && !below(24) && fork_failing();
}

void operate(void)
{
	struct slot *slot;
	bool holds;

	me.operation++;
	if (use_process())
		return;
	do
		slot = &slots[below(SLOTS)];
	while (!slot_take(slot));
	holds = options.has[ATFORK] && !below(4);
	if (holds)
		locks_hold();
	use(slot);
	if (holds)
		locks_release();
	slot_give(slot);
}

static void *work(void *number)
{
	unsigned long thread = (unsigned long)(uintptr_t)number;
	char path[16];

	snprintf(path, sizeof(path), "%lu:", thread);
	worker_begin(beat_take(path), mix(options.seed, thread));
	/* The C library makes a heap for a thread's first block, in which that is, however large. */
	free(malloc(1));
	if (!thread)
		signals_go_on();
	while (!atomic_load(&progress->is_over) &&
	       (!options.operations || me.operation < options.operations)) {
		gate_enter();
		operate();
		gate_leave();
	}
	if (!thread)
		signals_hold();
	gate_enter();
	reap_children();
	gate_leave();
	worker_end();
	return NULL;
}

/* Between any two calls of the others. */
static void *sweep_always(void *unused)
{
	worker_begin(beat_take("sweeper:"), mix(options.seed, 1000));
	while (!atomic_load(&progress->is_over)) {
		me.operation++;
		doing(SWEEPING);
		sweep();
		/* A lock is not for who waits, but for who is fast. */
		sched_yield();
	}
	worker_end();
	return unused;
}

void run(void)
{
	pthread_t threads[THREADS_MOST], sweeper;
	bool sweeps = options.has[DESCRIPTORS] && options.threads > 1;

	catch_faults();
	streams_begin();
	signals_begin();
	/* Stacks of threads are mapped, too. */
	gate_enter_alone();
	for (int i = 1; i < options.threads; i++)
		if (pthread_create(&threads[i], NULL, work, (void *)(uintptr_t)i))
			_exit(2);
	if (sweeps && pthread_create(&sweeper, NULL, sweep_always, NULL))
		_exit(2);
	gate_leave();
	work(NULL);
	for (int i = 1; i < options.threads; i++)
		pthread_join(threads[i], NULL);
	/* Nobody limits what the sweeper does but the others' end. */
	atomic_store(&progress->is_over, true);
	if (sweeps)
		pthread_join(sweeper, NULL);
	worker_begin(beat_take("end:"), options.seed);
	check_all();
	for (int i = 0; i < SLOTS; i++)
		if (slots[i].block.at)
			slot_free(&slots[i]);
	check_all();
	worker_end();
	_exit(0);
}
