/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * introduce: a domain's ring and port come into use; see domain_introduce() in
 * domain.h.  Called by ops/ and, for dom0, at the start.
 */
#include <errno.h>
#include <string.h>

#include "domain/death.h"
#include "domain/domain.h"
#include "transport/conn-trace.h"
#include "transport/look.h"

static struct conn *ring_conn_new(struct daemon *d, struct domain *dom)
{
	struct cred cred = {dom->domid, PERMS_DOMID_INVALID,
			    dom->domid == d->config.priv_domid};
	struct conn *c = conn_new(d, CONN_RING, &cred, 0);

	if (!c)
		return NULL;
	domain_connect(d, dom, c);
	conn_trace_object(c, "CREATE connection", NULL, NULL);
	return c;
}

static int domain_bind(struct daemon *d, struct domain *dom, uint32_t remote)
{
	/* a guest that bound its end anew says so in the page */
	uint32_t said = ring_port(dom->conn->ring), port;
	int rc = EINVAL;

	if (said)
		rc = host_call(d->host, evtchn_bind, dom->domid, said, &port);
	if (!rc)
		remote = said;
	else /* none, or what it said before it began anew */
		rc = host_call(d->host, evtchn_bind, dom->domid, remote, &port);
	if (rc)
		return rc;
	domain_set_port(d, dom, port);
	dom->conn->remote_port = remote;
	return 0;
}

static void introduce_undo(struct daemon *d, struct domain *dom, bool known)
{
	if (!known) {
		domain_drop(d, dom);
		return;
	}
	domain_disconnect(d, dom);
	list_del(&dom->all);
	list_add_tail(&d->domains->all, &dom->all);
}

/* What it was told about features and quotas before stays. */
static int introduce_new(struct daemon *d, uint16_t domid, uint32_t remote)
{
	struct domain *dom = domain_find(d, domid);
	bool known = dom;
	void *page;
	int rc = domain_know(d, domid, &dom);

	if (rc)
		return rc == ENOENT ? EINVAL : rc;
	rc = ENOMEM;
	if (!ring_conn_new(d, dom))
		goto fail;
	rc = host_call(d->host, ring_map, domid, &page);
	if (rc)
		goto fail;
	conn_use_ring(dom->conn, page);
	rc = domain_bind(d, dom, remote);
	if (rc)
		goto fail;
	/* it may have put requests there already, but not these indexes */
	if (!ring_sane(dom->conn->ring))
		conn_reset_ring(dom->conn);
	ring_begin(dom->conn->ring, dom->features);
	return 0;
fail:
	introduce_undo(d, dom, known);
	return rc == ENOMEM ? ENOMEM : EINVAL;
}

/* Grant entry 1 may be another page now than the one that is mapped. */
static int map_again(struct daemon *d, struct domain *dom)
{
	struct conn *c = dom->conn;
	void *page;
	int rc;

	if (c->ring && dom->domid == d->config.priv_domid)
		return 0; /* dom0's is not behind a grant */
	rc = host_call(d->host, ring_map, dom->domid, &page);
	if (rc)
		return c->ring ? 0 : rc;
	if (c->ring)
		host_call(d->host, ring_unmap, c->ring);
	conn_use_ring(c, page);
	return 0;
}

/* The toolstack says that the ring starts anew. */
static int introduce_again(struct daemon *d, struct domain *dom,
			   uint32_t remote)
{
	struct conn *c = dom->conn;
	int rc = map_again(d, dom);

	if (rc)
		return rc == ENOMEM ? ENOMEM : EINVAL;
	if (c->port) {
		host_call(d->host, evtchn_unbind, c->port);
		domain_set_port(d, dom, 0);
	}
	conn_reset(c);
	conn_reset_ring(c);
	c->ignored = false;
	rc = domain_bind(d, dom, remote);
	if (rc) {
		/* not heard from now on, nor looked at for an old reason */
		turn_drop(c);
		c->ready_what = 0;
		return rc == ENOMEM ? ENOMEM : EINVAL;
	}
	ring_begin(c->ring, dom->features);
	return 0;
}

/*
 * A toolstack that knows nothing of the migration introduces what it has
 * built, as always.  The connection that came with the image stays as it is;
 * only a port that the toolstack made anew is bound instead.  And only now is
 * the domain announced: who hears of it looks at its nodes, which the toolstack
 * had to bring up to date after the restore.
 */
static int introduce_restored(struct daemon *d, struct domain *dom,
			      uint32_t remote)
{
	struct conn *c = dom->conn;
	uint32_t port;
	int rc;

	if (remote != c->remote_port) {
		rc = host_call(d->host, evtchn_bind, dom->domid, remote, &port);
		if (rc)
			return rc == ENOMEM ? ENOMEM : EINVAL;
		if (c->port)
			host_call(d->host, evtchn_unbind, c->port);
		domain_set_port(d, dom, port);
		c->remote_port = remote;
	}
	dom->restored = false;
	return 0;
}

int domain_introduce(struct daemon *d, uint16_t domid, uint32_t remote_port)
{
	struct domain *dom = domain_introduced(d, domid);
	bool announce = !dom || dom->restored;
	int rc;

	if (dom && dom->restored) {
		rc = introduce_restored(d, dom, remote_port);
	} else if (dom) {
		rc = introduce_again(d, dom, remote_port);
	} else {
		rc = introduce_new(d, domid, remote_port);
		dom = domain_find(d, domid);
	}
	if (!rc && announce)
		death_announce(d, SPECIAL_INTRODUCE, domid);
	if (rc) {
		log_line(d->log, LOG_EVENT,
			 "domain %u cannot be introduced (port %u): %s", domid,
			 remote_port, strerror(rc));
		return rc;
	}
	/* only now: a kick before the ring is ready would lose requests */
	host_call(d->host, evtchn_notify, dom->conn->port);
	conn_ready(dom->conn, CONN_READY_IN);
	look_touched(dom->conn);
	return 0;
}

int domain_introduce_dom0(struct daemon *d)
{
	struct domain *dom;
	uint32_t remote, port;
	void *page;
	int rc = host_call(d->host, dom0_ring, &page, &remote);

	if (rc)
		return rc;
	dom = domain_new(d, 0);
	if (!dom || !ring_conn_new(d, dom))
		return ENOMEM;
	conn_use_ring(dom->conn, page);
	ring_begin(page, dom->features);
	rc = host_call(d->host, evtchn_bind, 0, remote, &port);
	if (rc)
		return rc;
	domain_set_port(d, dom, port);
	dom->conn->remote_port = remote;
	/* dom0's kernel starts its xenbus on the first event */
	host_call(d->host, evtchn_notify, port);
	conn_ready(dom->conn, CONN_READY_IN);
	return 0;
}
