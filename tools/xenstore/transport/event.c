/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * event: see event.h.  Called by ops/, domain/, migrate/, lost.c and the
 * restore.
 */
#include "transport/event.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "store/watch.h"
#include "transport/conn-trace.h"
#include "transport/conn.h"
#include "transport/lost.h"
#include "transport/unread.h"

/* An event before it is a message. */
struct event {
	const char *path, *token;
	size_t path_size, token_size;
	uint64_t path_hash, token_hash;
};

static uint64_t text_hash(const struct conn *c, const char *s, size_t size)
{
	return hash_keyed(&c->d->store->key, s, size - 1);
}

static uint32_t event_hash(const struct event *e)
{
	return (uint32_t)hash_mix(e->path_hash, e->token_hash);
}

/*
 * While an event waits unsent, an equal one adds nothing (XSA-326).  But
 * clients count the events of special nodes, so each of those is sent.
 */
static bool same_event_waits(const struct conn *c, const struct event *e)
{
	size_t len = WIRE_HEADER_SIZE + e->path_size + e->token_size;
	uint32_t hash = event_hash(e);
	struct hlink *l;

	if (e->path[0] == '@' || !c->events)
		return false;
	for (l = htab_chain(c->events, hash); l; l = l->next) {
		const struct out *old = container_of(l, struct out, link);
		const uint8_t *text = old->data + WIRE_HEADER_SIZE;

		if (l->hash == hash && old->len == len &&
		    !memcmp(text, e->path, e->path_size) &&
		    !memcmp(text + e->path_size, e->token, e->token_size))
			return true;
	}
	return false;
}

/* Makes same_event_waits() find it, unless there is no memory for the table. */
static void remember(struct conn *c, struct out *o, const struct event *e)
{
	if (e->path[0] == '@')
		return;
	if (!c->events)
		c->events = htab_new(c);
	if (!c->events)
		return;
	o->link.hash = event_hash(e);
	htab_insert(c->events, &o->link);
	o->hashed = true;
}

void conn_queued_event(struct conn *c, struct out *o)
{
	size_t len = o->len - WIRE_HEADER_SIZE;
	struct event e = {.path = (const char *)o->data + WIRE_HEADER_SIZE};

	if (!o->event || o->hashed || o->raw || o->len <= WIRE_HEADER_SIZE)
		return;
	e.path_size = strnlen(e.path, len) + 1;
	if (e.path_size >= len || e.path[len - 1])
		return; /* from an image; no event of ours equals it */
	e.token = e.path + e.path_size;
	e.token_size = len - e.path_size;
	e.path_hash = text_hash(c, e.path, e.path_size);
	e.token_hash = text_hash(c, e.token, e.token_size);
	if (!same_event_waits(c, &e))
		remember(c, o, &e);
}

static struct out *event_message(struct conn *c, const struct event *e)
{
	size_t len = e->path_size + e->token_size;
	struct wire_header hdr = {WIRE_WATCH_EVENT, 0, 0, (uint32_t)len};
	struct out *o = out_new(c, WIRE_HEADER_SIZE + len, true);
	uint8_t *text = o ? o->data + WIRE_HEADER_SIZE : NULL;

	if (!o)
		return NULL;
	wire_put_header(o->data, &hdr);
	memcpy(text, e->path, e->path_size);
	memcpy(text + e->path_size, e->token, e->token_size);
	return o;
}

static void event_send(struct conn *c, struct watch *w, const struct event *e)
{
	struct out *o;

	/* the watched path was shorter: this one does not fit a message */
	if (e->path_size + e->token_size > WIRE_PAYLOAD_MAX ||
	    c->life >= CONN_GIVEN_UP || c->restored)
		return;
	if (c->dropping) {
		conn_lose(c, w);
		return;
	}
	if (same_event_waits(c, e))
		return;
	o = event_message(c, e);
	if (!o) {
		conn_drop_events(c, "no memory for its events");
		conn_lose(c, w);
		return;
	}
	remember(c, o, e);
	out_add(c, o);
	conn_trace_event(c, e->path, e->token);
	if (!c->client.cred.privileged && list_empty(&c->unread) && !c->frozen)
		conn_unread(c, 0);
}

static void event_path(const struct conn *c, struct event *e, const char *path)
{
	e->path = path;
	e->path_size = strlen(path) + 1;
	e->path_hash = text_hash(c, path, e->path_size);
}

static void event_token(struct event *e, const struct watch *w)
{
	e->token = w->token;
	e->token_size = strlen(w->token) + 1;
	e->token_hash = w->token_hash;
}

void conn_event(struct conn *c, struct watch *w, const char *path)
{
	struct event e;

	event_path(c, &e, path);
	event_token(&e, w);
	event_send(c, w, &e);
}

/* Hits of one path follow one another, so a path is hashed once. */
static void fire(const struct watch_hits *hits)
{
	struct event e = {.path = NULL};
	struct watch *w;
	struct conn *c;
	size_t i;

	for (i = 0; i < hits->n; i++) {
		w = hits->hit[i].watch;
		c = container_of(w->client, struct conn, client);
		if (!hits->hit[i].path) {
			conn_lose_surplus(c, w);
			continue;
		}
		if (hits->hit[i].path != e.path)
			event_path(c, &e, hits->hit[i].path);
		event_token(&e, w);
		event_send(c, w, &e);
		conn_bound_memory(c);
		unread_bound(c);
	}
}

void event_fire(struct daemon *d, const struct change_list *changes)
{
	struct watch_hits hits = {0};
	void *ctx;
	int rc;

	if (!d->store->watches->count)
		return;
	ctx = talloc_new(d);
	rc = ctx ? watch_match(d->store, changes, ctx, &hits) : ENOMEM;
	if (rc)
		log_guest(d->log, NULL, "watch events lost: no memory");
	fire(&hits);
	talloc_free(ctx);
}
