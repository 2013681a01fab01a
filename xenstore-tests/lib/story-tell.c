// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * story-tell: runs the lines of a story in order and repeats loops. What a line
 * does is up to its caller (story.c, conformance/live).
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "story-run.h"

#define MAX_LOOPS 4
#define SHOWN	  160

int run_fail(struct run *r, const char *fmt, ...)
{
	va_list ap;

	if (r->failed)
		return 1;
	va_start(ap, fmt);
	r->failed = talloc_vasprintf(r, fmt, ap);
	va_end(ap);
	return 1;
}

char *run_bytes(struct run *r, const void *p, size_t len)
{
	const unsigned char *b = p;
	char *text = talloc_strdup(r, "");
	size_t i;

	for (i = 0; i < len && i < SHOWN; i++) {
		if (!b[i])
			text = talloc_strdup_append(text, "|");
		else if (isprint(b[i]))
			text = talloc_asprintf_append(text, "%c", b[i]);
		else
			text = talloc_asprintf_append(text, "\\x%02x", b[i]);
	}
	return len > SHOWN ? talloc_strdup_append(text, "...") : text;
}

int run_message(struct run *r, struct word *w, int n)
{
	size_t len = strlen(w[0].p);
	char dir = len > 1 ? w[0].p[len - 1] : 0;
	struct peer *p;

	if (dir != '>' && dir != '<')
		return -1;
	w[0].p[len - 1] = 0;
	p = peer_find(r, w[0].p);
	if (!p)
		return run_fail(r, "unknown peer '%s'", w[0].p);
	return dir == '>' ? peer_request(r, p, w + 1, n - 1, SIZE_MAX)
			  : peer_expect(r, p, w + 1, n - 1);
}

struct loop {
	unsigned int from; /* the line that opens it */
	char *var;
	char **value;
	int n, at;
};

struct teller {
	struct run *r;
	int (*line)(struct run *r, struct word *w, int n);
	char **lines;
	unsigned int nlines, at;
	struct loop loop[MAX_LOOPS];
	int depth;
};

/* repeat VAR FROM TO, each VAR WORD... */
static int loop_begin(struct teller *t, struct word *w, int n)
{
	struct run *r = t->r;
	struct loop *l = &t->loop[t->depth];
	uint64_t from = 0, to = 0, i;

	if (n < 3 || t->depth == MAX_LOOPS)
		return run_fail(r, "the loop has no 'done' or no words");
	memset(l, 0, sizeof(*l));
	l->from = t->at;
	l->var = talloc_strdup(r, w[1].p);
	if (word_is(&w[0], "each")) {
		l->value = talloc_array(r, char *, (unsigned int)n);
		for (l->n = 0; l->n < n - 2; l->n++)
			l->value[l->n] = w[l->n + 2].p;
	} else {
		if (n != 4 || word_number(r, &w[2], &from) ||
		    word_number(r, &w[3], &to) || to < from)
			return run_fail(r, "usage: repeat VAR FROM TO");
		l->value =
			talloc_array(r, char *, (unsigned int)(to - from + 1));
		for (i = from; i <= to; i++)
			l->value[l->n++] = talloc_asprintf(
				r, "%llu", (unsigned long long)i);
	}
	var_set(r, l->var, l->value[0], strlen(l->value[0]));
	t->depth++;
	return 0;
}

static int loop_end(struct teller *t)
{
	struct loop *l = &t->loop[t->depth - 1];

	if (!t->depth)
		return run_fail(t->r, "'done' without a loop");
	if (++l->at == l->n) {
		t->depth--;
		return 0;
	}
	var_set(t->r, l->var, l->value[l->at], strlen(l->value[l->at]));
	t->at = l->from;
	return 0;
}

static int tell_line(struct teller *t, struct word *w)
{
	struct run *r = t->r;
	int n;

	if (words_split(r, t->lines[t->at - 1], w, &n))
		return 1;
	if (!n)
		return 0;
	if (word_is(&w[0], "repeat") || word_is(&w[0], "each"))
		return loop_begin(t, w, n);
	if (word_is(&w[0], "done"))
		return loop_end(t);
	return t->line(r, w, n);
}

static void split_lines(struct teller *t, const char *text)
{
	const char *end;

	for (; *text; text = end + (*end == '\n')) {
		end = text + strcspn(text, "\n");
		t->lines =
			talloc_realloc(t->r, t->lines, char *, t->nlines + 1);
		t->lines[t->nlines++] =
			talloc_strndup(t->r, text, (size_t)(end - text));
	}
}

int story_lines(struct run *r, const char *text,
		int (*line)(struct run *r, struct word *w, int n))
{
	struct word *w = talloc_array(r, struct word, STORY_WORDS);
	struct teller t = {.r = r, .line = line};
	int rc = 0;

	split_lines(&t, text);
	while (t.at < t.nlines && !rc) {
		r->line = ++t.at;
		r->text = t.lines[t.at - 1];
		rc = tell_line(&t, w);
	}
	if (!rc && t.depth)
		rc = run_fail(r, "the story ends inside a loop");
	return rc;
}

char *story_read(const void *ctx, const char *file)
{
	FILE *f = fopen(file, "r");
	char buf[4096], *text = talloc_strdup(ctx, "");
	size_t n;

	if (!f)
		return NULL;
	while ((n = fread(buf, 1, sizeof(buf) - 1, f)) > 0) {
		buf[n] = 0;
		text = talloc_strdup_append(text, buf);
	}
	fclose(f);
	return text;
}
