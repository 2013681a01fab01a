/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conn-ring: what only a connection over a ring has: its page, the state of
 * its indexes, the error, the freezing; see conn.h.  Knows no request; called
 * by conn.c, out.c, domain/ and the restore.
 */
#include "transport/conn.h"
#include "transport/look.h"
#include "transport/lost.h"

#define RING_ODD_MS 1000u /* that indexes may make no sense */

void conn_use_ring(struct conn *c, struct ring *page)
{
	c->ring = page;
	c->ring_due = false;
	c->ring_failed = false;
	if (page)
		ring_indexes(page, &c->req_cons, &c->rsp_prod);
}

void conn_reset_ring(struct conn *c)
{
	ring_reset(c->ring);
	c->req_cons = 0;
	c->rsp_prod = 0;
}

/* Whoever has cleared the page begins anew. */
static void look_for_clearing(struct conn *c)
{
	uint32_t req_cons, rsp_prod;

	ring_indexes(c->ring, &req_cons, &rsp_prod);
	if (req_cons == c->req_cons && rsp_prod == c->rsp_prod)
		return;
	conn_drop_queues(c);
	c->req_cons = req_cons;
	c->rsp_prod = rsp_prod;
}

bool conn_odd(struct conn *c)
{
	uint64_t now;

	if (ring_sane(c->ring)) {
		c->odd_since_ms = 0;
		look_for_clearing(c);
		return false;
	}
	now = host_call(c->d->host, now_ms);
	if (!c->odd_since_ms) {
		c->odd_since_ms = now;
		look_touched(c);
	}
	if (now - c->odd_since_ms >= RING_ODD_MS)
		conn_ring_error(c, RING_ERROR_INDEX);
	return true;
}

void conn_ring_error(struct conn *c, uint32_t error)
{
	struct account *a = c->client.account;

	conn_reset(c);
	c->ignored = true;
	if (c->d->ring_map(c))
		ring_set_error(c->ring, error);
	if (c->port)
		host_call(c->d->host, evtchn_notify, c->port);
	/* one that reconnects only to do it again has said it all */
	log_guest(c->d->log, &a->logged,
		  "domain %u broke the ring protocol (error %u): ignored until "
		  "it reconnects or is introduced again",
		  a->domid, error);
}

void conn_freeze(struct conn *c)
{
	c->frozen = true;
	list_del(&c->unread);
	turn_drop(c);
}

void conn_thaw(struct conn *c)
{
	struct out *o;

	c->frozen = false;
	list_for_each (o, &c->out, next)
		if (o->event && !c->client.cred.privileged) {
			conn_unread(c, 0);
			break;
		}
	conn_ready(c, CONN_READY_IN | CONN_READY_OUT);
}
