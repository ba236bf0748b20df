// SPDX-License-Identifier: MIT
/* What happens beside or instead of the death of the one with most memory. */
#include "oom.h"

static const struct part small = { "small", .mib = 16 };
static const struct part large = { "large", .mib = 32 };

/* The eater has far less badness than the others. Where it is exempt, and under
 * a limit, it is as if the setting were not there. */
static void allocating(struct stage *stage, unsigned int variation)
{
	struct part inside = large;

	set_sysctl("oom_kill_allocating_task", "1");
	if (variation == 2) {
		make_group("/limit");
		inside.group = stage->group = stage->eater_group = "/limit";
		set_group("/limit", "memory.max", "64M");
	}
	hire(stage, &small);
	doom(stage, hire(stage, &inside));
	if (variation == 0) {
		stage->eater_adj = -900;
		stage->victim->doomed = false;
		stage->victim = NULL;
	}
	if (variation < 2)
		stage->outcome = "kill_allocating";
}

/* memory.oom.group holds for the machine's memory, too. */
static void whole_group(struct stage *stage, unsigned int variation)
{
	struct part one = { "member", .mib = 12, .group = "/group" };
	struct part two = { "small member", .mib = 6, .group = "/group" };
	struct part spared = { "exempt member", .mib = 6, .adj = EXEMPT, .group = "/group" };
	struct part other = { "other", .mib = variation ? 24 : 8 };
	struct actor *actors[2], *with;

	make_group("/group");
	set_group("/group", "memory.oom.group", "1");
	actors[0] = hire(stage, &one);
	actors[1] = hire(stage, &two);
	hire(stage, &spared);
	with = hire(stage, &other);
	if (variation) {
		doom(stage, with);
		return;
	}
	doom(stage, actors[0]);
	doom_too(actors[1]);
}

static void panic(struct stage *stage, unsigned int variation)
{
	static const struct {
		const char *sysctl;
		const char *group;
		const char *outcome;
	} cases[] = {
		{ "1", NULL, "panic" },
		{ "2", NULL, "panic" },
		{ "1", "/limit", "kill" },
		{ "2", "/limit", "panic" },
	};
	struct part part = small;

	make_group("/limit");
	set_group("/limit", "memory.max", "64M");
	part.group = "/limit";
	hire(stage, &part);
	set_sysctl("panic_on_oom", cases[variation].sysctl);
	stage->group = cases[variation].group;
	stage->outcome = cases[variation].outcome;
	stage->only_ask = true;
}

/* Everybody is exempt, or there is no limit to meet. */
static void nobody(struct stage *stage, unsigned int variation)
{
	static const char *const outcomes[] = { "deadlock", "refuse", "unlimited" };
	struct part part = { "exempt", .mib = 8, .adj = EXEMPT, .group = "/limit" };

	make_group("/limit");
	if (variation == 1)
		set_group("/limit", "memory.max", "64M");
	hire(stage, &part);
	stage->group = variation ? "/limit" : NULL;
	stage->outcome = outcomes[variation];
	stage->asker_adj = EXEMPT;
	stage->only_ask = true;
}

const struct scenario outcome_scenarios[] = {
	{ "vm.oom_kill_allocating_task", allocating, 3 },
	{ "memory.oom.group and the machine", whole_group, 2 },
	{ "vm.panic_on_oom", panic, 4 },
	{ "nobody to take", nobody, 3 },
	{ 0 }
};
