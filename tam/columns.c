// SPDX-License-Identifier: MIT
#include "columns.h"

#include <string.h>

#include "intl.h"
#include "text.h"
#include "users.h"

#define SIZE(member) \
	.type = COLUMN_SIZE, .get = get_size, \
	.offset = offsetof(struct tamalloc_process, member)

#define RESERVED_AND_COMMITTED (TAMALLOC_RESERVED | TAMALLOC_COMMITTED)

static struct value number(int64_t number)
{
	return (struct value){ .known = true, .number = number };
}

static struct value get_size(const struct column *column, const struct row *row,
			     const struct machine *machine)
{
	const char *from = (const char *)&row->process + column->offset;
	struct value value = { .known = true };

	(void)machine;
	memcpy(&value.size, from, sizeof(value.size));
	return value;
}

static struct value get_pid(const struct column *column, const struct row *row,
			    const struct machine *machine)
{
	(void)column, (void)machine;
	return number(row->process.pid);
}

static struct value get_parent(const struct column *column, const struct row *row,
			       const struct machine *machine)
{
	(void)column, (void)machine;
	return number(row->process.parent);
}

static struct value get_uid(const struct column *column, const struct row *row,
			    const struct machine *machine)
{
	(void)column, (void)machine;
	return number(row->process.user);
}

static struct value get_user(const struct column *column, const struct row *row,
			     const struct machine *machine)
{
	const char *name = users_name(row->process.user);

	(void)column, (void)machine;
	return (struct value){ .known = name, .text = name };
}

static struct value get_command(const struct column *column, const struct row *row,
				const struct machine *machine)
{
	(void)column, (void)machine;
	return (struct value){ .known = true, .text = row->process.command };
}

static struct value get_cgroup(const struct column *column, const struct row *row,
			       const struct machine *machine)
{
	(void)column, (void)machine;
	return (struct value){ .known = row->cgroup, .text = row->cgroup };
}

static struct value get_processes(const struct column *column, const struct row *row,
				  const struct machine *machine)
{
	(void)column, (void)machine;
	return number((int64_t)row->processes);
}

/* part * scale / whole, rounded down; sizes have 64 bits. */
static int64_t share(uint64_t part, uint64_t whole, unsigned int scale)
{
	return whole ? (int64_t)((unsigned __int128)part * scale / whole) : 0;
}

static struct value get_use(const struct column *column, const struct row *row,
			    const struct machine *machine)
{
	unsigned int scale = column->type == COLUMN_BAR ? 1000 : 100;

	(void)machine;
	return number(share(row->process.committed, row->process.reserved, scale));
}

static struct value get_share_of_machine(const struct column *column,
					 const struct row *row,
					 const struct machine *machine)
{
	(void)column;
	if (!machine->memory)
		return (struct value){ .known = false };
	return number(share(row->process.committed, machine->memory, 1000));
}

static struct value get_start(const struct column *column, const struct row *row,
			      const struct machine *machine)
{
	(void)column;
	return number(machine->booted + (int64_t)row->process.start_time);
}

static struct value get_oom_score_adj(const struct column *column,
				      const struct row *row,
				      const struct machine *machine)
{
	(void)column, (void)machine;
	return number(row->process.oom_score_adj);
}

static struct value get_oom_score(const struct column *column, const struct row *row,
				  const struct machine *machine)
{
	(void)column, (void)machine;
	return number(row->process.oom_score);
}

static struct value get_threads(const struct column *column, const struct row *row,
				const struct machine *machine)
{
	(void)column, (void)machine;
	return number(row->process.threads);
}

static struct value get_badness(const struct column *column, const struct row *row,
				const struct machine *machine)
{
	(void)column, (void)machine;
	if (row->process.oom_exempt != TAMALLOC_EXEMPT_NOT)
		return (struct value){ .known = false };
	return number(row->process.oom_badness);
}

static struct value get_exempt(const struct column *column, const struct row *row,
			       const struct machine *machine)
{
	static const char *const why[] = {
		[TAMALLOC_EXEMPT_INIT] = "init",
		[TAMALLOC_EXEMPT_KERNEL_THREAD] = "kernel",
		[TAMALLOC_EXEMPT_NO_MEMORY] = "memoryless",
		[TAMALLOC_EXEMPT_DISABLED] = "disabled",
		[TAMALLOC_EXEMPT_SKIPPED] = "skipped",
		[TAMALLOC_EXEMPT_VFORK] = "vfork",
		[TAMALLOC_EXEMPT_UNKNOWN] = "unknown",
	};
	uint32_t exempt = row->process.oom_exempt;

	(void)column, (void)machine;
	if (exempt > TAMALLOC_EXEMPT_UNKNOWN)
		exempt = TAMALLOC_EXEMPT_UNKNOWN;
	return (struct value){ .known = why[exempt], .text = why[exempt] };
}

static const struct column columns[] = {
	{ .name = "pid", .aliases = { "tgid" }, .key = "pid", .header = "PID",
	  .help = N_("process id"),
	  .fields = ROW_PID, .type = COLUMN_NUMBER, .get = get_pid },
	{ .name = "ppid", .aliases = { "parent" }, .key = "ppid", .header = "PPID",
	  .help = N_("process id of its parent"),
	  .fields = TAMALLOC_PARENT, .type = COLUMN_NUMBER, .get = get_parent },
	{ .name = "user", .aliases = { "euser", "uname" }, .key = "user", .header = "USER",
	  .help = N_("effective user"), .wide = true,
	  .fields = TAMALLOC_USER, .type = COLUMN_TEXT, .get = get_user },
	{ .name = "uid", .aliases = { "euid" }, .key = "uid", .header = "UID",
	  .help = N_("effective user id"),
	  .fields = TAMALLOC_USER, .type = COLUMN_NUMBER, .get = get_uid },
	{ .name = "comm", .aliases = { "ucmd", "ucomm" }, .key = "command",
	  .header = "COMMAND",
	  .help = N_("name of the command"), .wide = true,
	  .fields = TAMALLOC_COMMAND, .type = COLUMN_TEXT, .get = get_command },
	{ .name = "vsz", .aliases = { "vsize" }, .key = "reserved", .header = "RESERVED",
	  .help = N_("reserved memory: address space"),
	  .fields = TAMALLOC_RESERVED, SIZE(reserved) },
	{ .name = "rss", .aliases = { "rssize", "rsz" }, .key = "committed",
	  .header = "COMMITTED",
	  .help = N_("committed memory: resident"),
	  .fields = TAMALLOC_COMMITTED, SIZE(committed) },
	{ .name = "use", .aliases = { "usage" }, .key = "use_percent", .header = "USE%",
	  .help = N_("committed as a percentage of reserved memory"),
	  .fields = RESERVED_AND_COMMITTED, .type = COLUMN_NUMBER, .get = get_use },
	{ .name = "bar", .key = "use_percent", .header = "BAR",
	  .help = N_("the same as a bar"),
	  .fields = RESERVED_AND_COMMITTED, .type = COLUMN_BAR, .get = get_use },
	{ .name = "pmem", .aliases = { "%mem" }, .key = "memory_percent", .header = "%MEM",
	  .help = N_("committed as a percentage of the machine's memory"),
	  .fields = TAMALLOC_COMMITTED, .type = COLUMN_TENTHS,
	  .get = get_share_of_machine },
	{ .name = "anon", .key = "anonymous", .header = "ANON",
	  .help = N_("committed: the process's own, such as its heap"),
	  .fields = TAMALLOC_ANONYMOUS, SIZE(anonymous) },
	{ .name = "file", .key = "file", .header = "FILE",
	  .help = N_("committed: pages of files"),
	  .fields = TAMALLOC_FILE, SIZE(file) },
	{ .name = "shared", .key = "shared", .header = "SHARED",
	  .help = N_("committed: made to be shared, such as tmpfs"),
	  .fields = TAMALLOC_SHARED, SIZE(shared) },
	{ .name = "swap", .key = "swap", .header = "SWAP",
	  .help = N_("swapped out"),
	  .fields = TAMALLOC_SWAP, SIZE(swap) },
	{ .name = "pte", .key = "page_tables", .header = "PTE",
	  .help = N_("page tables"),
	  .fields = TAMALLOC_PAGE_TABLES, SIZE(page_tables) },
	{ .name = "oomadj", .aliases = { "oom_adj" }, .key = "oom_score_adj",
	  .header = "OOM_ADJ",
	  .help = N_("adjustment of the next: -1000 (never) to 1000"),
	  .fields = TAMALLOC_OOM_SCORE_ADJ, .type = COLUMN_NUMBER,
	  .get = get_oom_score_adj },
	{ .name = "oom", .key = "oom_score", .header = "OOM",
	  .help = N_("out-of-memory score: the highest is killed first"),
	  .fields = TAMALLOC_OOM_SCORE, .type = COLUMN_NUMBER, .get = get_oom_score },
	{ .name = "badness", .key = "badness", .header = "BADNESS",
	  .help = N_("the same in pages, as the kernel compares it"),
	  .fields = TAMALLOC_OOM_BADNESS, .type = COLUMN_NUMBER, .get = get_badness },
	{ .name = "exempt", .key = "exempt", .header = "EXEMPT",
	  .help = N_("why it is not killed when memory runs out"),
	  .fields = TAMALLOC_OOM_BADNESS, .type = COLUMN_TEXT, .get = get_exempt },
	{ .name = "threads", .aliases = { "nlwp", "thcount" }, .key = "threads",
	  .header = "THREADS",
	  .help = N_("how many threads"),
	  .fields = TAMALLOC_THREADS, .type = COLUMN_NUMBER, .get = get_threads },
	{ .name = "start", .aliases = { "stime" }, .key = "start_time",
	  .header = "START",
	  .help = N_("time or day of its start"),
	  .fields = TAMALLOC_START_TIME, .type = COLUMN_TIME, .get = get_start },
	{ .name = "lstart", .key = "start_time", .header = "STARTED",
	  .help = N_("the same in full"),
	  .fields = TAMALLOC_START_TIME, .type = COLUMN_MOMENT, .get = get_start },
	{ .name = "cgroup", .key = "cgroup", .header = "CGROUP",
	  .help = N_("control group"), .wide = true,
	  .fields = ROW_CGROUP, .type = COLUMN_TEXT, .get = get_cgroup },
	{ .name = "processes", .aliases = { "nproc" }, .key = "processes",
	  .header = "PROCESSES",
	  .help = N_("how many processes, of a group"),
	  .type = COLUMN_NUMBER, .get = get_processes },
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

const struct column *column_at(size_t index)
{
	return index < COLUMNS ? &columns[index] : NULL;
}

static bool has_name(const struct column *column, const char *name)
{
	if (!strcmp(name, column->name))
		return true;
	for (const char *const *alias = column->aliases; *alias; alias++)
		if (!strcmp(name, *alias))
			return true;
	return false;
}

const struct column *column_find(const char *name)
{
	for (size_t i = 0; i < COLUMNS; i++)
		if (has_name(&columns[i], name))
			return &columns[i];
	/* Last, for two columns may share a key. */
	for (size_t i = 0; i < COLUMNS; i++)
		if (!strcmp(name, columns[i].key))
			return &columns[i];
	return NULL;
}

const char *column_nearest(const char *name)
{
	const char *names[COLUMNS * 6 + 1];
	size_t count = 0;

	for (size_t i = 0; i < COLUMNS; i++) {
		const char *const *alias = columns[i].aliases;

		names[count++] = columns[i].name;
		while (*alias)
			names[count++] = *alias++;
		names[count++] = columns[i].key;
	}
	names[count] = NULL;
	return text_nearest(name, names);
}

struct value column_value(const struct column *column, const struct row *row,
			  const struct machine *machine)
{
	if ((row->process.fields & column->fields) != column->fields)
		return (struct value){ .known = false };
	return column->get(column, row, machine);
}

int column_compare(const struct column *column, const struct row *a,
		   const struct row *b, const struct machine *machine,
		   bool descending)
{
	struct value x = column_value(column, a, machine);
	struct value y = column_value(column, b, machine);
	int order;

	if (!x.known || !y.known)
		return y.known - x.known;
	switch (column->type) {
	case COLUMN_TEXT:
		order = strcmp(x.text, y.text);
		break;
	case COLUMN_SIZE:
		order = (x.size > y.size) - (x.size < y.size);
		break;
	default:
		order = (x.number > y.number) - (x.number < y.number);
	}
	return descending ? -order : order;
}

bool column_list_add(struct column_list *list, const struct column *column)
{
	if (list->count == COLUMNS_MAX)
		return false;
	list->column[list->count++] = column;
	return true;
}

struct column_list column_list_of(const char *names)
{
	struct column_list list = { 0 };
	char name[32];

	while (*names) {
		size_t length = strcspn(names, ",");
		const struct column *column;

		memcpy(name, names, length);
		name[length] = '\0';
		column = column_find(name);
		if (column)
			column_list_add(&list, column);
		names += length + (names[length] == ',');
	}
	return list;
}

uint64_t column_list_fields(const struct column_list *list)
{
	uint64_t fields = 0;

	for (size_t i = 0; i < list->count; i++)
		fields |= list->column[i]->fields;
	return fields;
}
