/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conns: see conns.h.  Called by daemon.c, update/ and stock/. */
#include "transport/conns.h"

#include <errno.h>
#include <talloc.h>

#include "transport/conn.h"
#include "transport/credit.h"
#include "transport/look.h"
#include "transport/lost.h"
#include "transport/socket.h"

/* Memory kept for messages: what one request may cause for ten guests. */
#define OUTS_KEEP (4u << 20)

int conns_init(struct daemon *d)
{
	struct conns *cs = &d->conns;

	cs->rw_fd = -1;
	cs->ro_fd = -1;
	cs->next_id = 1;
	list_init(&cs->all);
	list_init(&cs->reap);
	list_init(&cs->unread);
	list_init(&cs->old_outs);
	list_init(&cs->waiting);
	pool_init(&cs->outs, d);
	cs->outs.keep = OUTS_KEEP;
	/* the first chunk now: reports of memory stay as they are in an update */
	pool_free(&cs->outs, pool_alloc(&cs->outs, 1), 1);
	cs->ids = htab_new(d);
	cs->ports = htab_new(d);
	cs->looks = looks_new(d);
	cs->turns = turns_new(d);
	cs->scratch = talloc_size(d, CONN_SCRATCH);
	return cs->ids && cs->ports && cs->looks && cs->turns && cs->scratch
		       ? 0
		       : ENOMEM;
}

void conns_fini(struct daemon *d)
{
	struct conn *c;

	/* watches and transactions first: they point into the store */
	list_for_each (c, &d->conns.all, all)
		client_reset(&c->client, d->store);
	jobs_finish(&d->jobs);
	conn_reap(d);
}

int64_t conns_due(struct daemon *d, int timeout_ms)
{
	timeout_ms = conn_credit_due(d, timeout_ms);
	timeout_ms = conn_expire(d, socket_due(d, timeout_ms));
	return looks_due(d, timeout_ms < 0 ? -1 : timeout_ms * 1000ll);
}

void conns_new_tx(struct daemon *d, enum conns_tx how)
{
	struct conn *c;

	if (d->conns.no_new_tx == (how != CONNS_TX))
		return;
	d->conns.no_new_tx = how != CONNS_TX;
	d->conns.tx_unread = how == CONNS_TX_UNREAD;
	list_for_each (c, &d->conns.all, all) {
		if (c->life != CONN_TX_WAITS)
			continue;
		conn_go_on(c);
		conn_ready(c, CONN_READY_IN);
	}
}

void conns_drain(struct daemon *d, bool on)
{
	struct conn *c;

	if (d->conns.draining == on)
		return;
	d->conns.draining = on;
	list_for_each (c, &d->conns.all, all)
		conn_ready(c, CONN_READY_IN); /* which polls it, or does not */
}

int conns_settle(struct daemon *d)
{
	uint32_t *ids = talloc_array(d, uint32_t, d->conns.n + 1), n = 0, i;
	struct conn *c;

	if (!ids)
		return ENOMEM;
	list_for_each (c, &d->conns.all, all)
		if (c->in_len)
			ids[n++] = c->client.id;
	for (i = 0; i < n; i++) {
		c = conn_find(d, ids[i]);
		if (c)
			conn_settle(c);
	}
	talloc_free(ids);
	return 0;
}

int conns_drained(struct daemon *d, struct conn **ret_left)
{
	int rc = conns_settle(d);
	struct conn *c;

	*ret_left = NULL;
	if (rc)
		return rc;
	list_for_each (c, &d->conns.all, all) {
		if (!conn_serves(c) || c->client.read_only)
			continue;
		if (c->in_len || !list_empty(&c->out) || c->client.ntxs) {
			*ret_left = c;
			break;
		}
	}
	return 0;
}

int *conns_fds(const struct daemon *d, bool readers, size_t *ret_n)
{
	const struct conns *cs = &d->conns;
	int *fds = talloc_array(d, int, cs->n + 2);
	const struct conn *c;
	size_t n = 0;

	if (!fds)
		return NULL;
	if (cs->rw_fd >= 0)
		fds[n++] = cs->rw_fd;
	if (readers && cs->ro_fd >= 0)
		fds[n++] = cs->ro_fd;
	list_for_each (c, &cs->all, all)
		if (c->fd >= 0 && (readers || !c->client.read_only))
			fds[n++] = c->fd;
	*ret_n = n;
	return fds;
}
