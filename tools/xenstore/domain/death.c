/* SPDX-License-Identifier: GPL-2.0-or-later */
/* death: see death.h.  Called by daemon.c, domain.c, introduce.c, state/, stock/. */
#include "domain/death.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "domain/announce.h"
#include "domain/domain.h"
#include "store/change.h"
#include "store/transaction.h"
#include "transport/conn.h"

#define LOOK_AT_ONCE 64

/*
 * A transaction that gave a node to a dead domain must not be committed: the
 * node would belong to the next domain of that number.
 */
static bool is_gone(const void *arg, uint16_t domid)
{
	return domids_has(arg, domid);
}

static void doom_transactions(struct daemon *d, const struct domids *gone)
{
	struct conn *c;
	struct tx *tx;

	list_for_each (c, &d->conns.all, all)
		list_for_each (tx, &c->client.txs, of_client)
			tx->doomed |= tx_gives_to(tx, is_gone, gone);
}

void domain_gone(struct daemon *d, struct domain *dom)
{
	struct deaths *ds = deaths_new(d);
	uint16_t domid = dom->domid;

	domain_drop(d, dom);
	if (!ds) {
		log_line(d->log, LOG_EVENT,
			 "domain %u: no memory to remove its nodes and rights",
			 domid);
		return;
	}
	deaths_add(ds, domid);
	deaths_go(ds, NULL, true);
}

/* Marks it as seen.  Returns true if it has stopped and must be announced. */
static bool look_at(struct daemon *d, const struct host_domain *now)
{
	struct domain *dom = domain_find(d, now->domid);

	if (!dom || now->dying || domain_is_other(dom, now))
		return false;
	dom->seen = true;
	if (!now->shutdown || dom->shutdown || !dom->conn)
		return false;
	dom->shutdown = true;
	log_line(d->log, LOG_OBJ, "domain %u has shut down", now->domid);
	return true;
}

static void add_named(void *arg, uint16_t domid)
{
	domids_add(arg, domid);
}

/* The domains whose death matters: known, or named in permissions. */
static void of_interest(const struct daemon *d, struct domids *ret_named,
			struct domids *ret_all)
{
	struct domain *dom;

	perms_domids(d->store->perms, add_named, ret_named);
	*ret_all = *ret_named;
	list_for_each (dom, &d->domains->all, all) {
		domids_add(ret_all, dom->domid);
		if (dom->conn)
			domids_add(ret_all, dom->conn->client.cred.tdomid);
	}
}

static int look_round(struct daemon *d, const struct domids *of,
		      struct change_list *l, struct domids *alive)
{
	struct host_domain now[LOOK_AT_ONCE];
	uint32_t next = 0;
	size_t n, i;
	int rc;

	do {
		rc = host_call(d->host, domains, of, (uint16_t)next, now,
			       LOOK_AT_ONCE, &n);
		if (rc)
			return rc;
		for (i = 0; i < n; i++) {
			if (look_at(d, &now[i]))
				announce_add(d, l, SPECIAL_RELEASE,
					     now[i].domid);
			if (!now[i].dying)
				domids_add(alive, now[i].domid);
		}
		if (n)
			next = now[n - 1].domid + 1u;
	} while (n == LOOK_AT_ONCE && next < DOMID_FIRST_RESERVED);
	return 0;
}

/*
 * Domains that are not introduced, but named in permissions: a dead one must
 * not leave these to the next domain of its number.
 */
static void strangers_gone(struct daemon *d, const struct domids *named,
			   const struct domids *alive, struct deaths *ds,
			   struct domids *gone)
{
	uint32_t at;
	uint16_t domid;

	for (at = domids_next(named, 1); at < DOMID_FIRST_RESERVED;
	     at = domids_next(named, at + 1)) {
		domid = (uint16_t)at;
		if (domid == d->config.priv_domid || domids_has(alive, domid) ||
		    domain_find(d, domid))
			continue;
		domids_add(gone, domid);
		deaths_add(ds, domid);
	}
}

/*
 * A domain that had the rights of a dead one, by SET_TARGET, must not get those
 * of the next domain of that number.
 */
static void targets_gone(struct daemon *d, const struct domids *alive)
{
	struct domain *dom;
	struct cred *cred;

	list_for_each (dom, &d->domains->all, all) {
		cred = dom->conn ? &dom->conn->client.cred : NULL;
		if (cred && cred->tdomid &&
		    cred->tdomid != d->config.priv_domid &&
		    cred->tdomid < DOMID_FIRST_RESERVED &&
		    !domids_has(alive, cred->tdomid))
			cred->tdomid = PERMS_DOMID_INVALID;
	}
}

/* Drops the known domains that were not seen alive. */
static void known_gone(struct daemon *d, struct domids *alive,
		       struct deaths *ds, struct change_list *l,
		       struct domids *gone)
{
	struct domain *dom, *tmp;
	uint16_t domid;

	list_for_each_safe (dom, tmp, &d->domains->all, all) {
		if (dom->seen)
			continue;
		domid = dom->domid;
		log_line(d->log, LOG_OBJ, "domain %u is gone", domid);
		if (dom->conn)
			announce_add(d, l, SPECIAL_RELEASE, domid);
		domain_drop(d, dom);
		domids_add(gone, domid);
		deaths_add(ds, domid);
		/* Xen may have another one of its number by now */
		domids_del(alive, domid);
	}
}

void domains_look(struct daemon *d)
{
	struct change_list *l = change_list_new(d, d->store);
	struct domids named = {0}, of, alive = {0}, gone = {0};
	struct deaths *ds = deaths_new(d);
	struct domain *dom;
	int rc;

	list_for_each (dom, &d->domains->all, all)
		dom->seen = dom->domid == d->config.priv_domid ||
			    dom->domid == d->config.store_domid;
	of_interest(d, &named, &of);
	rc = ds ? look_round(d, &of, l, &alive) : ENOMEM;
	if (rc) {
		log_line(d->log, LOG_EVENT,
			 "cannot list domains: %s; dead ones are found at the "
			 "next VIRQ_DOM_EXC",
			 strerror(rc));
		talloc_free(ds);
		announce_list(d, l, SPECIAL_RELEASE);
		return;
	}
	known_gone(d, &alive, ds, l, &gone);
	targets_gone(d, &alive);
	strangers_gone(d, &named, &alive, ds, &gone);
	doom_transactions(d, &gone);
	deaths_go(ds, l, false);
}
