/* SPDX-License-Identifier: GPL-2.0-or-later */
/* out: what goes out on a connection; see conn.h. */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "store/watch.h"
#include "transport/conn-ring.h"
#include "transport/conn-trace.h"
#include "transport/event.h"
#include "transport/lost.h"
#include "transport/unread.h"

#define OUT_IOV 32

static void out_unhash(struct conn *c, struct out *o)
{
	if (o->hashed)
		htab_remove(c->events, &o->link);
	o->hashed = false;
}

/* For the memory quota: a message or so many of its bytes come or go. */
static void charge(struct conn *c, int64_t by)
{
	c->client.account->memory += (uint64_t)by;
}

static size_t out_size(size_t len)
{
	return sizeof(struct out) + len;
}

void conn_out_free(struct daemon *d, struct out *o)
{
	pool_free(&d->conns.outs, o, out_size(o->len));
}

/* Takes it out of the queue, whatever of it is sent. */
static void out_free(struct conn *c, struct out *o)
{
	charge(c, -(int64_t)memory_messages(1, 0));
	out_unhash(c, o);
	list_del(&o->next);
	c->messages--;
	if (!o->event)
		c->replies--;
	conn_out_free(c->d, o);
}

/* The first n unsent bytes have gone. */
static void out_sent(struct conn *c, size_t n)
{
	c->out_bytes -= n;
	charge(c, -(int64_t)n);
	while (n) {
		struct out *o = list_first(&c->out, struct out, next);
		size_t left = o->len - c->out_pos;

		out_unhash(c, o);
		if (n < left) {
			c->out_pos += n;
			return;
		}
		n -= left;
		out_free(c, o);
		c->out_pos = 0;
	}
}

static int push_socket(struct conn *c, size_t *ret_n)
{
	struct iovec iov[OUT_IOV];
	struct out *o;
	int n = 0;

	list_for_each (o, &c->out, next) {
		size_t skip = n ? 0 : c->out_pos;

		iov[n].iov_base = o->data + skip;
		iov[n].iov_len = o->len - skip;
		if (++n == OUT_IOV)
			break;
	}
	return host_call(c->d->host, writev, c->fd, iov, n, ret_n);
}

static int push_ring(struct conn *c, size_t *ret_n)
{
	struct out *o = list_first(&c->out, struct out, next);
	int rc = ring_write(c->ring, o->data + c->out_pos, o->len - c->out_pos,
			    ret_n);

	if (rc || !*ret_n)
		return rc ? rc : EAGAIN;
	c->rsp_prod += (uint32_t)*ret_n;
	c->notify = true;
	return 0;
}

void conn_flush(struct conn *c)
{
	size_t n, all = 0;
	int rc;

	while (!list_empty(&c->out)) {
		/* one that reads as fast as this writes could hold others up */
		if (all >= CONN_WRITE) {
			c->more_out = true;
			return;
		}
		rc = c->kind == CONN_SOCKET ? push_socket(c, &n)
					    : push_ring(c, &n);
		if (rc == EAGAIN)
			return;
		if (rc && c->kind == CONN_RING) {
			conn_check_indexes(c);
			return;
		}
		if (rc) {
			conn_close(c);
			return;
		}
		all += n;
		conn_moved(c, n);
		out_sent(c, n);
		conn_has_read(c, n);
	}
}

static struct out *out_new(struct conn *c, size_t len, bool event)
{
	struct out *o = pool_alloc(&c->d->conns.outs, out_size(len));

	if (!o)
		return NULL;
	o->event = event;
	o->hashed = false;
	o->raw = false;
	o->len = (uint32_t)len;
	return o;
}

static void out_add(struct conn *c, struct out *o)
{
	list_add_tail(&c->out, &o->next);
	c->out_bytes += o->len;
	charge(c, (int64_t)memory_messages(1, o->len));
	c->messages++;
	if (!o->event)
		c->replies++;
	/* a restored one's was counted before, and its turn is in the image */
	if (c->restored)
		return;
	store_most(c->d->store, &c->client, QUOTA_OUTSTANDING, c->replies);
	conn_ready(c, CONN_READY_OUT);
}

/* ---- events, of which none waits twice ---- */

/* What an event says, before there is a message of it. */
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

static bool same_event_waits(const struct conn *c, const struct event *e)
{
	size_t len = WIRE_HEADER_SIZE + e->path_size + e->token_size;
	uint32_t hash = event_hash(e);
	struct hlink *l;

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

/*
 * Special nodes' events are counted by their readers, so each is sent; of
 * others one that waits unread says all (XSA-326).
 */
static bool event_superfluous(struct conn *c, const struct event *e)
{
	if (e->path[0] == '@')
		return false;
	if (!c->events)
		c->events = htab_new(c);
	/* without memory it is done without that saving */
	return c->events && same_event_waits(c, e);
}

static void event_hashed(struct conn *c, struct out *o, const struct event *e)
{
	if (e->path[0] == '@' || !c->events)
		return;
	o->link.hash = event_hash(e);
	htab_insert(c->events, &o->link);
	o->hashed = true;
}

int conn_queue(struct conn *c, const uint8_t *message, size_t len, bool event,
	       struct out **ret_out)
{
	struct out *o = out_new(c, len, event);

	if (!o)
		return ENOMEM;
	memcpy(o->data, message, len);
	out_add(c, o);
	*ret_out = o;
	return 0;
}

void conn_queued_event(struct conn *c, struct out *o)
{
	size_t len = o->len - WIRE_HEADER_SIZE;
	struct event e = {.path = (const char *)o->data + WIRE_HEADER_SIZE};

	if (!o->event || o->hashed || o->raw || o->len <= WIRE_HEADER_SIZE)
		return;
	e.path_size = strnlen(e.path, len) + 1;
	if (e.path_size >= len || e.path[len - 1])
		return; /* an image's; no event of ours is like it */
	e.token = e.path + e.path_size;
	e.token_size = len - e.path_size;
	e.path_hash = text_hash(c, e.path, e.path_size);
	e.token_hash = text_hash(c, e.token, e.token_size);
	if (!event_superfluous(c, &e))
		event_hashed(c, o, &e);
}

bool conn_over_memory(const struct conn *c)
{
	uint32_t limit = account_limit(&c->d->store->limits, c->client.account,
				       QUOTA_MEMORY, false);

	return limit && !c->client.cred.privileged && conn_pending(c) > limit;
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

	/* the watch was accepted with a shorter path: nothing can be sent */
	if (e->path_size + e->token_size > WIRE_PAYLOAD_MAX || c->closed ||
	    c->ignored || c->restored || c->given_up)
		return;
	if (c->dropping) {
		conn_lose(c, w);
		return;
	}
	if (event_superfluous(c, e))
		return;
	o = event_message(c, e);
	if (!o) {
		conn_drop_events(c, "there is no memory for its events");
		conn_lose(c, w);
		return;
	}
	event_hashed(c, o, e);
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

/* Many of one path come one after the other. */
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
		conn_look_memory(c);
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
		log_guest(d->log, NULL, "no memory: watch events lost");
	fire(&hits);
	talloc_free(ctx);
}

/* ---- answers ---- */

static void conn_answer(struct conn *c, uint32_t type, const void *data,
			size_t len)
{
	struct wire_header hdr = {type, c->req.req_id, c->req.tx_id,
				  (uint32_t)len};
	struct out *o;

	if (c->closed || c->ignored)
		return;
	o = out_new(c, WIRE_HEADER_SIZE + len, false);
	if (!o) {
		/* an answer left out would shift all that follow */
		if (c->kind == CONN_RING)
			conn_ring_error(c, RING_ERROR_COMM);
		else
			conn_close(c);
		return;
	}
	wire_put_header(o->data, &hdr);
	if (len)
		memcpy(o->data + WIRE_HEADER_SIZE, data, len);
	out_add(c, o);
	conn_trace_out(c, type, data, len);
}

void conn_reply(struct conn *c, const void *data, size_t len)
{
	if (len > WIRE_PAYLOAD_MAX) {
		conn_reply_error(c, E2BIG);
		return;
	}
	conn_answer(c, c->req.type, data, len);
}

void conn_reply_error(struct conn *c, int code)
{
	const char *name = wire_error_name(code);

	conn_answer(c, WIRE_ERROR, name, strlen(name) + 1);
}

void conn_reply_ok(struct conn *c)
{
	conn_answer(c, c->req.type, "OK", 3);
}

void conn_unqueue(struct conn *c, struct out *o)
{
	c->out_bytes -= o->len;
	charge(c, -(int64_t)o->len);
	out_free(c, o);
}

void conn_unqueue_all(struct conn *c)
{
	charge(c, -(int64_t)conn_pending(c));
	talloc_free(c->events);
	c->events = NULL;
	c->messages = 0;
	c->replies = 0;
	unread_free(c->d, &c->out);
	c->out_bytes = 0;
	c->out_pos = 0;
}

void conn_unqueue_tail(struct conn *c, size_t len)
{
	struct out *o;

	while (len && !list_empty(&c->out)) {
		o = list_entry(c->out.prev, struct out, next);
		if (o->len > len || o->raw ||
		    (c->out.next == &o->next && c->out_pos))
			return; /* partly sent: it stays */
		len -= o->len;
		conn_unqueue(c, o);
	}
}
