/* SPDX-License-Identifier: MIT */
/* The report as a table, JSON or CSV, and as sentences. */
#ifndef TAM_OOM_VIEW_H
#define TAM_OOM_VIEW_H

#include <stdio.h>

#include "oom-report.h"
#include "view-options.h"

/* Who is killed, who dies with it, and what happens beside or instead. */
void oom_print_sentences(const struct oom_report *report, FILE *out);

struct json;
/* The same, as the member "oom" of the object; about is a struct oom_report. */
void oom_write_json(struct json *json, const void *about);

/* Of the processes, in the form that was asked for; returns the exit status. */
int oom_show_rows(const struct oom_report *report, const struct view_options *options);

/* What of the memory that counts is this badness, in tenths of a percent. */
struct value oom_share(int64_t badness, uint64_t pages);

#endif
