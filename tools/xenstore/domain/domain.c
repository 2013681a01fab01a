/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * domain: see domain.h.  Knows rings and event channels through the host;
 * called by ops/, the loop and the restore.
 */
#include "domain/domain.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "domain/death.h"
#include "store/store.h"
#include "transport/conn-trace.h"

struct domains *domains_new(const void *ctx)
{
	struct domains *ds = talloc_zero(ctx, struct domains);

	if (!ds)
		return NULL;
	list_init(&ds->all);
	list_init(&ds->deaths);
	ds->by_domid = htab_new(ds);
	ds->by_port = htab_new(ds);
	if (!ds->by_domid || !ds->by_port) {
		talloc_free(ds);
		return NULL;
	}
	return ds;
}

struct domain *domain_find(const struct daemon *d, uint16_t domid)
{
	struct hlink *l = htab_chain(d->domains->by_domid, hash_number(domid));

	for (; l; l = l->next) {
		struct domain *dom = container_of(l, struct domain, by_domid);

		if (dom->domid == domid)
			return dom;
	}
	return NULL;
}

struct domain *domain_introduced(const struct daemon *d, uint16_t domid)
{
	struct domain *dom = domain_find(d, domid);

	return dom && dom->conn ? dom : NULL;
}

struct domain *domain_new(struct daemon *d, uint16_t domid)
{
	struct domain *dom;

	if (domain_find(d, domid))
		return NULL;
	/* nothing of who had that number before is for this one */
	death_settle(d, domid);
	dom = talloc_zero(d->domains, struct domain);
	if (!dom)
		return NULL;
	dom->domid = domid;
	dom->features = FEATURES_ALL;
	dom->by_domid.hash = hash_number(domid);
	htab_insert(d->domains->by_domid, &dom->by_domid);
	list_add_tail(&d->domains->all, &dom->all);
	return dom;
}

void domain_set_port(struct daemon *d, struct domain *dom, uint32_t port)
{
	if (dom->conn->port)
		htab_remove(d->domains->by_port, &dom->by_port);
	dom->conn->port = port;
	if (!port)
		return;
	dom->by_port.hash = hash_number(port);
	htab_insert(d->domains->by_port, &dom->by_port);
}

void domains_port(struct daemon *d, uint32_t port)
{
	struct hlink *l;

	host_call(d->host, evtchn_unmask, port);
	if (port == d->death_port) {
		domains_look(d);
		return;
	}
	for (l = htab_chain(d->domains->by_port, hash_number(port)); l;
	     l = l->next) {
		struct domain *dom = container_of(l, struct domain, by_port);

		if (dom->conn && dom->conn->port == port) {
			conn_ready(dom->conn, CONN_READY_IN | CONN_READY_OUT);
			return;
		}
	}
}

void domain_disconnect(struct daemon *d, struct domain *dom)
{
	struct conn *c = dom->conn;

	if (!c)
		return;
	if (c->port)
		host_call(d->host, evtchn_unbind, c->port);
	domain_set_port(d, dom, 0);
	if (c->ring)
		host_call(d->host, ring_unmap, c->ring);
	c->ring = NULL;
	c->domain = NULL;
	dom->conn = NULL;
	conn_close(c);
}

void domain_forget(struct daemon *d, struct domain *dom)
{
	htab_remove(d->domains->by_domid, &dom->by_domid);
	list_del(&dom->all);
	talloc_free(dom);
}

/* ---- introducing ---- */

/* Fills in what Xen knows of domid; EINVAL when there is no such domain. */
static int domain_facts(struct daemon *d, uint16_t domid,
			struct host_domain *ret)
{
	size_t n;
	int rc = host_call(d->host, domains, domid, ret, 1, &n);

	if (rc)
		return rc;
	return n && ret->domid == domid && !ret->dying ? 0 : EINVAL;
}

bool domain_stopped(struct daemon *d, uint16_t domid)
{
	struct host_domain now;

	return !domain_facts(d, domid, &now) && now.shutdown;
}

int domain_there(struct daemon *d, uint16_t domid, struct domain **ret_known)
{
	struct host_domain facts;
	int rc;

	*ret_known = domain_find(d, domid);
	if (*ret_known)
		return 0;
	rc = domain_facts(d, domid, &facts);
	return rc == EINVAL ? ENOENT : rc;
}

int domain_know(struct daemon *d, uint16_t domid, struct domain **ret_dom)
{
	struct domain *dom = domain_find(d, domid);
	struct host_domain facts;
	int rc;

	if (!dom) {
		rc = domain_facts(d, domid, &facts);
		if (rc)
			return rc == EINVAL ? ENOENT : rc;
		dom = domain_new(d, domid);
		if (!dom)
			return ENOMEM;
		dom->handle_hi = facts.handle_hi;
		dom->handle_lo = facts.handle_lo;
	}
	*ret_dom = dom;
	return 0;
}

void domains_learn(struct daemon *d)
{
	struct host_domain facts;
	struct domain *dom;

	list_for_each (dom, &d->domains->all, all) {
		if (dom->handle_hi || dom->handle_lo ||
		    domain_facts(d, dom->domid, &facts))
			continue;
		dom->handle_hi = facts.handle_hi;
		dom->handle_lo = facts.handle_lo;
	}
}

/* Those that are introduced come first, in that order. */
static void list_introduced(struct daemon *d, struct domain *dom)
{
	struct domain *before;

	list_del(&dom->all);
	list_for_each_reverse (before, &d->domains->all, all)
		if (before->conn)
			break;
	list_add_before(before->all.next, &dom->all);
}

void domain_connect(struct daemon *d, struct domain *dom, struct conn *c)
{
	c->domain = dom;
	list_introduced(d, dom);
	dom->conn = c;
}

/* Ends all that the domain has; the domain itself is not known any more. */
void domain_drop(struct daemon *d, struct domain *dom)
{
	domain_disconnect(d, dom);
	domain_forget(d, dom);
}

/* ---- the rest of its life ---- */

int domain_set_features(struct daemon *d, uint16_t domid, uint32_t features)
{
	struct domain *dom;
	int rc;

	if (features & ~FEATURES_ALL)
		return EINVAL;
	if (domain_introduced(d, domid) || domid == d->config.priv_domid)
		return EBUSY;
	rc = domain_know(d, domid, &dom);
	if (!rc)
		dom->features = features;
	return rc;
}

/*
 * xenstore-ring.txt, "Connection state": the guest writes 1 and notifies;
 * xenstored forgets what it had, empties the ring, answers 0 and notifies.
 * A ring in error comes to life again by that.
 */
static void look_at_connection(struct conn *c)
{
	const struct domain *dom = c->domain;
	struct daemon *d = c->d;

	if (!(dom->features & FEATURE_RECONNECTION) ||
	    !ring_wants_reconnect(c->ring))
		return;
	conn_reset(c);
	c->ignored = false;
	conn_reset_ring(c);
	host_call(d->host, evtchn_notify, c->port);
	conn_trace_object(c, "RECONNECT", NULL, NULL);
}

bool domain_ring_map(struct conn *c)
{
	struct daemon *d = c->d;
	void *page;
	int rc;

	if (!c->ring_due)
		return c->ring;
	rc = host_call(d->host, ring_map, c->domain->domid, &page);
	if (!rc) {
		conn_use_ring(c, page);
	} else if (!c->ring_failed) {
		c->ring_failed = true; /* said once, tried at each event */
		log_guest(d->log, &c->client.account->logged,
			  "domain %u: its ring cannot be mapped now (%s)",
			  c->domain->domid, strerror(rc));
	}
	return c->ring;
}

bool domain_ring_turn(struct conn *c)
{
	if (!domain_ring_map(c))
		return false;
	look_at_connection(c);
	return true;
}

int domain_release(struct daemon *d, uint16_t domid)
{
	struct domain *dom = domain_introduced(d, domid);

	if (!dom)
		return ENOENT;
	domain_gone(d, dom);
	death_announce(d, SPECIAL_RELEASE, domid);
	return 0;
}

void domain_let_go(struct daemon *d, struct domain *dom)
{
	uint16_t domid = dom->domid;

	domain_drop(d, dom);
	death_announce(d, SPECIAL_RELEASE, domid);
}

int domain_resume(struct daemon *d, uint16_t domid)
{
	struct domain *dom = domain_introduced(d, domid);

	if (!dom)
		return ENOENT;
	dom->shutdown = false;
	return 0;
}

int domain_set_target(struct daemon *d, uint16_t domid, uint16_t tdomid)
{
	struct domain *dom = domain_introduced(d, domid);

	if (!dom || !domain_introduced(d, tdomid))
		return ENOENT;
	dom->conn->client.cred.tdomid = tdomid;
	return 0;
}

/* ---- digest ---- */

static uint64_t domain_digest(const struct domain *dom)
{
	uint64_t h = hash_mix(dom->domid, dom->shutdown);

	h = hash_mix(h, dom->restored);
	h = hash_mix(h, dom->conn ? dom->conn->client.id : 0);
	h = hash_mix(h, dom->features);
	h = hash_mix(h, dom->handle_hi);
	return hash_mix(h, dom->handle_lo);
}

uint64_t domains_digest(const struct daemon *d)
{
	const struct domain *dom;
	uint64_t h = 0;

	list_for_each (dom, &d->domains->all, all)
		h += domain_digest(dom);
	return h;
}
