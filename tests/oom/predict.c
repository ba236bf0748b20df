// SPDX-License-Identifier: MIT
/* What tam oom foretells: its JSON has one key a line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oom.h"

/* Where in the document a line stands. */
enum part_of { ELSEWHERE, VICTIM, ALSO, PROCESSES };

/* The text behind "KEY": in a line, NULL without it. */
static const char *value_of(const char *line, const char *key)
{
	char pattern[32];
	const char *at;

	snprintf(pattern, sizeof(pattern), "\"%s\": ", key);
	at = strstr(line, pattern);
	return at ? at + strlen(pattern) : NULL;
}

static void read_process(const char *line, struct prediction *prediction)
{
	const char *pid = value_of(line, "pid");
	const char *badness = value_of(line, "badness");
	unsigned int last = prediction->count - 1;

	if (pid && prediction->count < ARRAY_SIZE(prediction->pid))
		prediction->pid[prediction->count++] = atoi(pid);
	if (!badness)
		return;
	if (!strncmp(badness, "null", 4))
		prediction->count--;
	else
		prediction->badness[last] = atol(badness);
}

static void read_line(const char *line, enum part_of part, struct prediction *prediction)
{
	const char *outcome = value_of(line, "outcome");
	const char *pid = value_of(line, "pid");

	if (part == PROCESSES)
		read_process(line, prediction);
	else if (part == VICTIM && pid)
		prediction->victim = atoi(pid);
	else if (part == ALSO && pid && prediction->also_count < MAX_CAST)
		prediction->also[prediction->also_count++] = atoi(pid);
	else if (part == ELSEWHERE && outcome)
		snprintf(prediction->outcome, sizeof(prediction->outcome), "%.*s",
			 (int)strcspn(outcome + 1, "\""), outcome + 1);
}

static void read_document(FILE *file, struct prediction *prediction)
{
	enum part_of part = ELSEWHERE;
	char line[1024];

	while (fgets(line, sizeof(line), file)) {
		if (!strcmp(line, "    \"victim\": {\n"))
			part = VICTIM;
		else if (!strcmp(line, "    \"also\": [\n"))
			part = ALSO;
		else if (!strcmp(line, "  \"processes\": [\n"))
			part = PROCESSES;
		else if (!strncmp(line, "    }", 5) || !strncmp(line, "    ]", 5))
			part = part == PROCESSES ? part : ELSEWHERE;
		else
			read_line(line, part, prediction);
	}
}

void predict(const char *backend, const struct stage *stage, struct prediction *prediction)
{
	const char *group = stage->group;
	char command[256];
	FILE *file;

	memset(prediction, 0, sizeof(*prediction));
	snprintf(command, sizeof(command), "echo %d >/proc/self/oom_score_adj && "
		 "TAMALLOC_BACKEND=%s exec tam oom --json %s%s", stage->asker_adj, backend,
		 group ? "--cgroup=" : "", group ? group : "");
	file = popen(command, "re");
	if (!file)
		bail_out("tam cannot be started");
	read_document(file, prediction);
	if (pclose(file))
		snprintf(prediction->outcome, sizeof(prediction->outcome), "(tam failed)");
}

bool foretold(const struct prediction *prediction, pid_t pid)
{
	for (unsigned int i = 0; i < prediction->also_count; i++) {
		if (prediction->also[i] == pid)
			return true;
	}
	return pid == prediction->victim;
}
