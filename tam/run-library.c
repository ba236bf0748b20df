// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "intl.h"
#include "message.h"
#include "run.h"

#define LIBRARY "libtamalloc-preload.so"

/* Beside this program, wherever a link led to it; NULL: no memory. */
static char *beside_program(void)
{
	const char *started_as = (const char *)getauxval(AT_EXECFN);
	char *resolved = started_as ? realpath(started_as, NULL) : NULL;
	const char *program = resolved ? resolved : started_as ? started_as : "";
	const char *slash = strrchr(program, '/');
	char *path;

	if (asprintf(&path, "%.*s/" LIBRARY, slash ? (int)(slash - program) : 1,
		     slash ? program : ".") < 0)
		path = NULL;
	free(resolved);
	return path;
}

static int preload(const char *library)
{
	const char *others = getenv("LD_PRELOAD");
	bool has_others = others && *others;
	char *list;
	int status;

	/* The list has no way to quote what ends a name in it. */
	if (strpbrk(library, " :"))
		return fail("run", _("'%s': LD_PRELOAD takes no path with a blank or a colon "
				     "in it; install tamalloc elsewhere"), library);
	if (asprintf(&list, "%s%s%s", library, has_others ? ":" : "",
		     has_others ? others : "") < 0)
		return fail("run", "%s", strerror(ENOMEM));
	status = setenv("LD_PRELOAD", list, 1) ? fail("run", "%s", strerror(ENOMEM)) : 0;
	free(list);
	return status;
}

int run_preload(void)
{
	char *beside = beside_program();
	int status;

	if (!beside)
		return fail("run", "%s", strerror(ENOMEM));
	if (!access(beside, R_OK))
		status = preload(beside);
	else if (!access(LIBDIR "/" LIBRARY, R_OK))
		status = preload(LIBDIR "/" LIBRARY);
	else
		status = fail("run", _("there is neither '%s' nor '%s' to be read; "
				       "'make install' puts it there"), beside,
			      LIBDIR "/" LIBRARY);
	free(beside);
	return status;
}
