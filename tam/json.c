// SPDX-License-Identifier: MIT
#include "json.h"

#include <inttypes.h>

#include "size.h"
#include "text.h"

/* The comma, the line and the key before a value. */
static void begin_member(struct json *json, const char *key)
{
	if (json->has_members)
		putc(',', json->out);
	if (json->depth)
		fprintf(json->out, "\n%*s", (int)json->depth * 2, "");
	if (key)
		fprintf(json->out, "\"%s\": ", key);
	json->has_members = true;
}

static void begin(struct json *json, const char *key, char bracket)
{
	begin_member(json, key);
	putc(bracket, json->out);
	json->depth++;
	json->has_members = false;
}

static void end(struct json *json, char bracket)
{
	json->depth--;
	if (json->has_members)
		fprintf(json->out, "\n%*s", (int)json->depth * 2, "");
	putc(bracket, json->out);
	if (!json->depth)
		putc('\n', json->out);
	json->has_members = true;
}

void json_begin_object(struct json *json, const char *key)
{
	begin(json, key, '{');
}

void json_end_object(struct json *json)
{
	end(json, '}');
}

void json_begin_array(struct json *json, const char *key)
{
	begin(json, key, '[');
}

void json_end_array(struct json *json)
{
	end(json, ']');
}

void json_null(struct json *json, const char *key)
{
	begin_member(json, key);
	fputs("null", json->out);
}

void json_bool(struct json *json, const char *key, bool value)
{
	begin_member(json, key);
	fputs(value ? "true" : "false", json->out);
}

void json_unsigned(struct json *json, const char *key, uint64_t value)
{
	begin_member(json, key);
	fprintf(json->out, "%" PRIu64, value);
}

void json_signed(struct json *json, const char *key, int64_t value)
{
	begin_member(json, key);
	fprintf(json->out, "%" PRId64, value);
}

void json_tenths(struct json *json, const char *key, int64_t tenths)
{
	char text[SIZE_TEXT];

	size_tenths(text, tenths);
	begin_member(json, key);
	fputs(text, json->out);
}

void json_text(struct json *json, const char *key, const char *text)
{
	char piece[TEXT_PIECE];

	if (!text) {
		json_null(json, key);
		return;
	}
	begin_member(json, key);
	putc('"', json->out);
	while (text_next_utf8(&text, piece)) {
		if (*piece == '"' || *piece == '\\')
			putc('\\', json->out);
		fputs(piece, json->out);
	}
	putc('"', json->out);
}
