/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lost: see lost.h.  Called by conn.c, conn-ring.c, conns.c, out.c, event.c,
 * unread.c and state/.
 */
#include "transport/lost.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "store/watch.h"
#include "transport/conn.h"
#include "transport/event.h"

#define STEPS	      4u     /* in which the time to read is counted, */
#define STEPS_AT_ONCE 16u    /* and how many of them a round takes */
#define COMPARES      10000u /* of paths, for the events dropped at once */

/* ---- time ---- */

static uint64_t step_ms(const struct conn *c)
{
	uint32_t limit = c->d->config.event_timeout_ms;
	uint64_t left = limit > c->unread_ms ? limit - c->unread_ms : 0;

	return left < limit / STEPS ? left : limit / STEPS;
}

/* Its events have waited for waited_ms, counted until seen_ms. */
static void unread_from(struct conn *c, uint64_t waited_ms, uint64_t seen_ms)
{
	struct daemon *d = c->d;
	struct conn *before;
	uint32_t passed = 0;

	list_del(&c->unread);
	c->unread_ms = waited_ms;
	c->unread_seen_ms = seen_ms;
	c->unread_due_ms = seen_ms + step_ms(c);
	/* it nearly always belongs at the end */
	list_for_each_reverse (before, &d->conns.unread, unread) {
		if (before->unread_due_ms <= c->unread_due_ms)
			break;
		passed++;
	}
	d->store->work += passed / 8;
	list_add_before(before->unread.next, &c->unread);
}

void conn_unread(struct conn *c, uint64_t waited_ms)
{
	unread_from(c, waited_ms, host_call(c->d->host, now_ms));
}

void conn_unread_restore(struct conn *c, uint64_t waited_ms,
			 uint64_t uncounted_ms)
{
	if (uncounted_ms > waited_ms)
		uncounted_ms = waited_ms;
	unread_from(c, waited_ms - uncounted_ms,
		    host_call(c->d->host, now_ms) - uncounted_ms);
}

uint64_t conn_unread_ms(const struct conn *c, uint64_t *ret_uncounted_ms)
{
	*ret_uncounted_ms = 0;
	if (list_empty(&c->unread))
		return 0;
	*ret_uncounted_ms = host_call(c->d->host, now_ms) - c->unread_seen_ms;
	return c->unread_ms + *ret_uncounted_ms;
}

void conn_has_read(struct conn *c, size_t n)
{
	uint64_t uncounted, waited, back;

	if (list_empty(&c->unread))
		return;
	if (list_empty(&c->out)) {
		list_del(&c->unread);
		return;
	}
	waited = conn_unread_ms(c, &uncounted);
	back = n < LOST_READ
		       ? n * (uint64_t)c->d->config.event_timeout_ms / LOST_READ
		       : waited;
	conn_unread_restore(c, waited > back ? waited - back : 0, uncounted);
}

/* Whether the domain can read: it is neither paused nor stopped. */
static bool is_running(const struct conn *c)
{
	struct host_domain now;

	return host_call(c->d->host, domain, c->client.cred.domid, &now) ||
	       (!now.paused && !now.shutdown);
}

/* Counts the step that is over.  Returns true if the events were dropped. */
static bool expire_step(struct conn *c)
{
	struct daemon *d = c->d;
	uint64_t uncounted, waited = conn_unread_ms(c, &uncounted);
	char why[64];

	if (!is_running(c))
		waited -= uncounted;
	if (waited < d->config.event_timeout_ms) {
		conn_unread(c, waited);
		return false;
	}
	snprintf(why, sizeof(why), "has not read its events for %u s",
		 d->config.event_timeout_ms / 1000);
	conn_drop_events(c, why);
	return true;
}

int conn_expire(struct daemon *d, int timeout_ms)
{
	unsigned int steps = 0;
	struct conn *c;
	uint64_t now, left;

	while (d->config.event_timeout_ms != UINT32_MAX &&
	       (c = list_first(&d->conns.unread, struct conn, unread))) {
		now = host_call(d->host, now_ms);
		if (now >= c->unread_due_ms) {
			/* the rest in the next rounds */
			if (expire_step(c) || ++steps == STEPS_AT_ONCE)
				return 0;
			continue;
		}
		left = c->unread_due_ms - now;
		return timeout_ms < 0 || left < (uint64_t)timeout_ms
			       ? (int)left
			       : timeout_ms;
	}
	return timeout_ms;
}

/* ---- which watches lost an event ---- */

struct candidate {
	struct hlink link; /* by its token */
	struct watch *w;
};

struct candidates {
	struct htab *tab;
	uint32_t compares;
};

static uint32_t token_hash(const struct conn *c, const char *token)
{
	return (uint32_t)hash_keyed(&c->d->store->key, token, strlen(token));
}

/* The watches that have not lost one yet; NULL without memory. */
static struct candidates *candidates_new(struct conn *c)
{
	struct candidates *cs = talloc_zero(c, struct candidates);
	struct candidate *cand;
	struct watch *w;

	if (!cs)
		return NULL;
	cs->tab = htab_new(cs);
	cand = talloc_array(cs, struct candidate, c->client.nwatches + 1);
	if (!cs->tab || !cand) {
		talloc_free(cs);
		return NULL;
	}
	list_for_each (w, &c->client.watches, of_client) {
		if (w->lost)
			continue;
		cand->w = w;
		cand->link.hash = token_hash(c, w->token);
		htab_insert(cs->tab, &cand->link);
		cand++;
	}
	return cs;
}

/* An event names its watch by the token and a path at or below the watch's. */
static bool covers(const struct watch *w, const char *path)
{
	size_t len = strlen(w->wpath);

	return !strncmp(path, w->wpath, len) &&
	       (len == 1 || !path[len] || path[len] == '/');
}

static void candidates_take(struct candidates *cs, uint32_t hash,
			    const char *path, const char *token)
{
	struct hlink *l, *next;

	for (l = htab_chain(cs->tab, hash); l; l = next) {
		struct candidate *cand =
			container_of(l, struct candidate, link);

		next = l->next;
		if (l->hash != hash || strcmp(cand->w->token, token))
			continue;
		/* with too many of one token, one may fire for nothing */
		if (++cs->compares < COMPARES && !covers(cand->w, path))
			continue;
		cand->w->lost = true;
		htab_remove(cs->tab, l);
	}
}

static void lose_all(struct conn *c)
{
	struct watch *w;

	list_for_each (w, &c->client.watches, of_client)
		w->lost = true;
}

void conn_drop_events(struct conn *c, const char *why)
{
	struct candidates *cs = candidates_new(c);
	const struct out *first = list_first(&c->out, struct out, next);
	const char *path, *token;
	struct out *o, *tmp;

	if (!cs)
		lose_all(c);
	list_for_each_safe (o, tmp, &c->out, next) {
		if (!o->event || o->raw || (o == first && c->out_pos))
			continue;
		path = (const char *)o->data + WIRE_HEADER_SIZE;
		token = path + strlen(path) + 1;
		if (cs)
			candidates_take(cs, token_hash(c, token), path, token);
		conn_unqueue(c, o);
		c->lost++;
		c->d->store->work++;
	}
	talloc_free(cs);
	list_del(&c->unread);
	c->dropping = true;
	/* it may be reading, and only got too many at once */
	conn_ready(c, CONN_READY_OUT);
	if (c->lost == c->lost_logged)
		return;
	log_guest(c->d->log, &c->client.account->logged,
		  "domain %u: %s: %llu dropped; their watches fire again when "
		  "it reads",
		  c->client.cred.domid, why,
		  (unsigned long long)(c->lost - c->lost_logged));
	c->lost_logged = c->lost;
}

void conn_lose(struct conn *c, struct watch *w)
{
	w->lost = true;
	c->lost++;
}

bool conn_over_memory(const struct conn *c)
{
	uint32_t limit = account_limit(&c->d->store->limits, c->client.account,
				       QUOTA_MEMORY, false);

	return limit && !c->client.cred.privileged && conn_pending(c) > limit;
}

/* Drops the events to come; those in the queue stay. */
static void leave_out(struct conn *c, const char *why)
{
	if (c->dropping)
		return;
	c->dropping = true;
	/* it may be reading, and only got too many at once */
	conn_ready(c, CONN_READY_OUT);
	log_guest(
		c->d->log, &c->client.account->logged,
		"domain %u: %s: new ones are dropped; their watches fire again "
		"when it reads",
		c->client.cred.domid, why);
}

void conn_lose_surplus(struct conn *c, struct watch *w)
{
	if (!conn_serves(c) || c->restored)
		return;
	leave_out(c, "one request caused more events than a domain gets");
	conn_lose(c, w);
}

void conn_bound_memory(struct conn *c)
{
	if (conn_over_memory(c))
		leave_out(c, "its unread events take more than its memory "
			     "quota");
}

/* ---- reading again ---- */

static bool takes(const struct conn *c)
{
	return c->kind == CONN_RING ? ring_room(c->ring) > 0
				    : list_empty(&c->out);
}

bool conn_fires_lost(const struct conn *c)
{
	return c->dropping && takes(c) &&
	       (list_empty(&c->out) || !conn_over_memory(c));
}

void conn_fire_lost(struct conn *c)
{
	uint32_t fired = 0;
	struct watch *w;

	if (!conn_fires_lost(c))
		return;
	c->dropping = false;
	list_for_each (w, &c->client.watches, of_client) {
		if (!w->lost)
			continue;
		/* the rest after it has read these; one always fires */
		if (fired && conn_over_memory(c))
			c->dropping = true;
		if (c->dropping)
			return;
		w->lost = false;
		fired++;
		conn_event(c, w, w->wpath);
	}
	if (c->client.cred.privileged || c->lost == c->lost_logged)
		return;
	log_guest(
		c->d->log, &c->client.account->logged,
		"domain %u: reads again: %llu events were dropped, %u watches "
		"fire",
		c->client.cred.domid,
		(unsigned long long)(c->lost - c->lost_logged), fired);
	c->lost_logged = c->lost;
}
