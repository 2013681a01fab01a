/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conn-ring: see conn-ring.h.  Knows no request; called by conn.c, out.c,
 * look.c and the rooms above.
 */
#include "transport/conn-ring.h"

#include <errno.h>
#include <string.h>

#include "store/observer.h"
#include "transport/conn-trace.h"
#include "transport/look.h"
#include "transport/lost.h"

#define RING_ODD_MS 1000u /* how long indexes may make no sense */

/* ---- the page ---- */

static void use_page(struct conn *c, struct ring *page)
{
	c->ring = page;
	c->page = PAGE_MAPPED;
	ring_indexes(page, &c->req_cons, &c->rsp_prod);
}

int conn_new_dom0(struct daemon *d, struct conn **ret_conn,
		  uint32_t *ret_remote)
{
	uint16_t domid = d->config.store_domid;
	struct cred cred = {domid, PERMS_DOMID_INVALID,
			    domid == d->config.priv_domid};
	struct conn *c;
	void *page;
	int rc = host_call(d->host, dom0_ring, &page, ret_remote);

	if (rc)
		return rc;
	c = conn_new(d, CONN_RING, &cred, 0);
	if (!c)
		return ENOMEM;
	use_page(c, page);
	*ret_conn = c;
	return 0;
}

int conn_map_ring(struct conn *c)
{
	void *page;
	int rc = host_call(c->d->host, ring_map, c->client.cred.domid, &page);

	if (rc)
		return rc;
	conn_unmap_ring(c);
	use_page(c, page);
	observe(c->d->store, mapped, &c->client);
	return 0;
}

void conn_unmap_ring(struct conn *c)
{
	if (c->ring)
		host_call(c->d->host, ring_unmap, c->ring);
	c->ring = NULL;
	c->page = PAGE_NONE;
}

void conn_map_later(struct conn *c)
{
	c->page = PAGE_LATER;
}

struct ring *conn_ring(struct conn *c)
{
	int rc = conn_page_due(c) ? conn_map_ring(c) : 0;

	if (rc && c->page != PAGE_RETRY) {
		c->page = PAGE_RETRY; /* logged only once */
		log_guest(c->d->log, &c->client.account->logged,
			  "domain %u: cannot map its ring now: %s",
			  c->client.cred.domid, strerror(rc));
	}
	return c->ring;
}

void conn_map_restored(struct conn *c)
{
	struct daemon *d = c->d;
	uint16_t domid = c->client.cred.domid;
	uint32_t remote;
	void *page;
	int rc;

	if (domid == d->config.store_domid) {
		rc = host_call(d->host, dom0_ring, &page, &remote);
		if (!rc)
			use_page(c, page);
	} else {
		rc = conn_map_ring(c);
	}
	if (!rc)
		return;
	log_line(d->log, LOG_EVENT, "domain %u: cannot map its ring now: %s",
		 domid, strerror(rc));
	/* that page is not granted: trying again would not help */
	c->page = domid == d->config.store_domid ? PAGE_NONE : PAGE_RETRY;
}

void conn_begin_ring(struct conn *c)
{
	ring_begin(c->ring, c->features);
}

void conn_reset_ring(struct conn *c)
{
	ring_reset(c->ring);
	c->req_cons = 0;
	c->rsp_prod = 0;
}

/*
 * docs/misc/xenstore-ring.txt, "Connection state": the guest writes 1 and
 * notifies; xenstored drops what it had, empties the ring, writes 0 and
 * notifies.  That also ends an error of the ring.
 */
void conn_reconnect(struct conn *c)
{
	if (!(c->features & FEATURE_RECONNECTION) ||
	    !ring_wants_reconnect(c->ring))
		return;
	conn_reset(c);
	conn_reset_ring(c);
	conn_notify(c);
	conn_trace_object(c, "RECONNECT", NULL, NULL);
}

/* If an index of ours has changed, the guest has cleared the page. */
static void follow_clearing(struct conn *c)
{
	uint32_t req_cons, rsp_prod;

	ring_indexes(c->ring, &req_cons, &rsp_prod);
	if (req_cons == c->req_cons && rsp_prod == c->rsp_prod)
		return;
	conn_drop_queues(c);
	c->req_cons = req_cons;
	c->rsp_prod = rsp_prod;
}

void conn_check_indexes(struct conn *c)
{
	uint64_t now;

	if (ring_sane(c->ring)) {
		c->odd_since_ms = 0;
		follow_clearing(c);
		return;
	}
	now = host_call(c->d->host, now_ms);
	if (!c->odd_since_ms) {
		c->odd_since_ms = now;
		look_touched(c);
	}
	if (now - c->odd_since_ms >= RING_ODD_MS)
		conn_ring_error(c, RING_ERROR_INDEX);
}

void conn_ring_error(struct conn *c, uint32_t error)
{
	struct account *a = c->client.account;

	conn_reset(c);
	c->life = CONN_IGNORED;
	if (conn_ring(c))
		ring_set_error(c->ring, error);
	conn_notify(c);
	log_guest(c->d->log, &a->logged,
		  "domain %u: broke the ring protocol (error %u); ignored "
		  "until it reconnects or is introduced again",
		  a->domid, error);
}

/* ---- the port ---- */

void conn_set_port(struct conn *c, uint32_t port)
{
	if (c->port)
		htab_remove(c->d->conns.ports, &c->by_port);
	c->port = port;
	if (port)
		htab_insert_number(c->d->conns.ports, &c->by_port, port);
}

struct conn *conn_of_port(const struct daemon *d, uint32_t port)
{
	struct hlink *l = htab_find_number(d->conns.ports, port);

	return l ? container_of(l, struct conn, by_port) : NULL;
}

void conn_unbind(struct conn *c)
{
	if (c->port)
		host_call(c->d->host, evtchn_unbind, c->port);
	conn_set_port(c, 0);
}

int conn_bind(struct conn *c, uint32_t remote)
{
	uint32_t port;
	int rc = host_call(c->d->host, evtchn_bind, c->client.cred.domid,
			   remote, &port);

	if (rc)
		return rc;
	conn_unbind(c);
	conn_set_port(c, port);
	c->remote_port = remote;
	return 0;
}

int conn_bind_named(struct conn *c, uint32_t remote)
{
	uint32_t named = ring_port(c->ring);

	/* the page may still name one from before a reboot */
	return named && !conn_bind(c, named) ? 0 : conn_bind(c, remote);
}

void conn_notify(const struct conn *c)
{
	if (c->port)
		host_call(c->d->host, evtchn_notify, c->port);
}

/* ---- migration ---- */

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
