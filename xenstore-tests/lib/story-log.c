// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * story-log: the log of a story's daemon, in memory, with what an administrator
 * would find in the trace file; called by story*.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "story-run.h"

static void put_line(void *arg, unsigned int sort, const char *line)
{
	struct run *r = arg;
	char stamp[64];

	(void)sort;
	log_stamp(&r->log, stamp, sizeof(stamp));
	if (getenv("STORY_LOG"))
		fprintf(stderr, "# %s%s\n", stamp, line);
	sh_bytes_put(r, &r->lines, stamp, strlen(stamp));
	sh_bytes_put(r, &r->lines, line, strlen(line));
	sh_bytes_put(r, &r->lines, "\n", 1);
}

static int set_file(void *arg, const char *path)
{
	struct run *r = arg;

	if (path)
		r->log.path = talloc_strdup(r, path);
	return 0;
}

void story_log_init(struct run *r)
{
	r->log = (struct log){.put = put_line, .set_file = set_file, .arg = r};
	log_want(&r->log, LOG_DEFAULT);
}

/* tracing SWITCH...: there is a trace file, and these are set */
int verb_tracing(struct run *r, struct word *w, int n)
{
	unsigned int wanted = r->log.wanted;
	int i;

	for (i = 1; i < n; i++)
		if (log_switch(&wanted, w[i].p))
			return run_fail(r, "no switch %s", w[i].p);
	(void)log_set_file(&r->log, "/trace");
	log_want(&r->log, wanted);
	return 0;
}

/* Whether all of the line is what the pattern says: "*" is any text. */
static bool matches(const char *pattern, const char *line, size_t len)
{
	for (; *pattern && *pattern != '*'; pattern++, line++, len--)
		if (!len || *pattern != *line)
			return false;
	if (!*pattern)
		return !len;
	for (;; line++, len--) {
		if (matches(pattern + 1, line, len))
			return true;
		if (!len)
			return false;
	}
}

/* The end of the first line behind those looked at that matches, or 0. */
static size_t find_line(const struct run *r, const char *pattern)
{
	const char *p = (const char *)r->lines.p, *end;
	size_t at = r->lines_seen;

	while (at < r->lines.len) {
		end = memchr(p + at, '\n', r->lines.len - at);
		if (matches(pattern, p + at, (size_t)(end - p) - at))
			return (size_t)(end - p) + 1;
		at = (size_t)(end - p) + 1;
	}
	return 0;
}

/* logged PATTERN: a line behind the one that was found last */
int verb_logged(struct run *r, struct word *w, int n)
{
	size_t end = find_line(r, w[1].p);

	(void)n;
	if (!end)
		return run_fail(r, "no such line: %s", w[1].p);
	r->lines_seen = end;
	return 0;
}

/* unlogged PATTERN: no line behind it */
int verb_unlogged(struct run *r, struct word *w, int n)
{
	(void)n;
	return find_line(r, w[1].p) ? run_fail(r, "there is a line: %s", w[1].p)
				    : 0;
}

/* NAME is PROGRAM: a client's name, as its process has it */
int peer_is(struct run *r, struct peer *p, struct word *w, int n)
{
	struct sh_sock *s;

	if (p->ring || n < 3)
		return run_fail(r, "NAME is PROGRAM, of a socket");
	s = sh_sock(r->h, p->fd);
	snprintf(s->program, sizeof(s->program), "%s", w[2].p);
	return 0;
}
