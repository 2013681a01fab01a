/* SPDX-License-Identifier: GPL-2.0-or-later */
/* out: what goes out on a connection; see conn.h. */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "store/watch.h"
#include "transport/conn-trace.h"
#include "transport/conn.h"
#include "transport/event.h"
#include "transport/lost.h"

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

static void out_done(struct conn *c, struct out *o)
{
	charge(c, -(int64_t)MEMORY_MESSAGE);
	list_del(&o->next);
	if (!o->event)
		c->replies--;
	talloc_free(o);
	c->out_pos = 0;
}

/* The peer has read something: its time begins anew. */
static void unread_progress(struct conn *c)
{
	if (list_empty(&c->unread))
		return;
	if (list_empty(&c->out))
		list_del(&c->unread);
	else
		conn_unread(c, 0);
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
		out_done(c, o);
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
	size_t n;
	int rc;

	while (!list_empty(&c->out)) {
		rc = c->kind == CONN_SOCKET ? push_socket(c, &n)
					    : push_ring(c, &n);
		if (rc == EAGAIN)
			return;
		if (rc && c->kind == CONN_RING) {
			(void)conn_odd(c);
			return;
		}
		if (rc) {
			conn_close(c);
			return;
		}
		out_sent(c, n);
		unread_progress(c);
	}
}

static struct out *out_new(struct conn *c, size_t len, bool event)
{
	struct out *o = talloc_size(c, sizeof(*o) + len);

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
	charge(c, MEMORY_MESSAGE + (int64_t)o->len);
	if (!o->event)
		c->replies++;
	/* a restored one's was counted before, and its turn is in the image */
	if (c->restored)
		return;
	store_most(c->d->store, &c->client, QUOTA_OUTSTANDING, c->replies);
	conn_ready(c, CONN_READY_OUT);
}

/* ---- events, of which none waits twice ---- */

static bool same_event_waits(struct conn *c, struct out *o)
{
	struct hlink *l;

	o->link.hash = (uint32_t)hash_keyed(&c->d->store->key,
					    o->data + WIRE_HEADER_SIZE,
					    o->len - WIRE_HEADER_SIZE);
	for (l = htab_chain(c->events, o->link.hash); l; l = l->next) {
		const struct out *old = container_of(l, struct out, link);

		if (old->len == o->len && !memcmp(old->data, o->data, o->len))
			return true;
	}
	return false;
}

/*
 * Special nodes' events are counted by their readers, so each is sent; of
 * others one that waits unread says all (XSA-326).
 */
static bool event_superfluous(struct conn *c, struct out *o)
{
	if (o->data[WIRE_HEADER_SIZE] == '@')
		return false;
	if (!c->events)
		c->events = htab_new(c);
	if (!c->events)
		return false; /* then without that saving */
	if (same_event_waits(c, o))
		return true;
	htab_insert(c->events, &o->link);
	o->hashed = true;
	return false;
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
	if (o->event && !o->hashed && !o->raw && o->len > WIRE_HEADER_SIZE)
		(void)event_superfluous(c, o);
}

void conn_event(struct conn *c, struct watch *w, const char *path)
{
	size_t path_size = strlen(path) + 1, token_size = strlen(w->token) + 1;
	struct wire_header hdr = {WIRE_WATCH_EVENT, 0, 0,
				  (uint32_t)(path_size + token_size)};
	struct out *o;
	uint32_t limit;

	/* the watch was accepted with a shorter path: nothing can be sent */
	if (hdr.len > WIRE_PAYLOAD_MAX || c->closed || c->ignored ||
	    c->restored)
		return;
	if (c->dropping) {
		conn_lose(c, w);
		return;
	}
	o = out_new(c, WIRE_HEADER_SIZE + hdr.len, true);
	if (!o) {
		conn_drop_events(c, "there is no memory for its events");
		conn_lose(c, w);
		return;
	}
	wire_put_header(o->data, &hdr);
	memcpy(o->data + WIRE_HEADER_SIZE, path, path_size);
	memcpy(o->data + WIRE_HEADER_SIZE + path_size, w->token, token_size);
	if (event_superfluous(c, o)) {
		talloc_free(o);
		return;
	}
	out_add(c, o);
	conn_trace_event(c, path, w->token);
	if (c->client.cred.privileged)
		return;
	limit = account_limit(&c->d->store->limits, c->client.account,
			      QUOTA_MEMORY, false);
	if (limit && c->out_bytes > limit)
		conn_drop_events(c, "its unread events take more than its "
				    "memory quota");
	else if (list_empty(&c->unread) && !c->frozen)
		conn_unread(c, 0);
}

void event_fire(struct daemon *d, const struct change_list *changes)
{
	struct watch_hits hits;
	void *ctx;
	size_t i;
	int rc;

	if (!d->store->watches->count)
		return;
	ctx = talloc_new(d);
	rc = watch_match(d->store, changes, ctx, &hits);
	if (rc)
		log_guest(d->log, NULL, "no memory: watch events lost");
	for (i = 0; i < hits.n; i++)
		conn_event(container_of(hits.hit[i].watch->client, struct conn,
					client),
			   hits.hit[i].watch, hits.hit[i].path);
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
	charge(c, -(int64_t)(MEMORY_MESSAGE + o->len));
	if (!o->event)
		c->replies--;
	out_unhash(c, o);
	list_del(&o->next);
	talloc_free(o);
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
