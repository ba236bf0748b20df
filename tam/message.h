/* SPDX-License-Identifier: MIT */
/*
 * What goes to stderr: "tam: what: why". The functions return the exit status
 * that goes with the message.
 */
#ifndef TAM_MESSAGE_H
#define TAM_MESSAGE_H

#include <getopt.h>

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* The thing asked for failed. */
int fail(const char *what, const char *why, ...)
	__attribute__((format(printf, 2, 3)));

/* A function of the library failed with err, a negative errno. */
int fail_call(const char *what, int err);

/* The user asked for something that does not exist. */
int usage(const char *what, const char *why, ...)
	__attribute__((format(printf, 2, 3)));

/* The argument that begins with a minus and this digit, or NULL. */
const char *negative_number(char **argv, int digit);

/* getopt_long() returned '?' or ':'. */
int usage_option(const char *what, int result, char **argv,
		 const struct option *options);

#endif
