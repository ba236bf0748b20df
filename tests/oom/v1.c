// SPDX-License-Identifier: MIT
/* A memory cgroup of version 1 meets its limit. */
#include "oom.h"

#define LIMIT "memory.limit_in_bytes"

static void sizes_inside(struct stage *stage, unsigned int variation)
{
	const struct part one = { "first", .mib = variation ? 20 : 10, .group = "/limit" };
	const struct part two = { "second", .mib = variation ? 10 : 20, .group = "/limit" };
	const struct part outside = { "outside", .mib = 40 };
	struct actor *first, *second;

	make_group("/limit");
	set_group("/limit", LIMIT, "64M");
	stage->group = stage->eater_group = "/limit";
	first = hire(stage, &one);
	second = hire(stage, &two);
	hire(stage, &outside);
	doom(stage, variation ? first : second);
}

/* Processes may be in inner groups as well. */
static void nested(struct stage *stage, unsigned int variation)
{
	const struct part one = { "above", .mib = variation ? 20 : 10, .group = "/limit" };
	const struct part two = { "below", .mib = variation ? 10 : 20, .group = "/limit/one" };
	struct actor *above, *below;

	make_group("/limit");
	set_group("/limit", LIMIT, "64M");
	make_group("/limit/one");
	stage->group = stage->eater_group = "/limit";
	above = hire(stage, &one);
	below = hire(stage, &two);
	doom(stage, variation ? above : below);
}

static void weights(struct stage *stage, unsigned int variation)
{
	const struct part small = { "small and raised", .mib = 4, .adj = 200, .group = "/limit" };
	const struct part large = { "large", .mib = 24, .group = "/limit" };

	(void)variation;
	make_group("/limit");
	set_group("/limit", LIMIT, "64M");
	stage->group = stage->eater_group = "/limit";
	hire(stage, &small);
	doom(stage, hire(stage, &large));
}

const struct scenario v1_scenarios[] = {
	{ "a limit of version 1", sizes_inside, 2 },
	{ "nested groups of version 1", nested, 2 },
	{ "oom_score_adj and a limit of version 1", weights, 1 },
	{ 0 }
};
