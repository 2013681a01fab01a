/* SPDX-License-Identifier: GPL-2.0-or-later */
/* out: see out.h.  Knows no request. */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "transport/conn-ring.h"
#include "transport/conn-trace.h"
#include "transport/lost.h"
#include "transport/unread.h"

#define OUT_IOV 32

static void out_unhash(struct conn *c, struct out *o)
{
	if (o->hashed)
		htab_remove(c->events, &o->link);
	o->hashed = false;
}

/* Counts by bytes more (or less) for the memory quota. */
static void charge(struct conn *c, int64_t by)
{
	c->client.account->memory += (uint64_t)by;
}

static size_t out_size(size_t len)
{
	return sizeof(struct out) + len;
}

void out_free(struct daemon *d, struct out *o)
{
	pool_free(&d->conns.outs, o, out_size(o->len));
}

/* Takes it out of the queue and frees it, even if partly sent. */
static void take_out(struct conn *c, struct out *o)
{
	charge(c, -(int64_t)memory_messages(1, 0));
	out_unhash(c, o);
	list_del(&o->next);
	c->messages--;
	if (!o->event)
		c->replies--;
	out_free(c->d, o);
}

/* The first n unsent bytes have been sent. */
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
		take_out(c, o);
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

bool conn_flush(struct conn *c)
{
	size_t n, all = 0;
	int rc;

	while (!list_empty(&c->out)) {
		/* a peer that reads as fast as this must not delay others */
		if (all >= CONN_WRITE)
			return true;
		rc = c->kind == CONN_SOCKET ? push_socket(c, &n)
					    : push_ring(c, &n);
		if (rc == EAGAIN)
			return false;
		if (rc && c->kind == CONN_RING) {
			conn_check_indexes(c);
			return false;
		}
		if (rc) {
			conn_close(c);
			return false;
		}
		all += n;
		conn_moved(c, n);
		out_sent(c, n);
		conn_has_read(c, n);
	}
	return false;
}

struct out *out_new(struct conn *c, size_t len, bool event)
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

void out_add(struct conn *c, struct out *o)
{
	list_add_tail(&c->out, &o->next);
	c->out_bytes += o->len;
	charge(c, (int64_t)memory_messages(1, o->len));
	c->messages++;
	if (!o->event)
		c->replies++;
	/* a restored message was counted before; the image has its turn */
	if (c->restored)
		return;
	store_most(c->d->store, &c->client, QUOTA_OUTSTANDING, c->replies);
	conn_ready(c, CONN_READY_OUT);
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

/* ---- replies ---- */

static void reply(struct conn *c, uint32_t type, const void *data, size_t len)
{
	struct wire_header hdr = {type, c->req.req_id, c->req.tx_id,
				  (uint32_t)len};
	struct out *o;

	if (!conn_serves(c))
		return;
	o = out_new(c, WIRE_HEADER_SIZE + len, false);
	if (!o) {
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
	reply(c, c->req.type, data, len);
}

void conn_reply_error(struct conn *c, int code)
{
	const char *name = wire_error_name(code);

	reply(c, WIRE_ERROR, name, strlen(name) + 1);
}

void conn_reply_ok(struct conn *c)
{
	reply(c, c->req.type, "OK", 3);
}

void conn_unqueue(struct conn *c, struct out *o)
{
	c->out_bytes -= o->len;
	charge(c, -(int64_t)o->len);
	take_out(c, o);
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
