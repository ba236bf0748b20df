// SPDX-License-Identifier: MIT
/* A memory cgroup of version 2 meets its limit. */
#include "oom.h"

/* /limit, with what everybody is charged in groups below it. */
static void make_limit(struct stage *stage, const char *limit)
{
	make_group("/limit");
	set_group("/limit", "memory.max", limit);
	make_group("/limit/eater");
	stage->group = "/limit";
	stage->eater_group = "/limit/eater";
}

/* The largest of all is outside. */
static void sizes_inside(struct stage *stage, unsigned int variation)
{
	static const char *const names[] = { "first", "second", "third" };
	static const struct part outside = { "outside", .mib = 40 };

	make_group("/limit");
	stage->group = stage->eater_group = "/limit";
	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		struct part part = { names[i], .mib = i == variation ? 20 : 8 + 4 * i,
				     .group = "/limit" };
		struct actor *actor = hire(stage, &part);

		if (i == variation)
			doom(stage, actor);
	}
	hire(stage, &outside);
	set_group("/limit", "memory.max", "64M");
}

/* The parent's limit is met: all below it count. A child's: only it. */
static void nested(struct stage *stage, unsigned int variation)
{
	const struct part one = { "in the first", .mib = variation % 2 ? 20 : 12, .group = "/limit/one" };
	const struct part two = { "in the second", .mib = variation % 2 ? 12 : 20, .group = "/limit/two" };
	struct actor *first, *second;

	make_limit(stage, "64M");
	make_group("/limit/one");
	make_group("/limit/two");
	first = hire(stage, &one);
	second = hire(stage, &two);
	if (variation < 2) {
		doom(stage, variation ? first : second);
		return;
	}
	/* The smaller of both is where memory runs out. */
	stage->group = stage->eater_group = variation % 2 ? "/limit/two" : "/limit/one";
	set_group(stage->group, "memory.max", "24M");
	doom(stage, variation % 2 ? second : first);
}

static void sibling(struct stage *stage, unsigned int variation)
{
	const struct part inside = { "inside", .mib = 12, .group = "/limit" };
	const struct part beside = { "beside it", .mib = 32, .adj = 500, .group = "/sibling" };

	(void)variation;
	make_group("/limit");
	make_group("/sibling");
	stage->group = stage->eater_group = "/limit";
	set_group("/limit", "memory.max", "32M");
	hire(stage, &beside);
	doom(stage, hire(stage, &inside));
}

/*
 * oom_score_adj counts thousandths of the limit: 200 are 13 MiB of 64, but 49 of
 * the machine. The same two under the machine's memory: the other one.
 */
static void weights(struct stage *stage, unsigned int variation)
{
	const struct part small = { "small and raised", .mib = 4, .adj = 200, .group = "/limit" };
	const struct part large = { "large", .mib = 24, .group = "/limit" };
	struct actor *raised, *other;

	make_group("/limit");
	set_group("/limit", "memory.max", "64M");
	raised = hire(stage, &small);
	other = hire(stage, &large);
	if (variation) {
		doom(stage, raised);
		return;
	}
	stage->group = stage->eater_group = "/limit";
	doom(stage, other);
}

/* Swap that the group may use counts with its limit: 32 + 48 MiB, 200
 * thousandths of which are 16, but 6 of 32. */
static void swap_weights(struct stage *stage, unsigned int variation)
{
	const struct part small = { "small and raised", .mib = 4, .adj = 200, .group = "/limit" };
	const struct part large = { "large", .mib = 14, .group = "/limit" };
	struct actor *raised, *other;

	swap_on();
	make_group("/limit");
	set_group("/limit", "memory.max", "32M");
	set_group("/limit", "memory.swap.max", variation ? "0" : "48M");
	stage->group = stage->eater_group = "/limit";
	raised = hire(stage, &small);
	other = hire(stage, &large);
	doom(stage, variation ? other : raised);
}

/* Where memory.oom.group is set: at the group itself, above it, not on its way. */
static void whole_group(struct stage *stage, unsigned int variation)
{
	const struct part large = { "large", .mib = 16, .group = "/limit/one" };
	const struct part small = { "small", .mib = 6, .group = "/limit/one" };
	const struct part spared = { "exempt", .mib = 6, .adj = EXEMPT, .group = "/limit/one" };
	const struct part other = { "in the second", .mib = 8, .group = "/limit/two" };
	struct actor *victim, *member, *second;

	make_limit(stage, "64M");
	make_group("/limit/one");
	make_group("/limit/two");
	victim = hire(stage, &large);
	member = hire(stage, &small);
	hire(stage, &spared);
	second = hire(stage, &other);
	doom(stage, victim);
	if (variation == 2) {
		set_group("/limit/two", "memory.oom.group", "1");
		return;
	}
	doom_too(member);
	set_group("/limit/one", "memory.oom.group", "1");
	if (variation == 1) {
		set_group("/limit", "memory.oom.group", "1");
		doom_too(second);
	}
}

/* Set above the group that meets its limit, it does not hold. */
static void group_above(struct stage *stage, unsigned int variation)
{
	const struct part large = { "large", .mib = 12, .group = "/limit/one" };
	const struct part small = { "small", .mib = 6, .group = "/limit/one" };
	const struct part other = { "in the second", .mib = 8, .group = "/limit/two" };

	(void)variation;
	make_limit(stage, "max");
	set_group("/limit", "memory.oom.group", "1");
	make_group("/limit/one");
	make_group("/limit/two");
	set_group("/limit/one", "memory.max", "32M");
	stage->group = stage->eater_group = "/limit/one";
	doom(stage, hire(stage, &large));
	hire(stage, &small);
	hire(stage, &other);
}

/* It is charged to the group of the one, but the other one dies, too. */
static void shared_across(struct stage *stage, unsigned int variation)
{
	const struct part sharer = { "sharer", .mib = 20, .act = SHARER, .group = "/limit",
				     .partner_group = variation ? "/limit" : "/outside" };
	const struct part other = { "other", .mib = 12, .group = "/limit" };
	struct actor *inside, *with;

	make_group("/limit");
	make_group("/outside");
	set_group("/limit", "memory.max", "64M");
	stage->group = stage->eater_group = "/limit";
	inside = hire(stage, &sharer);
	with = partner(stage);
	hire(stage, &other);
	doom(stage, variation ? with : inside);
	doom_too(variation ? inside : with);
}

static void leaderless(struct stage *stage, unsigned int variation)
{
	const struct part headless = { "without its first thread", .mib = 20, .act = LEADERLESS,
				       .group = "/limit" };
	const struct part other = { "other", .mib = 12, .group = "/limit" };

	(void)variation;
	make_group("/limit");
	set_group("/limit", "memory.max", "64M");
	stage->group = stage->eater_group = "/limit";
	doom(stage, hire(stage, &headless));
	hire(stage, &other);
}

/* Equal ones: the last in cgroup.procs is taken, whenever it was started. */
static void tied(struct stage *stage, unsigned int variation)
{
	static const pid_t pids[][3] = { { 0 }, { 4003, 4002, 4001 } };
	struct part part = { "equal", .mib = 8, .group = "/limit" };
	struct actor *actor = NULL;

	make_group("/limit");
	set_group("/limit", "memory.max", "64M");
	stage->group = stage->eater_group = "/limit";
	for (unsigned int i = 0; i < ARRAY_SIZE(pids[0]); i++) {
		part.pid = pids[variation][i];
		actor = hire(stage, &part);
	}
	stage->tied = ARRAY_SIZE(pids[0]);
	doom(stage, actor);
}

/* Groups are looked at in the order in which they were made, those in a group
 * right after it. The process in the last one is taken, whenever it started. */
static void tied_across(struct stage *stage, unsigned int variation)
{
	static const struct {
		const char *made[3];
		unsigned int last;
	} orders[] = {
		{ { "/limit/a", "/limit/b", "/limit/c" }, 2 },
		{ { "/limit/c", "/limit/b", "/limit/a" }, 2 },
		{ { "/limit/in/a", "/limit/b", "/limit/in/c" }, 1 },
	};
	struct part part = { "equal", .mib = 8 };
	struct actor *actors[3];

	make_limit(stage, "64M");
	if (variation == 2)
		make_group("/limit/in");
	for (unsigned int i = 0; i < ARRAY_SIZE(actors); i++)
		make_group(orders[variation].made[i]);
	for (unsigned int i = ARRAY_SIZE(actors); i-- > 0;) {
		part.group = orders[variation].made[i];
		actors[i] = hire(stage, &part);
	}
	stage->tied = ARRAY_SIZE(actors);
	doom(stage, actors[orders[variation].last]);
}

const struct scenario limit_scenarios[] = {
	{ "a limit", sizes_inside, 3 },
	{ "nested limits", nested, 4 },
	{ "a larger one in a sibling", sibling, 1 },
	{ "oom_score_adj and a limit", weights, 2 },
	{ "oom_score_adj and a limit of swap", swap_weights, 2 },
	{ "memory.oom.group", whole_group, 3 },
	{ "memory.oom.group above the limit", group_above, 1 },
	{ "an address space shared across cgroups", shared_across, 2 },
	{ "a first thread that has exited, and a limit", leaderless, 1 },
	{ "a tie in a cgroup", tied, 2 },
	{ "a tie of cgroups", tied_across, 3 },
	{ 0 }
};
