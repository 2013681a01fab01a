/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * story: writes a run in the language of the stories (see ../README.md), with
 * our replies. It shows what happened to our daemon; where stock differs is
 * left to the reader. Used by shrink.c.
 */
#include "diff.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct story {
	FILE *out;
	bool open[CONNS];
	uint32_t tx[CONNS][TX_SLOTS + 1]; /* the variables' numbers */
	uint32_t next_tx;
};

struct story *story_new(FILE *out)
{
	struct story *st = calloc(1, sizeof(*st));

	if (!st)
		abort();
	st->out = out;
	return st;
}

void story_free(struct story *st)
{
	fflush(st->out);
	free(st);
}

static char peer(size_t conn)
{
	return (char)(conn < SOCKETS ? 'a' + conn : '0' + conn - DOM0_RING);
}

static bool plain(const uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!isalnum(p[i]) && !strchr("/-_@+.", p[i]))
			return false;
	return len > 0;
}

/* Repeated characters as "x"*N, the rest in quotes. */
static void quoted(FILE *out, const uint8_t *p, size_t len)
{
	size_t i, run;
	bool open = false;

	for (i = 0; i < len; i += run) {
		for (run = 1; i + run < len && p[i + run] == p[i]; run++)
			;
		if (run < 12 && run > 1)
			run = 1;
		if (run > 1 || !open)
			fputs(open ? "\"\"" : "\"", out);
		open = true;
		if (p[i] == '"' || p[i] == '\\')
			fprintf(out, "\\%c", p[i]);
		else if (isprint(p[i]))
			fputc(p[i], out);
		else
			fprintf(out, "\\x%02x", p[i]);
		if (run > 1)
			fprintf(out, "\"*%zu", run);
		open = run == 1;
	}
	fputs(open ? "\"" : len ? "" : "\"\"", out);
}

static void word(FILE *out, const uint8_t *p, size_t len)
{
	if (plain(p, len))
		fprintf(out, " %.*s", (int)len, (const char *)p);
	else {
		fputc(' ', out);
		quoted(out, p, len);
	}
}

/* Each word ends in a NUL; one that does not is =word. */
static void words(FILE *out, const uint8_t *p, size_t len)
{
	size_t at, n;

	for (at = 0; at < len; at += n + 1) {
		n = strnlen((const char *)p + at, len - at);
		if (at + n < len) {
			word(out, p + at, n);
		} else {
			fputs(" =", out);
			quoted(out, p + at, n);
		}
	}
}

/* Where the value of a WRITE begins; the end for other requests. */
static size_t value_at(const struct step *s)
{
	size_t n = strnlen((const char *)s->body, s->len);

	return s->type == XS_WRITE && n < s->len ? n + 1 : s->len;
}

static void see(struct story *st, size_t conn)
{
	if (st->open[conn] || conn > DOM0_RING)
		return;
	st->open[conn] = true;
	if (conn == DOM0_RING)
		fputs("dom0\n", st->out);
	else
		fprintf(st->out, "socket %c\n", peer(conn));
}

static void request(struct story *st, const struct step *s)
{
	size_t at = value_at(s);

	see(st, s->conn);
	fprintf(st->out, "%c>", peer(s->conn));
	if (s->tx == TX_ODD || (s->tx && !st->tx[s->conn][s->tx]))
		fputs(" tx=77777", st->out);
	else if (s->tx)
		fprintf(st->out, " tx=$t%u", st->tx[s->conn][s->tx]);
	if (s->type > XS_DIRECTORY_PART)
		fprintf(st->out, " type=%u", s->type);
	else
		fprintf(st->out, " %s", type_name(s->type));
	words(st->out, s->body, at);
	if (s->type == XS_WRITE && at && !s->body[at - 1])
		word(st->out, s->body + at, s->len - at);
	fputc('\n', st->out);
}

void story_step(struct story *st, const struct step *s)
{
	switch (s->kind) {
	case STEP_CREATE:
		fprintf(st->out, "domain %u\n", s->domid);
		return;
	case STEP_INTRODUCE:
		see(st, s->conn);
		fprintf(st->out, "introduce %u\n", s->domid);
		return;
	case STEP_SHUTDOWN:
		fprintf(st->out, "shutdown %u\n", s->domid);
		return;
	case STEP_DESTROY:
		fprintf(st->out, "die %u\n", s->domid);
		memset(st->tx[DOM0_RING + s->domid], 0, sizeof(st->tx[0]));
		return;
	case STEP_RECONNECT:
		if (st->open[s->conn])
			fprintf(st->out, "%c close\n", peer(s->conn));
		st->open[s->conn] = false;
		memset(st->tx[s->conn], 0, sizeof(st->tx[0]));
		return;
	case STEP_REQUEST:
		request(st, s);
		return;
	default:
		return;
	}
}

/* The slot that tx.c will use; it gets a new variable. */
static void started(struct story *st, const struct step *s)
{
	uint32_t *tx = st->tx[s->conn], i;

	for (i = 1; i < TX_SLOTS && tx[i]; i++)
		;
	tx[i] = ++st->next_tx;
	fprintf(st->out, "%c< $t%u\n", peer(s->conn), tx[i]);
}

void story_reply(struct story *st, const struct step *s,
		 const struct message *m)
{
	if (s->kind != STEP_REQUEST)
		return;
	if (m->type == XS_TRANSACTION_START) {
		started(st, s);
		return;
	}
	if (s->type == XS_TRANSACTION_END && s->tx <= TX_SLOTS &&
	    strcmp(message_error(m), "EINVAL"))
		st->tx[s->conn][s->tx] = 0;
	fprintf(st->out, "%c<", peer(s->conn));
	if (!m->len)
		fputs(" empty", st->out);
	else if (m->type == XS_DIRECTORY_PART)
		fputs(" ...", st->out);
	else if (m->type == XS_READ)
		word(st->out, m->body, m->len);
	else
		words(st->out, m->body, m->len);
	fputc('\n', st->out);
}

void story_events(struct story *st, size_t conn, const struct events *e)
{
	const uint8_t *p;
	size_t at = 0;
	uint32_t len;

	while (at < e->len) {
		p = events_next(e, &at, &len);
		fprintf(st->out, "%c< EVENT", peer(conn));
		words(st->out, p, len);
		fputc('\n', st->out);
	}
}
