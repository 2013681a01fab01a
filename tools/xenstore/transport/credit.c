/* SPDX-License-Identifier: GPL-2.0-or-later */
/* credit: see credit.h.  Called by ops/, conns.c and the restore. */
#include "transport/credit.h"

#include "transport/conn.h"

#define CREDIT_BURST 50u

/*
 * The list is in the order of times, then of ids, so the order in which two go
 * on is the same after an update.
 */
static void wait_until(struct conn *c, uint64_t until_ms)
{
	struct conn *before;

	list_del(&c->waiting);
	c->wait_until_ms = until_ms;
	list_for_each_reverse (before, &c->d->conns.waiting, waiting)
		if (before->wait_until_ms < until_ms ||
		    (before->wait_until_ms == until_ms &&
		     before->client.id < c->client.id))
			break;
	list_add_before(before->waiting.next, &c->waiting);
}

static void stall(struct conn *c, uint64_t now, uint64_t for_ms)
{
	struct account *a = c->client.account;

	wait_until(c, now + for_ms);
	a->refused[QUOTA_CONFLICTS]++;
	log_guest(c->d->log, &a->logged,
		  "domain %u: keeps causing conflicts in others' transactions; "
		  "its requests wait %u ms (quota conflicts)",
		  a->domid, (unsigned int)for_ms);
}

void conn_charge(struct conn *c)
{
	uint32_t limit = account_limit(&c->d->store->limits, c->client.account,
				       QUOTA_CONFLICTS, false);
	uint64_t now, cost;

	if (!limit)
		return;
	now = host_call(c->d->host, now_ms);
	cost = limit < 1000 ? 1000 / limit : 1;
	if (c->busy_until_ms < now)
		c->busy_until_ms = now;
	c->busy_until_ms += cost;
	if (log_on(c->d->log, LOG_WRL))
		log_line(c->d->log, LOG_WRL,
			 "domain %u: caused a conflict; owes %u ms",
			 c->client.cred.domid,
			 (unsigned int)(c->busy_until_ms - now));
	if (c->busy_until_ms - now > CREDIT_BURST * cost)
		stall(c, now, CREDIT_BURST * cost / 2);
}

void conn_credit_restore(struct conn *c, uint32_t busy_ms, uint32_t wait_ms)
{
	uint64_t now = host_call(c->d->host, now_ms);

	c->busy_until_ms = now + busy_ms;
	if (wait_ms)
		wait_until(c, now + (wait_ms - 1));
}

int conn_credit_due(struct daemon *d, int timeout_ms)
{
	struct conn *c, *tmp;
	uint64_t now, left;

	if (list_empty(&d->conns.waiting))
		return timeout_ms;
	now = host_call(d->host, now_ms);
	list_for_each_safe (c, tmp, &d->conns.waiting, waiting) {
		if (now >= c->wait_until_ms) {
			list_del(&c->waiting);
			conn_ready(c, CONN_READY_IN);
			continue;
		}
		left = c->wait_until_ms - now; /* the others wait longer */
		if (timeout_ms < 0 || left < (uint64_t)timeout_ms)
			timeout_ms = (int)left;
		break;
	}
	return timeout_ms;
}
