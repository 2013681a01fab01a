// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * story-verbs: what can happen in a story besides requests and replies; called
 * by story.c for lines that do not begin with "peer>" or "peer<".
 */
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "update/update.h"
#include "store/quota.h"
#include "store/store.h"
#include "story-run.h"

#define LATER_STEPS 50u

struct verb {
	const char *name;
	int words; /* at least, including the name */
	int (*run)(struct run *r, struct word *w, int n);
};

static int need_domain(struct run *r, const struct word *w,
		       struct sh_domain **ret)
{
	uint64_t domid;

	if (word_number(r, w, &domid))
		return 1;
	*ret = sh_domain_find(r->h, (uint16_t)domid);
	return *ret ? 0 : run_fail(r, "domain %s does not exist", w->p);
}

/* ---- clients and domains appear ---- */

/* socket NAME [ro] */
static int verb_socket(struct run *r, struct word *w, int n)
{
	struct peer *p = peer_find(r, w[1].p);

	if (p && sh_sock(r->h, p->fd)->daemon_open)
		return run_fail(r, "socket %s is open already", w[1].p);
	if (!p)
		p = peer_new(r, w[1].p);
	else
		peer_restart(r, p);
	p->fd = sh_connect(r->h, n > 2 && word_is(&w[2], "ro"));
	return p->fd < 0 ? run_fail(r, "too many sockets") : 0;
}

/* domain N: Xen creates it; dom0's ring exists from the start */
static int verb_domain(struct run *r, struct word *w, int n)
{
	struct peer *p = peer_find(r, w[1].p);
	uint64_t domid;

	(void)n;
	if (word_number(r, &w[1], &domid))
		return 1;
	if (!sh_domain_new(r->h, (uint16_t)domid))
		return run_fail(r, "domain %s exists already", w[1].p);
	if (!p)
		p = peer_new(r, w[1].p);
	else
		peer_restart(r, p);
	p->ring = true;
	p->domid = (uint16_t)domid;
	return 0;
}

/* introduce N...: a toolstack's requests; the replies must be OK */
static int verb_introduce(struct run *r, struct word *w, int n)
{
	struct peer *p = peer_find(r, "toolstack");
	struct word tool[2] = {{0}}, req[4] = {{0}}, ok = {0};
	int i, rc = 0;

	if (!p) {
		tool[1].p = talloc_strdup(r, "toolstack");
		rc = verb_socket(r, tool, 2);
		p = peer_find(r, "toolstack");
	}
	req[0].p = talloc_strdup(r, "INTRODUCE");
	req[2].p = req[3].p = talloc_strdup(r, "1");
	req[2].len = req[3].len = 1;
	ok.p = talloc_strdup(r, "OK");
	ok.len = 2;
	for (i = 1; i < n && !rc; i++) {
		req[1] = w[i];
		rc = peer_request(r, p, req, 4, SIZE_MAX) || run_settle(r) ||
		     peer_expect(r, p, &ok, 1);
	}
	return rc;
}

/* ---- domains end ---- */

/* die N [unseen]: Xen removes it at once */
static int verb_die(struct run *r, struct word *w, int n)
{
	struct sh_domain *d;
	int i, rc = 0;

	for (i = 1; i < n && !rc; i++) {
		if (word_is(&w[i], "unseen"))
			return 0;
		rc = need_domain(r, &w[i], &d);
		if (!rc)
			sh_domain_gone(r->h, d);
	}
	sh_virq(r->h);
	return rc;
}

static int verb_shutdown(struct run *r, struct word *w, int n)
{
	struct sh_domain *d;

	(void)n;
	if (need_domain(r, &w[1], &d))
		return 1;
	d->shutdown = true;
	sh_virq(r->h);
	return 0;
}

/* dying N: it is being destroyed, and still listed */
static int verb_dying(struct run *r, struct word *w, int n)
{
	struct sh_domain *d;

	(void)n;
	if (need_domain(r, &w[1], &d))
		return 1;
	d->dying = true;
	sh_virq(r->h);
	return 0;
}

/* pause N: Xen pauses it */
static int verb_pause(struct run *r, struct word *w, int n)
{
	struct sh_domain *d;

	(void)n;
	if (need_domain(r, &w[1], &d))
		return 1;
	d->paused = true;
	return 0;
}

/* unpause N: it runs again, also after a cancelled shutdown */
static int verb_unpause(struct run *r, struct word *w, int n)
{
	struct sh_domain *d;

	(void)n;
	if (need_domain(r, &w[1], &d))
		return 1;
	d->shutdown = false;
	d->paused = false;
	return 0;
}

/* revoke N, grant N: the ring's grant */
static int verb_grant(struct run *r, struct word *w, int n)
{
	struct sh_domain *d;

	(void)n;
	if (need_domain(r, &w[1], &d))
		return 1;
	d->revoked = word_is(&w[0], "revoke");
	return 0;
}

static int verb_virq(struct run *r, struct word *w, int n)
{
	(void)w;
	(void)n;
	sh_virq(r->h);
	return 0;
}

/* ---- rings, word by word ---- */

static int verb_kick(struct run *r, struct word *w, int n)
{
	struct peer *p = peer_find(r, w[1].p);
	struct sh_domain *d;

	(void)n;
	if (need_domain(r, &w[1], &d) || !p)
		return 1;
	sh_kick(r->h, d, p->port);
	return 0;
}

/* port N PORT: the guest closes its end and offers another to dom0 */
static int verb_port(struct run *r, struct word *w, int n)
{
	struct peer *p = peer_find(r, w[1].p);
	struct sh_domain *d;
	uint64_t port;
	uint32_t i;

	(void)n;
	if (need_domain(r, &w[1], &d) || word_number(r, &w[2], &port) || !p)
		return 1;
	if (!port || port >= SH_GUEST_PORTS)
		return run_fail(r, "bad port %s", w[2].p);
	for (i = 1; i < SH_PORTS; i++)
		if (r->h->port[i].state == SH_BOUND &&
		    r->h->port[i].domid == d->domid)
			r->h->port[i].state = SH_UNBOUND;
	d->port[p->port].state = SH_CLOSED;
	p->port = (uint32_t)port;
	d->port[p->port] = (struct sh_port){.state = SH_UNBOUND};
	return 0;
}

/* ring N WORD (= | +=) VALUE; ring N WORD == VALUE compares */
static int verb_ring(struct run *r, struct word *w, int n)
{
	struct sh_domain *d;

	(void)n;
	return need_domain(r, &w[1], &d) || ring_word(r, d->page, w + 2);
}

/* ---- the rest ---- */

/* time += MS */
static int verb_time(struct run *r, struct word *w, int n)
{
	uint64_t ms;

	(void)n;
	if (word_number(r, &w[2], &ms))
		return 1;
	r->h->clock_ms += ms;
	r->ticked = true;
	return 0;
}

/*
 * later MS: time passes in small steps. A real daemon's clock is left alone:
 * there the runner waits for what the story expects next.
 */
static int verb_later(struct run *r, struct word *w, int n)
{
	uint64_t ms, step, gone;

	(void)n;
	if (word_number(r, &w[1], &ms))
		return 1;
	step = ms / LATER_STEPS + 1;
	for (gone = 0; gone < ms; gone += step) {
		r->h->clock_ms += step;
		r->ticked = true;
		if (run_settle(r))
			return 1;
	}
	return 0;
}

/* hold ... go: the daemon does not run between them */
static int verb_hold(struct run *r, struct word *w, int n)
{
	(void)n;
	r->hold = word_is(&w[0], "hold");
	return 0;
}

/* round: one round of the loop while the daemon is held */
static int verb_round(struct run *r, struct word *w, int n)
{
	(void)w;
	(void)n;
	if (!r->hold)
		return run_fail(r, "'round' needs 'hold' before it");
	r->round = true;
	return 0;
}

/* updates off, updates on: for long loops */
static int verb_updates(struct run *r, struct word *w, int n)
{
	(void)n;
	r->no_updates = word_is(&w[1], "off");
	beside_drop(r);
	return 0;
}

/* quota NAME VALUE */
static int verb_quota(struct run *r, struct word *w, int n)
{
	uint64_t value;
	enum quota q;

	(void)n;
	if (quota_by_name(w[1].p, &q))
		return run_fail(r, "unknown quota %s", w[1].p);
	if (word_number(r, &w[2], &value))
		return 1;
	r->d->store->limits.hard[q] = (uint32_t)value;
	return 0;
}

static int verb_check(struct run *r, struct word *w, int n)
{
	(void)w;
	(void)n;
	return run_check(r);
}

/* update (refused | unproven | failing | old | stuck | fine): the next one */
static int verb_update(struct run *r, struct word *w, int n)
{
	(void)n;
	r->h->update_refuse = word_is(&w[1], "refused");
	r->h->update_rehearse_bad = word_is(&w[1], "unproven");
	r->h->update_exec_bad = word_is(&w[1], "failing");
	r->h->beside_never = word_is(&w[1], "old");
	r->h->beside.stuck = word_is(&w[1], "stuck");
	return 0;
}

static int verb_dom0(struct run *r, struct word *w, int n)
{
	(void)w;
	(void)n;
	return r->h->dom0_ring ? 0
			       : run_fail(r, "'dom0' must be the first line");
}

static const struct verb verbs[] = {
	{"tracing", 1, verb_tracing},	{"logged", 2, verb_logged},
	{"unlogged", 2, verb_unlogged}, {"socket", 2, verb_socket},
	{"domain", 2, verb_domain},	{"introduce", 2, verb_introduce},
	{"die", 2, verb_die},		{"shutdown", 2, verb_shutdown},
	{"dying", 2, verb_dying},	{"pause", 2, verb_pause},
	{"unpause", 2, verb_unpause},	{"revoke", 2, verb_grant},
	{"grant", 2, verb_grant},	{"virq", 1, verb_virq},
	{"kick", 2, verb_kick},		{"port", 3, verb_port},
	{"ring", 5, verb_ring},		{"time", 3, verb_time},
	{"hold", 1, verb_hold},		{"go", 1, verb_hold},
	{"updates", 2, verb_updates},	{"quota", 3, verb_quota},
	{"check", 1, verb_check},	{"update", 2, verb_update},
	{"dom0", 1, verb_dom0},		{"round", 1, verb_round},
	{"later", 2, verb_later},
};

/* ---- NAME verb: about one peer ---- */

static int peer_nothing(struct run *r, struct peer *p, struct word *w, int n)
{
	(void)w;
	(void)n;
	return peer_silent(r, p);
}

/* NAME closed: expects that the daemon has closed the socket */
static int peer_closed(struct run *r, struct peer *p, struct word *w, int n)
{
	(void)w;
	(void)n;
	if (p->ring || sh_sock(r->h, p->fd)->daemon_open)
		return run_fail(r, "peer %s is still open", p->name);
	list_init(&p->sent);
	return peer_silent(r, p);
}

static int peer_close(struct run *r, struct peer *p, struct word *w, int n)
{
	(void)w;
	(void)n;
	peers_pump(r);
	peer_restart(r, p);
	sh_sock(r->h, p->fd)->peer_open = false;
	return 0;
}

/* NAME takes (N | all): reads only that many bytes from now on */
static int peer_takes(struct run *r, struct peer *p, struct word *w, int n)
{
	uint64_t room = SH_NO_LIMIT;

	(void)n;
	if (!word_is(&w[2], "all") && word_number(r, &w[2], &room))
		return 1;
	p->look = true;
	if (p->ring)
		p->takes = room;
	else
		sh_sock(r->h, p->fd)->room = room;
	return 0;
}

static int peer_bytewise(struct run *r, struct peer *p, struct word *w, int n)
{
	(void)r;
	p->bytewise = n < 3 || !word_is(&w[2], "off");
	return 0;
}

/* NAME silent [off]: sends no events and polls its ring */
static int peer_silent_verb(struct run *r, struct peer *p, struct word *w,
			    int n)
{
	(void)r;
	p->silent = n < 3 || !word_is(&w[2], "off");
	return 0;
}

/* NAME restarts: a guest forgets its requests, since its ring is new */
static int peer_restarts(struct run *r, struct peer *p, struct word *w, int n)
{
	(void)w;
	(void)n;
	peer_restart(r, p);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(struct run *r, struct peer *p, struct word *w, int n);
} peer_verbs[] = {
	{"nothing", peer_nothing},
	{"closed", peer_closed},
	{"close", peer_close},
	{"takes", peer_takes},
	{"bytewise", peer_bytewise},
	{"restarts", peer_restarts},
	{"is", peer_is},
	{"silent", peer_silent_verb},
};

int verb_run(struct run *r, struct word *w, int n)
{
	struct peer *p;
	size_t i;
	int rc;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (!word_is(&w[0], verbs[i].name))
			continue;
		if (n < verbs[i].words)
			return run_fail(r, "'%s' needs more words", w[0].p);
		return verbs[i].run(r, w, n);
	}
	rc = verb_common(r, w, n);
	if (rc >= 0)
		return rc;
	p = peer_find(r, w[0].p);
	if (!p)
		return run_fail(r, "unknown peer or verb '%s'", w[0].p);
	for (i = 0; n > 1 && i < sizeof(peer_verbs) / sizeof(peer_verbs[0]);
	     i++)
		if (word_is(&w[1], peer_verbs[i].name))
			return peer_verbs[i].run(r, p, w, n);
	rc = n > 1 ? peer_verb_common(r, p, w, n) : -1;
	return rc < 0 ? run_fail(r, "unknown verb after peer %s", p->name) : rc;
}
