/* SPDX-License-Identifier: GPL-2.0-or-later */
/* death: see death.h.  Called by daemon.c, domain.c, state/ and stock/. */
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

/*
 * A transaction that gave a node to a dead domain must not be committed: the
 * node would belong to the next domain of that number.
 */
static bool is_gone(const void *arg, uint16_t domid)
{
	return domid < DOMID_FIRST_RESERVED && set_has(arg, domid);
}

static void doom_transactions(struct daemon *d, const struct domid_set *gone)
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

/* Whether Xen's domain of this number is another one than the known. */
static bool other_domain(const struct domain *dom,
			 const struct host_domain *now)
{
	return (dom->handle_hi || dom->handle_lo) &&
	       (dom->handle_hi != now->handle_hi ||
		dom->handle_lo != now->handle_lo);
}

/* Marks it as seen.  Returns true if it has stopped and must be announced. */
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

struct strangers {
	const struct daemon *d;
	const struct domid_set *alive;
	struct domid_set gone;
	bool any;
};

static void stranger(void *arg, uint16_t domid)
{
	struct strangers *st = arg;

	if (!domid || domid >= DOMID_FIRST_RESERVED ||
	    domid == st->d->config.priv_domid || set_has(st->alive, domid) ||
	    domain_find(st->d, domid))
		return;
	set_add(&st->gone, domid);
	st->any = true;
}

/*
 * Domains that are not introduced, but named in permissions: a dead one must
 * not leave these to the next domain of its number.
 */
static void strangers_gone(struct daemon *d, const struct domid_set *alive,
			   struct deaths *ds, struct domid_set *gone)
{
	struct strangers st = {.d = d, .alive = alive};
	uint16_t domid;

	perms_domids(d->store->perms, stranger, &st);
	for (domid = 1; st.any && domid < DOMID_FIRST_RESERVED; domid++)
		if (set_has(&st.gone, domid)) {
			set_add(gone, domid);
			deaths_add(ds, domid);
		}
}

/*
 * A domain that had the rights of a dead one, by SET_TARGET, must not get those
 * of the next domain of that number.
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

/* Drops the known domains that were not seen alive. */
static void known_gone(struct daemon *d, struct domid_set *alive,
		       struct deaths *ds, struct change_list *l,
		       struct domid_set *gone)
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
		set_add(gone, domid);
		deaths_add(ds, domid);
		/* Xen may have another one of its number by now */
		set_del(alive, domid);
	}
}

void domains_look(struct daemon *d)
{
	struct change_list *l = change_list_new(d, d->store);
	struct domid_set alive = {0}, gone = {0};
	struct deaths *ds = deaths_new(d);
	struct domain *dom;
	int rc;

	list_for_each (dom, &d->domains->all, all)
		dom->seen = dom->domid == d->config.priv_domid;
	rc = ds ? look_round(d, l, &alive) : ENOMEM;
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
	strangers_gone(d, &alive, ds, &gone);
	doom_transactions(d, &gone);
	deaths_go(ds, l, false);
}
