// SPDX-License-Identifier: MIT
/* Lists of memory nodes, and limits of cgroups. */
#include "both-ways.h"
#include "parse-oom.h"

static void check_text(const char *text)
{
	struct nodes nodes;
	uint64_t pages = 0;

	parse_nodes(text, &nodes);
	parse_allowed_nodes(text, &nodes);
	if (parse_limit(text, 4096, &pages))
		EXPECT(pages <= (uint64_t)PAGES_UNLIMITED(4096));
}

static bool has_node(const struct nodes *nodes, int node)
{
	return nodes->bits[node / NODE_BITS] >> node % NODE_BITS & 1;
}

static void check_nodes(struct bytes bytes)
{
	bool want[NODES] = { false };
	int ranges = take_byte(&bytes) % 20;
	char text[1024] = "Mems_allowed:\t1\nMems_allowed_list:\t";
	char *list = text + strlen(text), *end = list;
	struct nodes nodes, allowed;

	for (int i = 0; i < ranges; i++) {
		int first = take_byte(&bytes) << 2 | i % 4;
		int length = 1 + take_byte(&bytes) % 80;

		if (first + length > NODES)
			length = NODES - first;
		for (int node = first; node < first + length; node++)
			want[node] = true;
		end += sprintf(end, length > 1 ? "%s%d-%d" : "%s%d", i ? "," : "", first,
			       first + length - 1);
	}
	strcpy(end, "\n");
	EXPECT(parse_nodes(list, &nodes));
	EXPECT(parse_allowed_nodes(text, &allowed));
	EXPECT(nodes_are_within(&nodes, &allowed) && nodes_are_within(&allowed, &nodes));
	for (int node = 0; node < NODES; node++)
		EXPECT(has_node(&nodes, node) == want[node]);
}

static void check_limit(struct bytes bytes)
{
	uint64_t want = 0, pages;
	char text[32];

	for (int i = 0; i < 6; i++)
		want = want << 8 | take_byte(&bytes);
	snprintf(text, sizeof(text), "%llu\n", (unsigned long long)want * 4096);
	EXPECT(parse_limit(text, 4096, &pages));
	EXPECT(pages == want);
}

static void check_values(struct bytes bytes)
{
	check_nodes(bytes);
	check_limit(bytes);
}
