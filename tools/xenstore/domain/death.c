/* SPDX-License-Identifier: GPL-2.0-or-later */
/* death: see death.h.  Called by domain.c and on the death VIRQ. */
#include "domain/death.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "domain/domain.h"
#include "store/change.h"
#include "store/purge.h"
#include "store/transaction.h"
#include "transport/conn.h"
#include "transport/event.h"

#define LOOK_AT_ONCE 64

void death_announce(struct daemon *d, enum special_id which)
{
	struct special *s = &d->store->special[which];
	struct change_list *l = change_list_new(d, d->store);

	if (l && change_event(l, s->path, strlen(s->path), s->perms, s->perms))
		event_fire(d, l);
	else
		log_line(d->log, LOG_EVENT, "no memory to announce %s",
			 s->path);
	talloc_free(l);
}

/*
 * A transaction that gave a node to the domain cannot be committed any more:
 * the node would belong to the next domain of that number.
 */
static void doom_transactions(struct daemon *d, uint16_t domid)
{
	struct conn *c;
	struct tx *tx;

	list_for_each(c, &d->conns, all)
		list_for_each(tx, &c->client.txs, of_client)
			tx->doomed |= tx_gives_to(tx, domid);
}

void death_purge(struct daemon *d, uint16_t domid)
{
	struct change_list *l;
	int rc;

	do {
		l = change_list_new(d, d->store);
		rc = l ? purge_next(d->store, domid, l) : ENOMEM;
		if (!rc) {
			change_apply(l);
			event_fire(d, l);
		}
		talloc_free(l);
	} while (!rc);
	if (rc != ENOENT)
		log_line(d->log, LOG_EVENT,
			 "domain %u is gone but some of its nodes remain: %s",
			 domid, strerror(rc));
	doom_transactions(d, domid);
	perms_strip(d->store->perms, domid);
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

/* Returns true when there is something to announce. */
static bool look_at(struct daemon *d, const struct host_domain *now)
{
	struct domain *dom = domain_find(d, now->domid);

	if (!dom || now->dying || other_domain(dom, now))
		return false;
	dom->seen = true;
	if (!now->shutdown || dom->shutdown)
		return false;
	dom->shutdown = true;
	return true;
}

static int look_round(struct daemon *d, bool *ret_announce)
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
		for (i = 0; i < n; i++)
			*ret_announce |= look_at(d, &now[i]);
		if (n)
			next = now[n - 1].domid + 1u;
	} while (n == LOOK_AT_ONCE && next < DOMID_FIRST_RESERVED);
	return 0;
}

void domains_look(struct daemon *d)
{
	struct domain *dom, *tmp;
	bool announce = false;
	int rc;

	list_for_each(dom, &d->domains->all, all) dom->seen =
		dom->domid == d->config.priv_domid;
	rc = look_round(d, &announce);
	if (rc) {
		log_line(d->log, LOG_EVENT,
			 "cannot ask Xen which domains live: %s", strerror(rc));
		return;
	}
	list_for_each_safe(dom, tmp, &d->domains->all, all)
	{
		if (dom->seen)
			continue;
		announce = true;
		domain_gone(d, dom);
	}
	if (announce)
		death_announce(d, SPECIAL_RELEASE);
}
