// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * story-words: splits a line of a story into words; called by story.c.
 *
 * A word consists of plain characters, "quoted" pieces with \n \t \0 \\ \" and
 * \xNN, each of which may be repeated ("ab"*100), and $variables.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/parse.h"
#include "story-run.h"

void var_set(struct run *r, const char *name, const char *p, size_t len)
{
	struct var *v = (struct var *)(void *)var_get(r, name);

	if (!v) {
		v = talloc_zero(r, struct var);
		v->name = talloc_strdup(v, name);
		list_add_tail(&r->vars, &v->next);
	}
	talloc_free(v->p);
	v->p = talloc_size(v, len + 1);
	memcpy(v->p, p, len);
	v->p[len] = 0;
	v->len = len;
}

const struct var *var_get(const struct run *r, const char *name)
{
	struct var *v;

	list_for_each (v, &r->vars, next)
		if (!strcmp(v->name, name))
			return v;
	return NULL;
}

bool word_is(const struct word *w, const char *text)
{
	return w->bare && !strcmp(w->p, text);
}

int word_number(struct run *r, const struct word *w, uint64_t *ret)
{
	char *end;

	*ret = strtoull(w->p, &end, 0);
	if (w->len && !*end && isdigit((unsigned char)w->p[0]))
		return 0;
	return run_fail(r, "'%s' is not a number", w->p);
}

static int hex(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* One character of a quoted piece. */
static const char *quoted_char(const char *s, char *ret)
{
	static const char from[] = "nt0\\\"", to[] = "\n\t\0\\\"";
	const char *at;

	if (*s != '\\') {
		*ret = *s;
		return s + 1;
	}
	s++;
	if (*s == 'x' && hex(s[1]) >= 0 && hex(s[2]) >= 0) {
		*ret = (char)(hex(s[1]) << 4 | hex(s[2]));
		return s + 3;
	}
	at = *s ? strchr(from, *s) : NULL;
	if (!at)
		return NULL;
	*ret = to[at - from];
	return s + 1;
}

static void add(struct run *r, struct word *w, const char *p, size_t len)
{
	w->p = talloc_realloc(r, w->p, char, (unsigned int)(w->len + len + 1));
	memcpy(w->p + w->len, p, len);
	w->len += len;
	w->p[w->len] = 0;
}

static const char *quoted(struct run *r, const char *s, struct word *w)
{
	size_t from = w->len, len;
	unsigned long times = 1, i;
	char *piece, c, *end;

	for (s++; *s && *s != '"';) {
		s = quoted_char(s, &c);
		if (!s)
			return NULL;
		add(r, w, &c, 1);
	}
	if (!*s++)
		return NULL;
	w->bare = false;
	if (*s != '*')
		return s;
	times = strtoul(s + 1, &end, 10);
	len = w->len - from;
	piece = talloc_memdup(r, w->p + from, len);
	w->len = from;
	for (i = 0; i < times; i++)
		add(r, w, piece, len);
	talloc_free(piece);
	return end;
}

static const char *variable(struct run *r, const char *s, struct word *w)
{
	const char *end = ++s;
	const struct var *v;
	char *name;

	while (isalnum((unsigned char)*end) || *end == '_')
		end++;
	name = talloc_strndup(r, s, (size_t)(end - s));
	v = var_get(r, name);
	if (v)
		add(r, w, v->p, v->len);
	else if (w->len || (*end && *end != ' ') || end == s)
		return NULL;
	else
		w->var = name;
	return end;
}

static const char *one_word(struct run *r, const char *s, struct word *w)
{
	memset(w, 0, sizeof(*w));
	w->bare = true;
	add(r, w, "", 0);
	if (*s == '=' && s[1] && s[1] != ' ' && s[1] != '=') {
		w->no_nul = true;
		s++;
	}
	while (s && *s && *s != ' ' && *s != '\t') {
		if (*s == '"')
			s = quoted(r, s, w);
		else if (*s == '$')
			s = variable(r, s, w);
		else
			add(r, w, s++, 1);
	}
	return s;
}

int words_split(struct run *r, const char *text, struct word *w, int *ret_n)
{
	const char *s = text;
	int n = 0;

	for (;;) {
		while (*s == ' ' || *s == '\t')
			s++;
		if (!*s || *s == '#')
			break;
		if (n == STORY_WORDS)
			return run_fail(r, "too many words");
		s = one_word(r, s, &w[n++]);
		if (!s)
			return run_fail(r,
					"word %d: bad quotes or unknown "
					"variable",
					n);
	}
	*ret_n = n;
	return 0;
}
