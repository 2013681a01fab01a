/* SPDX-License-Identifier: GPL-2.0-or-later */
/* death: see death.h.  Called by domain.c and on the death VIRQ. */
#include "domain/death.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "domain/domain.h"
#include "store/change.h"
#include "store/purge.h"
#include "store/transaction.h"
#include "transport/conn.h"
#include "transport/event.h"

#define LOOK_AT_ONCE 64

/*
 * Adds an event of a special node to l (which may be NULL).  Watchers with
 * depth hear of each domain in the list, the others once.  Who may hear of it
 * is settled by announce().
 */
static void announce_add(struct daemon *d, struct change_list *l,
			 enum special_id which, uint16_t domid)
{
	const char *name = d->store->special[which].path;
	struct change *c = NULL;
	char path[64];
	int len = snprintf(path, sizeof(path), "%s/%u", name, domid);

	if (l)
		c = change_event(l, path, (size_t)len, NULL, NULL);
	if (c)
		c->again = l->n > 1;
	else
		log_line(d->log, LOG_EVENT, "no memory to announce %s", path);
}

/*
 * Fires all of l, which is freed: each event for those who may read the node
 * now.  What ends a domain changes that, and those of one look are one word.
 */
static void announce(struct daemon *d, struct change_list *l,
		     enum special_id which)
{
	struct change *c;

	if (!l)
		return;
	list_for_each (c, &l->head, link)
		c->after = perms_ref(d->store->special[which].perms);
	event_fire(d, l);
	talloc_free(l);
}

void death_announce(struct daemon *d, enum special_id which, uint16_t domid)
{
	struct change_list *l = change_list_new(d, d->store);

	log_line(d->log, LOG_OBJ, "domain %u %s", domid,
		 which == SPECIAL_INTRODUCE ? "introduced" : "released");
	announce_add(d, l, which, domid);
	announce(d, l, which);
}

/*
 * A transaction that gave a node to the domain cannot be committed any more:
 * the node would belong to the next domain of that number.
 */
static void doom_transactions(struct daemon *d, uint16_t domid)
{
	struct conn *c;
	struct tx *tx;

	list_for_each (c, &d->conns, all)
		list_for_each (tx, &c->client.txs, of_client)
			tx->doomed |= tx_gives_to(tx, domid);
}

static void purge_nodes(struct daemon *d, uint16_t domid)
{
	struct purge *p = purge_new(d, d->store, domid);
	struct change_list *l;
	int rc;

	do {
		l = change_list_new(d, d->store);
		rc = p && l ? purge_next(p, l) : ENOMEM;
		if (!rc) {
			change_apply(l);
			event_fire(d, l);
		}
		talloc_free(l);
	} while (!rc);
	talloc_free(p);
	if (purge_specials(d->store, domid))
		rc = ENOMEM;
	if (rc != ENOENT)
		log_line(d->log, LOG_EVENT,
			 "domain %u is gone but some of its nodes remain: %s",
			 domid, strerror(rc));
}

void death_purge(struct daemon *d, uint16_t domid)
{
	struct account *account = account_find(d->store->accounts, domid);

	if (!d->config.keep_orphans)
		purge_nodes(d, domid);
	perms_strip(d->store->perms, domid, d->config.priv_domid);
	if (account)
		log_domain_ends(d->log, &account->logged, domid);
	account_forget(d->store->accounts, domid);
}

/* True when Xen's domain of that number is not the one we know. */
static bool other_domain(const struct domain *dom,
			 const struct host_domain *now)
{
	return (dom->handle_hi || dom->handle_lo) &&
	       (dom->handle_hi != now->handle_hi ||
		dom->handle_lo != now->handle_lo);
}

/* Returns true when it has stopped and nobody was told. */
static bool look_at(struct daemon *d, const struct host_domain *now)
{
	struct domain *dom = domain_find(d, now->domid);

	if (!dom || now->dying || other_domain(dom, now))
		return false;
	dom->seen = true;
	if (!now->shutdown || dom->shutdown || !dom->conn)
		return false;
	dom->shutdown = true;
	log_line(d->log, LOG_OBJ, "domain %u has shut down", now->domid);
	return true;
}

/* One bit for each domid. */
struct domid_set {
	uint64_t bits[DOMID_FIRST_RESERVED / 64 + 1];
};

static void set_add(struct domid_set *set, uint16_t domid)
{
	set->bits[domid / 64] |= 1ull << domid % 64;
}

static void set_del(struct domid_set *set, uint16_t domid)
{
	set->bits[domid / 64] &= ~(1ull << domid % 64);
}

static bool set_has(const struct domid_set *set, uint16_t domid)
{
	return set->bits[domid / 64] & 1ull << domid % 64;
}

static int look_round(struct daemon *d, struct change_list *l,
		      struct domid_set *alive)
{
	struct host_domain now[LOOK_AT_ONCE];
	uint32_t next = 0;
	size_t n, i;
	int rc;

	do {
		rc = host_call(d->host, domains, (uint16_t)next, now,
			       LOOK_AT_ONCE, &n);
		if (rc)
			return rc;
		for (i = 0; i < n; i++) {
			if (look_at(d, &now[i]))
				announce_add(d, l, SPECIAL_RELEASE,
					     now[i].domid);
			if (!now[i].dying &&
			    now[i].domid < DOMID_FIRST_RESERVED)
				set_add(alive, now[i].domid);
		}
		if (n)
			next = now[n - 1].domid + 1u;
	} while (n == LOOK_AT_ONCE && next < DOMID_FIRST_RESERVED);
	return 0;
}

/*
 * Domains that were never introduced, or are no longer, but stand in
 * permissions: those that are gone must not leave them to the next one.
 */
static void strangers_gone(struct daemon *d, const struct domid_set *alive)
{
	const struct perms_table *t = d->store->perms;
	struct domid_set gone = {0};
	uint32_t id, i, domid;
	bool any = false;

	for (id = 1; id < t->next; id++)
		for (i = 0; t->by_id[id] && i < t->by_id[id]->n; i++) {
			domid = t->by_id[id]->p[i].domid;
			if (!domid || domid >= DOMID_FIRST_RESERVED ||
			    domid == d->config.priv_domid ||
			    set_has(alive, (uint16_t)domid) ||
			    domain_find(d, (uint16_t)domid))
				continue;
			set_add(&gone, (uint16_t)domid);
			any = true;
		}
	for (domid = 1; any && domid < DOMID_FIRST_RESERVED; domid++)
		if (set_has(&gone, (uint16_t)domid)) {
			doom_transactions(d, (uint16_t)domid);
			death_purge(d, (uint16_t)domid);
		}
}

/*
 * Who had the rights of one that is gone, by SET_TARGET, must not have those of
 * the next domain of that number.
 */
static void targets_gone(struct daemon *d, const struct domid_set *alive)
{
	struct domain *dom;
	struct cred *cred;

	list_for_each (dom, &d->domains->all, all) {
		cred = dom->conn ? &dom->conn->client.cred : NULL;
		if (cred && cred->tdomid &&
		    cred->tdomid != d->config.priv_domid &&
		    cred->tdomid < DOMID_FIRST_RESERVED &&
		    !set_has(alive, cred->tdomid))
			cred->tdomid = PERMS_DOMID_INVALID;
	}
}

void domains_look(struct daemon *d)
{
	struct change_list *l = change_list_new(d, d->store);
	struct domain *dom, *tmp;
	struct domid_set alive = {0};
	uint16_t domid;
	int rc;

	list_for_each (dom, &d->domains->all, all)
		dom->seen = dom->domid == d->config.priv_domid;
	rc = look_round(d, l, &alive);
	if (rc) {
		log_line(d->log, LOG_EVENT,
			 "cannot ask Xen which domains live: %s", strerror(rc));
		announce(d, l, SPECIAL_RELEASE);
		return;
	}
	list_for_each_safe (dom, tmp, &d->domains->all, all) {
		if (dom->seen)
			continue;
		domid = dom->domid;
		log_line(d->log, LOG_OBJ, "domain %u is gone", domid);
		if (dom->conn)
			announce_add(d, l, SPECIAL_RELEASE, domid);
		doom_transactions(d, domid);
		domain_gone(d, dom);
		/* there may be another of its number by now */
		set_del(&alive, domid);
	}
	targets_gone(d, &alive);
	strangers_gone(d, &alive);
	announce(d, l, SPECIAL_RELEASE);
}
