// SPDX-License-Identifier: GPL-2.0-or-later
/* story: tells a story line by line; see story.h. */
#include "story.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "domain/domain.h"
#include "lu/lu.h"
#include "store/check.h"
#include "store/store.h"
#include "story-run.h"
#include "transport/conn.h"

#define MAX_ROUNDS 20000
#define MAX_LOOPS  4
#define SHOWN	   160

const char *const story_mode_name[STORY_MODES] = {
	"plain", "update", "swapped", "rebind", "strip", "truncate",
};

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

/* ---- the daemon's turn ---- */

static bool busy(struct run *r)
{
	return sh_busy(r->h) || !list_empty(&r->d->ready) ||
	       !list_empty(&r->d->reap) || r->d->lu->state == LU_GO;
}

int run_settle(struct run *r)
{
	unsigned int rounds;
	jmp_buf exec;

	if (r->hold)
		return 0;
	if (setjmp(exec)) {
		/* here the daemon became another one */
		struct sh_bytes image = r->h->lu_image;

		r->h->lu_image = (struct sh_bytes){0};
		r->h->no_handoff = false;
		if (update_from(r, &image))
			return 1;
		lu_resume(r->d);
	}
	r->h->lu_exec = &exec;
	for (rounds = 0; rounds < MAX_ROUNDS; rounds++) {
		bool moved = peers_pump(r);
		bool wake = busy(r) || r->ticked;

		r->ticked = false;
		if (wake)
			daemon_round(r->d);
		else if (!moved)
			break;
	}
	r->h->lu_exec = NULL;
	if (rounds == MAX_ROUNDS)
		return run_fail(r, "the daemon does not come to rest");
	return 0;
}

/* Pages and ports are exactly those of the connections. */
static int check_resources(struct run *r)
{
	unsigned int pages = 0, ports = r->d->death_port != 0;
	const struct conn *c;

	list_for_each (c, &r->d->conns, all) {
		pages += c->kind == CONN_RING && c->ring;
		ports += c->kind == CONN_RING && c->port;
	}
	if (pages != sh_mapped(r->h) || ports != sh_bound(r->h))
		return run_fail(r,
				"%u pages mapped and %u ports bound, %u and "
				"%u in use",
				sh_mapped(r->h), sh_bound(r->h), pages, ports);
	return 0;
}

int run_check(struct run *r)
{
	struct err err = {0};

	if (store_check(r->d->store, &err))
		return run_fail(r, "the store is broken: %s", err.text);
	return check_resources(r);
}

int run_step(struct run *r)
{
	int rc = run_settle(r);

	if (rc || r->hold || r->no_updates)
		return rc;
	switch (r->mode) {
	case STORY_UPDATE:
		rc = update_now(r, false, true);
		break;
	case STORY_SWAPPED:
		rc = update_now(r, true, true);
		break;
	case STORY_REBIND:
		rc = update_now(r, false, false);
		break;
	case STORY_STRIP:
		return update_strip(r);
	default:
		return 0;
	}
	return rc ? rc : run_settle(r);
}

/* ---- lines ---- */

/* PEER> request, PEER< reply or event; -1: neither */
static int run_message(struct run *r, struct word *w, int n)
{
	size_t len = strlen(w[0].p);
	char dir = len > 1 ? w[0].p[len - 1] : 0;
	struct peer *p;

	if (dir != '>' && dir != '<')
		return -1;
	w[0].p[len - 1] = 0;
	p = peer_find(r, w[0].p);
	if (!p)
		return run_fail(r, "there is no peer '%s'", w[0].p);
	return dir == '>' ? peer_request(r, p, w + 1, n - 1, SIZE_MAX)
			  : peer_expect(r, p, w + 1, n - 1);
}

static int run_line(struct run *r, struct word *w, int n)
{
	int rc = run_message(r, w, n);

	r->ret->lines++;
	if (rc < 0)
		rc = verb_run(r, w, n);
	return rc ? rc : run_step(r);
}

struct loop {
	unsigned int from; /* the line that opens it */
	char *var;
	char **value;
	int n, at;
};

struct teller {
	struct run *r;
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
		return run_fail(r, "a loop without end or words");
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
			return run_fail(r, "repeat VAR FROM TO");
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
		return run_fail(t->r, "done without a loop");
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
	return run_line(r, w, n);
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

static int tell_all(struct run *r, const char *text)
{
	struct word *w = talloc_array(r, struct word, STORY_WORDS);
	struct teller t = {.r = r};
	struct peer *p;
	int rc = 0;

	split_lines(&t, text);
	while (t.at < t.nlines && !rc) {
		r->line = ++t.at;
		rc = tell_line(&t, w);
	}
	if (!rc && (t.depth || r->hold))
		rc = run_fail(r, "the story ends in a loop or held");
	list_for_each (p, &r->peers, next)
		if (!rc)
			rc = peer_silent(r, p);
	if (!rc)
		rc = run_check(r);
	if (!rc && r->mode == STORY_TRUNCATE)
		rc = update_truncate(r);
	return rc;
}

/* ---- beginning and end ---- */

static void log_put(void *arg, unsigned int sort, const char *line)
{
	(void)arg;
	(void)sort;
	if (getenv("STORY_LOG"))
		fprintf(stderr, "# %s\n", line);
}

static int begin(struct run *r)
{
	struct config config = {0};
	struct err err = {0};
	struct host *h = &r->h->host;

	r->d = daemon_new(NULL, h, &r->log, &config, &err);
	if (!r->d || daemon_populate(r->d, &err))
		return run_fail(r, "the daemon does not start: %s", err.text);
	r->d->rw_fd = SH_RW_FD;
	r->d->ro_fd = SH_RO_FD;
	if (host_call(h, poll_add, SH_RW_FD, HOST_IN, DAEMON_TAG_RW) ||
	    host_call(h, poll_add, SH_RO_FD, HOST_IN, DAEMON_TAG_RO))
		return run_fail(r, "no listening");
	return 0;
}

static void begin_dom0(struct run *r)
{
	struct peer *p = peer_new(r, "0");

	p->ring = true;
	r->h->dom0_ring = true;
	sh_domain_new(r->h, 0);
}

static void remember_seen(struct run *r)
{
	struct peer *p;

	r->ret->seen = talloc_strdup(r->ret_ctx, "");
	list_for_each (p, &r->peers, next) {
		size_t i;

		r->ret->seen =
			talloc_asprintf_append(r->ret->seen, "\n%s: ", p->name);
		for (i = 0; i < p->log.len; i++)
			r->ret->seen = talloc_asprintf_append_buffer(
				r->ret->seen, "%02x", p->log.p[i]);
	}
	if (r->d)
		r->ret->digest = daemon_digest(r->d);
}

void story_tell(const void *ctx, const char *file, const char *text,
		enum story_mode mode, struct story_result *ret)
{
	struct run *r = talloc_zero(ctx, struct run);
	int rc;

	memset(ret, 0, sizeof(*ret));
	r->file = file;
	r->mode = mode;
	r->ret = ret;
	r->ret_ctx = ctx;
	r->log.put = log_put;
	r->log.on = LOG_EVENT;
	list_init(&r->peers);
	list_init(&r->vars);
	r->h = sh_new(r, 0x5707);
	if (strstr(text, "\ndom0\n") || !strncmp(text, "dom0\n", 5))
		begin_dom0(r);
	rc = begin(r);
	if (!rc)
		rc = tell_all(r, text);
	remember_seen(r);
	if (rc)
		ret->failed =
			talloc_asprintf(ctx, "%s:%u: [%s] %s", file, r->line,
					story_mode_name[mode], r->failed);
	if (r->d)
		daemon_free(r->d);
	talloc_free(r);
}
