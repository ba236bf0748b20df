// SPDX-License-Identifier: MIT
/* The whole machine runs out of memory: who is taken. */
#include "oom.h"

/* Which of them is the largest changes, and with it its place in the order. */
static void different_sizes(struct stage *stage, unsigned int variation)
{
	static const char *const names[] = { "first", "second", "third" };

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		struct part part = { .name = names[i], .mib = i == variation ? 32 : 12 + 6 * i };
		struct actor *actor = hire(stage, &part);

		if (i == variation)
			doom(stage, actor);
	}
}

/* The one in either order with a bystander, the other way round in each variation. */
static void hire_two(struct stage *stage, unsigned int variation,
		     const struct part *victim, const struct part *bystander)
{
	if (variation % 2)
		hire(stage, bystander);
	doom(stage, hire(stage, victim));
	if (variation % 2 == 0)
		hire(stage, bystander);
}

static void raised(struct stage *stage, unsigned int variation)
{
	static const struct part small = { "small and raised", .mib = 12, .adj = 300 };
	static const struct part large = { "large", .mib = 32 };

	hire_two(stage, variation, &small, &large);
}

static void lowered(struct stage *stage, unsigned int variation)
{
	static const struct part small = { "small", .mib = 12 };
	static const struct part large = { "large and lowered", .mib = 40, .adj = -300 };

	hire_two(stage, variation, &small, &large);
}

/* All are below zero: what is left then still counts. */
static void all_lowered(struct stage *stage, unsigned int variation)
{
	static const struct part less = { "less lowered", .mib = 8, .adj = -400 };
	static const struct part more = { "more lowered", .mib = 16, .adj = -600 };

	hire_two(stage, variation, &less, &more);
}

static void exempt(struct stage *stage, unsigned int variation)
{
	static const struct part small = { "small", .mib = 12 };
	static const struct part large = { "large and exempt", .mib = 40, .adj = EXEMPT };

	hire_two(stage, variation, &small, &large);
}

static void swapped(struct stage *stage, unsigned int variation)
{
	static const struct part out[] = { { "swapped out", .mib = 40, .act = SWAPPED },
					   { "swapped out", .mib = 24, .act = SWAPPED } };
	static const struct part in[] = { { "resident", .mib = 24 }, { "resident", .mib = 40 } };
	bool second = variation / 2;

	swap_on();
	hire_two(stage, variation, second ? &in[1] : &out[0], second ? &out[1] : &in[0]);
}

/* As much again is resident, which alone is less than what the other has. */
static void tables(struct stage *stage, unsigned int variation)
{
	static const struct part sparse[] = { { "sparse", .mib = 14, .act = TABLES },
					      { "sparse", .mib = 6, .act = TABLES } };
	static const struct part dense = { "dense", .mib = 20 };
	bool second = variation / 2;

	hire_two(stage, variation, second ? &dense : &sparse[0], second ? &sparse[1] : &dense);
}

/* Of the two, which are equal, the later: what clone(2) made. */
static void shared(struct stage *stage, unsigned int variation)
{
	static const struct part sharer = { "sharer", .mib = 24, .act = SHARER };
	const struct part other = { "other", .mib = variation ? 32 : 16 };
	struct actor *actor, *with;

	actor = hire(stage, &sharer);
	with = partner(stage);
	if (variation) {
		doom(stage, hire(stage, &other));
		return;
	}
	hire(stage, &other);
	doom(stage, with);
	doom_too(actor);
}

static void leaderless(struct stage *stage, unsigned int variation)
{
	static const struct part headless = { "without its first thread", .mib = 24, .act = LEADERLESS };
	const struct part other = { "other", .mib = variation ? 32 : 16 };
	struct actor *actor = hire(stage, &headless);
	struct actor *with = hire(stage, &other);

	doom(stage, variation ? with : actor);
}

/* The child would be the later of two that are equal, but is not looked at. */
static void vforked(struct stage *stage, unsigned int variation)
{
	static const struct part parent = { "waiting for its child", .mib = 24, .act = VFORKING };
	const struct part other = { "other", .mib = variation ? 32 : 16 };
	struct actor *actor, *child;

	actor = hire(stage, &parent);
	child = partner(stage);
	if (variation) {
		doom(stage, hire(stage, &other));
		return;
	}
	hire(stage, &other);
	doom(stage, actor);
	doom_too(child);
}

/* The last to start is taken, also when its pid is the lowest. */
static void tied(struct stage *stage, unsigned int variation)
{
	static const pid_t pids[][3] = { { 0 },
					 { 4003, 4002, 4001 },
					 { 4002, 4003, 4001 },
					 { 4001, 4003, 4002 } };
	struct part part = { "equal", .mib = 16 };
	struct actor *actor = NULL;

	for (unsigned int i = 0; i < ARRAY_SIZE(pids[0]); i++) {
		part.pid = pids[variation][i];
		actor = hire(stage, &part);
	}
	stage->tied = ARRAY_SIZE(pids[0]);
	doom(stage, actor);
}

const struct scenario machine_scenarios[] = {
	{ "different sizes", different_sizes, 3 },
	{ "a raised oom_score_adj", raised, 2 },
	{ "a lowered oom_score_adj", lowered, 2 },
	{ "every oom_score_adj lowered", all_lowered, 2 },
	{ "an oom_score_adj of -1000", exempt, 2 },
	{ "swap in use", swapped, 4 },
	{ "page tables", tables, 4 },
	{ "a shared address space", shared, 2 },
	{ "a first thread that has exited", leaderless, 2 },
	{ "a child of vfork", vforked, 2 },
	{ "a tie", tied, 4 },
	{ 0 }
};
