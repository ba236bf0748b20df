/* SPDX-License-Identifier: MIT */
/*
 * Writes JSON that is valid whatever it is given: UTF-8 in any locale, names
 * escaped as text_next_utf8() does. Write errors are for output_flush().
 *
 * A key is NULL in an array and for the outermost value. Keys are ours: plain
 * ASCII.
 */
#ifndef TAM_JSON_H
#define TAM_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *out;
	unsigned int depth;
	bool has_members; /* of the innermost object or array */
};

void json_begin_object(struct json *json, const char *key);
void json_end_object(struct json *json);
void json_begin_array(struct json *json, const char *key);
void json_end_array(struct json *json);

void json_null(struct json *json, const char *key);
void json_bool(struct json *json, const char *key, bool value);
void json_unsigned(struct json *json, const char *key, uint64_t value);
void json_signed(struct json *json, const char *key, int64_t value);
/* With one decimal. */
void json_tenths(struct json *json, const char *key, int64_t tenths);
/* NULL becomes null. */
void json_text(struct json *json, const char *key, const char *text);

#endif
