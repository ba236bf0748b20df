// SPDX-License-Identifier: MIT
/* /proc/PID/stat and /proc/PID/comm. */
#include <inttypes.h>

#include "fuzz.h"
#include "parse.h"

#define PF_KTHREAD	UINT64_C(0x00200000)

/* It ends inside its field, and nothing is left behind its end. */
static void check_name(const char *name, size_t size)
{
	size_t length = strnlen(name, size);

	EXPECT(length < size);
	for (size_t i = length; i < size; i++)
		EXPECT(!name[i]);
}

static bool write_line(char *line, size_t size, const struct stat_line *stat)
{
	uint64_t flags = stat->is_kernel_thread ? PF_KTHREAD : 0;
	int length = snprintf(line, size,
			      "1 (%s) %c %" PRId32 " 1 1 0 -1 %" PRIu64
			      " 0 0 0 0 0 0 0 0 20 0 %" PRIu64 " 0 %" PRIu64
			      " 4096 1 18446744073709551615\n",
			      stat->command, stat->state, stat->parent, flags,
			      stat->threads, stat->start_time);

	return length >= 0 && (size_t)length < size;
}

static void check_line(const struct stat_line *want)
{
	struct stat_line got;
	char line[512];

	EXPECT(write_line(line, sizeof(line), want));
	EXPECT(parse_stat(line, &got));
	EXPECT(!strcmp(got.command, want->command));
	EXPECT(got.state == want->state && got.parent == want->parent);
	EXPECT(got.is_kernel_thread == want->is_kernel_thread);
	EXPECT(got.threads == want->threads && got.start_time == want->start_time);
}

static void check_text(const char *text)
{
	struct stat_line stat;

	if (!parse_stat(text, &stat))
		return;
	check_name(stat.command, sizeof(stat.command));
	EXPECT(stat.parent >= 0);
	EXPECT(stat.state);
	check_line(&stat);
}

static void check_values(struct bytes bytes)
{
	struct stat_line stat = { .state = "RSDZTtXI"[take_byte(&bytes) % 8] };
	size_t length = take_byte(&bytes) % sizeof(stat.command);

	stat.parent = (int32_t)(take_number(&bytes) & INT32_MAX);
	stat.is_kernel_thread = take_byte(&bytes) & 1;
	stat.threads = take_number(&bytes);
	stat.start_time = take_number(&bytes);
	for (size_t i = 0; i < length; i++)
		stat.command[i] = (char)take_byte(&bytes);
	check_line(&stat);
}

static void check_command(const uint8_t *data, size_t size)
{
	size_t length = size && data[size - 1] == '\n' ? size - 1 : size;
	char name[64], *text = text_of(data, size);

	memset(name, 'x', sizeof(name));
	parse_command(text, size, name, sizeof(name));
	free(text);
	if (length >= sizeof(name))
		length = sizeof(name) - 1;
	if (length)
		EXPECT(!memcmp(name, data, length));
	for (size_t i = length; i < sizeof(name); i++)
		EXPECT(!name[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size);

	check_text(text);
	check_command(data, size);
	check_values((struct bytes){ data, size });
	free(text);
	return 0;
}
