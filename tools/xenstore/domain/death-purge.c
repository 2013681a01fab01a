/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * death-purge: removes what dead domains leave, their nodes in pieces; see
 * death.h.  Called by death.c, domain.c and ops/.
 */
#include "domain/death.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "base/array.h"
#include "domain/announce.h"
#include "domain/domain.h"
#include "store/observer.h"
#include "store/purge.h"
#include "store/transaction.h"
#include "store/tx-node.h"
#include "transport/event.h"

struct deaths {
	struct job job;
	struct list next; /* in domains->deaths, in the order of death */
	struct daemon *d;
	struct change_list *announce; /* when all is removed; or NULL */
	struct purge **purge;
	uint32_t n, size;
	uint32_t at; /* those before are done */
};

struct deaths *deaths_new(struct daemon *d)
{
	/* a child of the store: when that is freed, the job ends with it */
	struct deaths *ds = talloc_zero(d->store, struct deaths);

	if (!ds)
		return NULL;
	ds->d = d;
	list_init(&ds->next);
	list_init(&ds->job.link);
	return ds;
}

static void say_incomplete(struct daemon *d, uint16_t domid, int rc)
{
	log_line(d->log, LOG_EVENT,
		 "domain %u: gone, but some of its nodes remain: %s", domid,
		 strerror(rc));
}

static int add_purge(struct deaths *ds, uint16_t domid)
{
	if (!array_room(ds, ds->purge, ds->n, ds->size))
		return ENOMEM;
	ds->purge[ds->n] = purge_new(ds, ds->d->store, domid);
	if (!ds->purge[ds->n])
		return ENOMEM;
	ds->n++;
	return purge_specials(ds->d->store, domid);
}

void deaths_add(struct deaths *ds, uint16_t domid)
{
	struct store *s = ds->d->store;
	struct account *a = account_find(s->accounts, domid);
	int rc = 0;

	if (!ds->d->config.keep_orphans)
		rc = add_purge(ds, domid);
	if (rc)
		say_incomplete(ds->d, domid, rc);
	perms_strip(s->perms, domid, ds->d->config.priv_domid);
	observe(s, strip, domid);
	if (a)
		log_domain_ends(ds->d->log, &a->logged, domid);
	account_forget(s->accounts, domid);
}

/* Applies one list of changes.  Returns true when p has no more. */
static bool purge_some(struct daemon *d, struct purge *p, uint32_t most)
{
	struct change_list *l = change_list_new(d, d->store);
	int rc = l ? purge_next(p, l, most) : ENOMEM;

	if (!rc) {
		change_apply(l);
		event_fire(d, l);
	} else if (rc != ENOENT) {
		say_incomplete(d, purge_domid(p), rc);
	}
	talloc_free(l);
	return rc;
}

static bool deaths_step(struct job *job, uint64_t work);

/* Only the first has a job, so deaths are announced in their order. */
static void first_goes_on(struct daemon *d)
{
	struct deaths *ds =
		list_first(&d->domains->deaths, struct deaths, next);

	if (ds && list_empty(&ds->job.link))
		job_add(&d->jobs, &ds->job, deaths_step);
}

static bool deaths_step(struct job *job, uint64_t work)
{
	struct deaths *ds = container_of(job, struct deaths, job);
	struct daemon *d = ds->d;
	uint64_t begin = d->store->work, done = 0;

	for (; ds->at < ds->n; done = d->store->work - begin) {
		if (done >= work)
			return true;
		if (!purge_some(d, ds->purge[ds->at],
				work == UINT64_MAX ? UINT32_MAX
						   : (uint32_t)(work - done)))
			continue;
		talloc_free(ds->purge[ds->at++]);
	}
	announce_list(d, ds->announce, SPECIAL_RELEASE);
	list_del(&ds->next);
	talloc_free(ds);
	first_goes_on(d);
	return false;
}

void deaths_go(struct deaths *ds, struct change_list *announce, bool all)
{
	struct daemon *d = ds->d;

	ds->announce = announce;
	if (all) {
		(void)deaths_step(&ds->job, UINT64_MAX);
		return;
	}
	list_add_tail(&d->domains->deaths, &ds->next);
	/* most are done with the first step */
	if (list_first(&d->domains->deaths, struct deaths, next) != ds ||
	    deaths_step(&ds->job, JOB_WORK))
		first_goes_on(d);
}

/* ---- for those who cannot wait ---- */

static bool concerns(const struct deaths *ds, uint16_t domid)
{
	uint32_t i;

	for (i = ds->at; i < ds->n; i++)
		if (purge_domid(ds->purge[i]) == domid)
			return true;
	return false;
}

/* Finishes what concerns the domain.  Returns false if nothing did. */
static bool settle(struct daemon *d, uint16_t domid)
{
	struct list *deaths = &d->domains->deaths;
	struct deaths *ds, *last = NULL;
	bool any, again = true;

	list_for_each (ds, deaths, next)
		if (concerns(ds, domid))
			last = ds;
	any = last;
	/* earlier deaths are announced earlier */
	while (last && again) {
		ds = list_first(deaths, struct deaths, next);
		again = ds != last;
		job_cancel(&ds->job);
		(void)deaths_step(&ds->job, UINT64_MAX);
	}
	return any;
}

void death_settle(struct daemon *d, uint16_t domid)
{
	(void)settle(d, domid);
}

void death_settle_path(struct daemon *d, const char *path, size_t len)
{
	uint16_t domid;

	while (!list_empty(&d->domains->deaths) &&
	       purge_concerns(d->store, path, len, &domid) && settle(d, domid))
		;
}

void death_settle_tx(struct daemon *d, const struct tx *tx)
{
	struct tx_path path;
	const struct tx_node *n;
	size_t len;

	path.up = NULL;
	if (list_empty(&d->domains->deaths))
		return;
	list_for_each (n, &tx->nodes, order) {
		len = tx_node_path(&path, n);
		death_settle_path(d, path.s, len);
	}
}
