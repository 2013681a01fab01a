/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * domain: see domain.h.  Knows no page and no port; called by daemon.c, death.c,
 * introduce.c, ops/, control/, state/, stock/ and migrate/.
 */
#include "domain/domain.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "domain/announce.h"
#include "domain/death.h"
#include "store/store.h"
#include "transport/conn-ring.h"

struct domains *domains_new(const void *ctx)
{
	struct domains *ds = talloc_zero(ctx, struct domains);

	if (!ds)
		return NULL;
	list_init(&ds->all);
	list_init(&ds->deaths);
	ds->by_domid = htab_new(ds);
	if (!ds->by_domid) {
		talloc_free(ds);
		return NULL;
	}
	return ds;
}

struct domain *domain_find(const struct daemon *d, uint16_t domid)
{
	struct hlink *l = htab_find_number(d->domains->by_domid, domid);

	return l ? container_of(l, struct domain, by_domid) : NULL;
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
	/* it must not get what an earlier domain of its number left */
	death_settle(d, domid);
	dom = talloc_zero(d->domains, struct domain);
	if (!dom)
		return NULL;
	dom->domid = domid;
	dom->features = FEATURES_ALL;
	htab_insert_number(d->domains->by_domid, &dom->by_domid, domid);
	list_add_tail(&d->domains->all, &dom->all);
	return dom;
}

void domain_disconnect(struct domain *dom)
{
	struct conn *c = dom->conn;

	if (!c)
		return;
	conn_unbind(c);
	conn_unmap_ring(c);
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

/* ---- what Xen knows ---- */

/* Asks Xen about domid.  ENOENT: there is no such domain. */
static int domain_facts(struct daemon *d, uint16_t domid,
			struct host_domain *ret)
{
	int rc = host_call(d->host, domain, domid, ret);

	return !rc && ret->dying ? ENOENT : rc;
}

bool domain_is_other(const struct domain *dom, const struct host_domain *now)
{
	if (dom->unique_id && now->unique_id)
		return dom->unique_id != now->unique_id;
	if (!(dom->handle_hi || dom->handle_lo) ||
	    !(now->handle_hi || now->handle_lo))
		return false;
	return dom->handle_hi != now->handle_hi ||
	       dom->handle_lo != now->handle_lo;
}

/* Takes what is not known yet; true if there was something. */
static bool identify(struct domain *dom, const struct host_domain *facts)
{
	bool handle = !(dom->handle_hi || dom->handle_lo) &&
		      (facts->handle_hi || facts->handle_lo);
	bool id = !dom->unique_id && facts->unique_id;

	if (handle) {
		dom->handle_hi = facts->handle_hi;
		dom->handle_lo = facts->handle_lo;
	}
	if (id)
		dom->unique_id = facts->unique_id;
	return handle || id;
}

bool domain_stopped(struct daemon *d, uint16_t domid)
{
	struct host_domain now;

	return !domain_facts(d, domid, &now) && now.shutdown;
}

int domain_there(struct daemon *d, uint16_t domid, struct domain **ret_known)
{
	struct host_domain facts;

	*ret_known = domain_find(d, domid);
	if (*ret_known)
		return 0;
	return domain_facts(d, domid, &facts);
}

int domain_know(struct daemon *d, uint16_t domid, struct domain **ret_dom)
{
	struct domain *dom = domain_find(d, domid);
	struct host_domain facts;
	int rc;

	if (!dom) {
		rc = domain_facts(d, domid, &facts);
		if (rc)
			return rc;
		dom = domain_new(d, domid);
		if (!dom)
			return ENOMEM;
		identify(dom, &facts);
	}
	*ret_dom = dom;
	return 0;
}

/*
 * An image from a build for another Xen has the other of the two: then each
 * domain is asked about, else only those of which nothing is known.
 */
void domains_learn(struct daemon *d)
{
	struct host_domain facts;
	struct domain *dom;
	bool handle, ask = true;

	list_for_each (dom, &d->domains->all, all) {
		handle = dom->handle_hi || dom->handle_lo;
		if (dom->domid == d->config.store_domid ||
		    (handle && dom->unique_id) ||
		    ((handle || dom->unique_id) && !ask) ||
		    domain_facts(d, dom->domid, &facts))
			continue;
		if (!identify(dom, &facts) && (handle || dom->unique_id))
			ask = false;
	}
}

/* Introduced domains come first, in the order of introduction. */
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
	c->features = dom->features;
	list_introduced(d, dom);
	dom->conn = c;
}

void domain_offer(struct domain *dom, uint32_t features)
{
	dom->features = features;
	if (dom->conn)
		dom->conn->features = features;
}

void domain_drop(struct daemon *d, struct domain *dom)
{
	domain_disconnect(dom);
	domain_forget(d, dom);
}

/* ---- requests ---- */

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
		domain_offer(dom, features);
	return rc;
}

int domain_release(struct daemon *d, uint16_t domid)
{
	struct domain *dom = domain_introduced(d, domid);

	if (!dom)
		return ENOENT;
	domain_gone(d, dom);
	announce_one(d, SPECIAL_RELEASE, domid);
	return 0;
}

void domain_let_go(struct daemon *d, struct domain *dom)
{
	uint16_t domid = dom->domid;

	domain_drop(d, dom);
	announce_one(d, SPECIAL_RELEASE, domid);
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

/* Without unique_id, which a successor of another build does not have. */
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
