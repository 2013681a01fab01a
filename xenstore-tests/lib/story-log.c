// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * story-log: keeps the log of a story's daemon in memory, together with the
 * lines of its trace file. Called by story*.c.
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

/* tracing SWITCH...: writes a trace file with these switches */
int verb_tracing(struct run *r, struct word *w, int n)
{
	unsigned int wanted = r->log.wanted;
	int i;

	for (i = 1; i < n; i++)
		if (log_switch(&wanted, w[i].p))
			return run_fail(r, "unknown trace switch %s", w[i].p);
	(void)log_set_file(&r->log, "/trace");
	log_want(&r->log, wanted);
	return 0;
}

/* Whether the pattern matches the whole line; "*" is any text. */
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

/* The end of the first matching line after those already found, or 0. */
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

/* logged PATTERN: expects such a line after the last one found */
int verb_logged(struct run *r, struct word *w, int n)
{
	size_t end = find_line(r, w[1].p);

	(void)n;
	if (!end)
		return run_fail(r, "expected a log line: %s", w[1].p);
	r->lines_seen = end;
	return 0;
}

/* unlogged PATTERN: expects no such line after it */
int verb_unlogged(struct run *r, struct word *w, int n)
{
	(void)n;
	return find_line(r, w[1].p)
		       ? run_fail(r, "expected no log line: %s", w[1].p)
		       : 0;
}

/* NAME is PROGRAM: sets the program name of a client's process */
int peer_is(struct run *r, struct peer *p, struct word *w, int n)
{
	struct sh_sock *s;

	if (p->ring || n < 3)
		return run_fail(
			r, "usage: NAME is PROGRAM, for a socket's client");
	s = sh_sock(r->h, p->fd);
	snprintf(s->program, sizeof(s->program), "%s", w[2].p);
	return 0;
}
