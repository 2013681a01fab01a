/* SPDX-License-Identifier: GPL-2.0-or-later */
/* introduce: see introduce.h.  Called by ops/, daemon.c and first.c. */
#include "domain/introduce.h"

#include <errno.h>
#include <string.h>

#include "domain/announce.h"
#include "domain/death.h"
#include "domain/domain.h"
#include "transport/conn-ring.h"
#include "transport/conn-trace.h"
#include "transport/look.h"

static void connect_ring(struct daemon *d, struct domain *dom, struct conn *c)
{
	domain_connect(d, dom, c);
	conn_trace_object(c, "CREATE connection", NULL, NULL);
}

static struct conn *ring_conn_new(struct daemon *d, struct domain *dom)
{
	struct cred cred = {dom->domid, PERMS_DOMID_INVALID,
			    dom->domid == d->config.priv_domid};
	struct conn *c = conn_new(d, CONN_RING, &cred, 0);

	if (c)
		connect_ring(d, dom, c);
	return c;
}

static void introduce_undo(struct daemon *d, struct domain *dom, bool known)
{
	if (!known) {
		domain_drop(d, dom);
		return;
	}
	domain_disconnect(dom);
	list_del(&dom->all);
	list_add_tail(&d->domains->all, &dom->all);
}

/* Features and quotas that were set before stay. */
static int introduce_new(struct daemon *d, uint16_t domid, uint32_t remote)
{
	struct domain *dom = domain_find(d, domid);
	bool known = dom;
	int rc = domain_know(d, domid, &dom);

	if (rc)
		return rc == ENOENT ? EINVAL : rc;
	rc = ENOMEM;
	if (!ring_conn_new(d, dom))
		goto fail;
	rc = conn_map_ring(dom->conn);
	if (!rc)
		rc = conn_bind_named(dom->conn, remote);
	if (rc)
		goto fail;
	/* requests may be there already, but not with such indexes */
	if (!ring_sane(dom->conn->ring))
		conn_reset_ring(dom->conn);
	conn_begin_ring(dom->conn);
	return 0;
fail:
	introduce_undo(d, dom, known);
	return rc == ENOMEM ? ENOMEM : EINVAL;
}

/* Grant entry 1 may name another page now. */
static int map_again(struct conn *c)
{
	int rc;

	if (c->ring && c->client.cred.domid == c->d->config.store_domid)
		return 0; /* its page is not granted */
	rc = conn_map_ring(c);
	return c->ring ? 0 : rc;
}

/* The toolstack says that the ring starts again. */
static int introduce_again(struct conn *c, uint32_t remote)
{
	int rc = map_again(c);

	if (rc)
		return rc == ENOMEM ? ENOMEM : EINVAL;
	conn_unbind(c);
	conn_reset(c);
	conn_reset_ring(c);
	rc = conn_bind_named(c, remote);
	if (rc) {
		/* without a port it must not get a turn asked for before */
		turn_drop(c);
		c->ready_what = 0;
		return rc == ENOMEM ? ENOMEM : EINVAL;
	}
	conn_begin_ring(c);
	return 0;
}

/*
 * A toolstack that knows nothing of the migration introduces the domain as
 * always.  The connection of the image stays as it is; only a new port is bound
 * in place of the old one.  The domain is announced only now: watchers look at
 * its nodes, which the toolstack had to update after the restore.
 */
static int introduce_restored(struct domain *dom, uint32_t remote)
{
	int rc = 0;

	if (remote != dom->conn->remote_port)
		rc = conn_bind(dom->conn, remote);
	if (rc)
		return rc == ENOMEM ? ENOMEM : EINVAL;
	dom->restored = false;
	return 0;
}

/*
 * The known domain of this number may have died, and the VIRQ that says so not
 * have been seen.
 */
static void notice_death(struct daemon *d, uint16_t domid)
{
	struct domain *dom = domain_find(d, domid);
	struct host_domain now;

	if (dom && !host_call(d->host, domain, domid, &now) &&
	    domain_is_other(dom, &now))
		domains_look(d);
}

int domain_introduce(struct daemon *d, uint16_t domid, uint64_t gfn,
		     uint32_t remote_port)
{
	struct domain *dom;
	bool announce;
	int rc;

	notice_death(d, domid);
	dom = domain_introduced(d, domid);
	announce = !dom || dom->restored;
	if (dom && dom->restored) {
		rc = introduce_restored(dom, remote_port);
	} else if (dom) {
		rc = introduce_again(dom->conn, remote_port);
	} else {
		rc = introduce_new(d, domid, remote_port);
		dom = domain_find(d, domid);
	}
	if (!rc && announce)
		announce_one(d, SPECIAL_INTRODUCE, domid);
	if (rc) {
		log_line(d->log, LOG_EVENT,
			 "domain %u: cannot be introduced (port %u): %s", domid,
			 remote_port, strerror(rc));
		return rc;
	}
	dom->gfn = gfn;
	dom->have_gfn = true;
	/* not before the ring is ready: the guest would lose requests */
	conn_notify(dom->conn);
	conn_ready(dom->conn, CONN_READY_IN);
	look_touched(dom->conn);
	return 0;
}

/* The port that the domain's page names; 0: none, or there is no such page. */
static uint32_t named_port(struct daemon *d, uint16_t domid)
{
	uint32_t port;
	void *page;

	if (host_call(d->host, ring_map, domid, &page))
		return 0;
	port = ring_port(page);
	host_call(d->host, ring_unmap, page);
	return port;
}

void domain_introduce_waiting(struct daemon *d, uint16_t domid)
{
	uint32_t port = named_port(d, domid);
	struct conn *c;
	int rc;

	if (!port)
		return;
	rc = introduce_new(d, domid, port);
	if (rc) {
		log_line(d->log, LOG_EVENT,
			 "domain %u: was there before this daemon, but cannot "
			 "be introduced (port %u): %s",
			 domid, port, strerror(rc));
		return;
	}
	announce_one(d, SPECIAL_INTRODUCE, domid);
	c = domain_find(d, domid)->conn;
	conn_notify(c);
	conn_ready(c, CONN_READY_IN);
	look_touched(c);
}

int domain_introduce_dom0(struct daemon *d)
{
	struct domain *dom;
	struct conn *c;
	uint32_t remote;
	int rc = conn_new_dom0(d, &c, &remote);

	if (rc)
		return rc;
	dom = domain_new(d, d->config.store_domid);
	if (!dom)
		return ENOMEM;
	connect_ring(d, dom, c);
	conn_begin_ring(c);
	rc = conn_bind(c, remote);
	if (rc)
		return rc;
	/* its kernel starts its xenbus on the first event */
	conn_notify(c);
	conn_ready(c, CONN_READY_IN);
	return 0;
}
