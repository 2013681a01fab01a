/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-args: the arguments of a successor, and those with which this binary
 * returns; see host-process.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/handoff.h"
#include "host/host-process.h"

/*
 * Those of this process.  --config-file FILE, which a daemon has that took over
 * from oxenstored, is not for the C daemon; nothing else is for oxenstored.
 */
static size_t own_args(const struct posix *p, char **to, size_t n)
{
	char **old;
	bool of_ox;

	for (old = p->argv + 1; *old && n <= ARGS_MAX; old++) {
		of_ox = !strcmp(*old, "--config-file") && old[1];
		if (p->kind == HOST_OURS || of_ox == (p->kind == HOST_OX)) {
			to[n++] = *old;
			if (of_ox)
				to[n++] = *++old;
		} else if (of_ox) {
			old++;
		}
	}
	return n;
}

int args_make(struct posix *p, const char *binary, const char *args,
	      struct args *ret, struct err *err)
{
	char *save, *word, **old;
	size_t n = 0;
	bool has_u = false;

	memset(ret, 0, sizeof(*ret));
	ret->argv[n++] = (char *)(uintptr_t)binary;
	if (p->kind == HOST_OX) {
		n += ox_args((const char **)ret->argv + n);
		has_u = true;
	}
	if (args) {
		ret->text = strdup(args);
		if (!ret->text)
			return err_set(err, ENOMEM, "no memory");
		for (word = strtok_r(ret->text, " ", &save);
		     word && n <= ARGS_MAX; word = strtok_r(NULL, " ", &save))
			ret->argv[n++] = word;
	} else {
		n = own_args(p, ret->argv, n);
	}
	if (n > ARGS_MAX) {
		free(ret->text);
		return err_set(err, E2BIG, "more than %d arguments", ARGS_MAX);
	}
	for (old = ret->argv + 1; *old; old++)
		has_u |= !strcmp(*old, "-U") || !strcmp(*old, "--live-update");
	if (!has_u)
		ret->argv[n++] = (char *)(uintptr_t)("-U");
	ret->argv[n] = NULL;
	return 0;
}

int args_fit_back(const struct posix *p, struct err *err)
{
	size_t size = 1, n = 0, e = 0;

	for (; p->argv[n]; n++)
		size += strlen(p->argv[n]) + 1;
	while (environ[e])
		e++;
	if (n <= HANDOFF_ARGS_MAX && size <= HANDOFF_ARGS_TEXT &&
	    e <= HANDOFF_ENV_MAX)
		return 0;
	return err_set(err, E2BIG,
		       "this daemon was started with %zu arguments of %zu "
		       "bytes and %zu environment variables; with more than "
		       "%d, %d or %d a failed update could not return to it",
		       n, size, e, HANDOFF_ARGS_MAX, HANDOFF_ARGS_TEXT,
		       HANDOFF_ENV_MAX);
}

int args_put_back(struct posix *p)
{
	size_t size = 1, n = 0;
	char *text, **a;
	int rc;

	for (a = p->argv; *a; a++)
		size += strlen(*a) + 1;
	text = malloc(size);
	if (!text)
		return ENOMEM;
	for (a = p->argv; *a; a++)
		n += (size_t)snprintf(text + n, size - n, "%s%c", *a,
				      HANDOFF_SEPARATOR);
	rc = setenv(HANDOFF_ENV_ARGS, text, 1) ? ENOMEM : 0;
	free(text);
	return rc;
}
