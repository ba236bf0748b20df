/* SPDX-License-Identifier: MIT */
/*
 * What users type, as numbers. Each function returns NULL, or what a right
 * value looks like, to stand after "NAME 'TEXT': ".
 */
#ifndef TAM_PARSE_H
#define TAM_PARSE_H

#include <stddef.h>
#include <sys/types.h>

const char *parse_size(const char *text, size_t *size);
const char *parse_pid(const char *text, pid_t *pid);
const char *parse_count(const char *text, unsigned long *count);
const char *parse_percent(const char *text, double *percent);
/* Seconds of sleep, for --interval. */
const char *parse_interval(const char *text, double *seconds);
/* Seconds between two looks, for --watch: not so few that it is a busy loop. */
const char *parse_watch(const char *text, double *seconds);

#endif
