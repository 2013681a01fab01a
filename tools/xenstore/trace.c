/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace: see trace.h.  Called by main.c; the rest knows only struct log. */
#include "trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

static void put_line(void *arg, unsigned int sort, const char *line)
{
	struct trace *t = arg;
	char stamp[32] = "";
	time_t now = time(NULL);
	struct tm tm;

	if (sort == LOG_EVENT && t->console)
		fprintf(stderr, "xenstored: %s\n", line);
	else if (sort == LOG_EVENT)
		syslog(LOG_NOTICE, "%s", line);
	if (!t->file)
		return;
	if (localtime_r(&now, &tm))
		strftime(stamp, sizeof(stamp), "%Y%m%d %T ", &tm);
	fprintf(t->file, "%s%s\n", stamp, line);
	fflush(t->file);
}

/* The old file stays when the new one cannot be opened. */
static int set_file(void *arg, const char *path)
{
	struct trace *t = arg;
	char *copy;
	FILE *f;

	if (!path)
		path = t->path;
	if (!path)
		return 0;
	f = fopen(path, "ae");
	if (!f)
		return errno;
	copy = strdup(path);
	if (!copy) {
		fclose(f);
		return ENOMEM;
	}
	if (t->file)
		fclose(t->file);
	free(t->path);
	t->file = f;
	t->path = copy;
	t->log.path = copy;
	return 0;
}

int trace_init(struct trace *t, const char *path, bool console, struct err *err)
{
	int rc;

	memset(t, 0, sizeof(*t));
	t->log.put = put_line;
	t->log.set_file = set_file;
	t->log.arg = t;
	t->log.on = LOG_EVENT;
	t->console = console;
	rc = path ? set_file(t, path) : 0;
	if (rc)
		return err_set(err, rc, "trace file %s: %s", path,
			       strerror(rc));
	return 0;
}
