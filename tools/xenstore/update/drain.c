/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * drain: WAIT before oxenstored, which takes over neither transactions nor half
 * messages.  Called by update.c.
 *
 *	+--> serving -- no transaction is old --> ending -- all have ended --+
 *	|                                            |                       v
 *	+--------- not done in ATTEMPT_MS -----------+------------------ draining
 *	                                                                     |
 *	                                                                     v
 *	                                                                     GO
 *
 * Ending: new transactions wait, everything else is served, because a client may
 * need it to end its transaction.  Draining: clients wait.  So an attempt is
 * short.  At the deadline the update fails, or with -F what is left is dropped.
 */
#include "update/update-internal.h"

#include <errno.h>
#include <stdio.h>

#include "store/transaction.h"
#include "transport/conn.h"

#define ATTEMPT_MS 150u
#define SERVE_MS   850u /* between two attempts */
#define OLD_TX_MS  500u /* such a transaction would not end in an attempt, */
#define LOOK_MS	   50u	/* and this often is looked whether it has ended */

static bool old_transaction(const struct daemon *d, uint64_t now)
{
	const struct conn *c;
	const struct tx *tx;

	list_for_each (c, &d->conns.all, all) {
		tx = list_first(&c->client.txs, struct tx, of_client);
		if (tx && !c->client.read_only &&
		    now - tx->started_ms >= OLD_TX_MS)
			return true;
	}
	return false;
}

static void describe(const struct conn *c, char *text, size_t size)
{
	const char *what = c->in_len ? "has sent half a request"
				     : "does not read its replies and events";

	if (c->kind == CONN_RING)
		snprintf(text, size,
			 "domain %u %s, which oxenstored cannot take over",
			 c->client.cred.domid, what);
	else
		snprintf(text, size,
			 "connection %u, a client of the socket, %s, which "
			 "oxenstored cannot take over",
			 c->client.id, what);
}

static bool is_half(const struct conn *c)
{
	const struct out *first = list_first(&c->out, struct out, next);

	return c->in_len || (first && (first->raw || c->out_pos));
}

/*
 * -F: drops whole messages; the dump counts them as lost.  A socket with a half
 * one is closed.  A guest with one would take what comes next for its rest, so
 * then the update fails: EBUSY with text.
 */
static int drop_rest(struct daemon *d, char *text, size_t size)
{
	struct conn *c;

again:
	list_for_each (c, &d->conns.all, all) {
		if (!conn_serves(c) || c->client.read_only || !is_half(c))
			continue;
		describe(c, text, size);
		if (c->kind == CONN_RING)
			return EBUSY;
		log_line(d->log, LOG_EVENT,
			 "live update to %s: forced: %s; it is disconnected",
			 d->update->binary, text);
		conn_close(c);
		goto again;
	}
	return 0;
}

/* The last attempt has ended. */
static void give_up(struct daemon *d, const struct conn *left)
{
	struct update *u = d->update;
	char text[UPDATE_WHO_TEXT];
	bool txs = update_transactions(d, text, sizeof(text));

	if (!txs)
		describe(left, text, sizeof(text));
	else if (u->force)
		update_end_transactions(d, 0, text);
	if (!u->force || drop_rest(d, text, sizeof(text)))
		update_fail(d, text);
	else
		u->state = UPDATE_GO;
}

/* Returns false when this is no time for an attempt, or none is left. */
static bool begin(struct daemon *d, uint64_t now, bool late)
{
	struct update *u = d->update;
	char text[UPDATE_WHO_TEXT];

	if (!late && now < u->drain_ms)
		return false;
	if (old_transaction(d, now)) {
		u->drain_ms = now + LOOK_MS;
		if (!late)
			return false;
		(void)update_transactions(d, text, sizeof(text));
		if (!u->force) {
			update_fail(d, text);
			return false;
		}
		update_end_transactions(d, OLD_TX_MS, text);
	}
	u->attempt = true;
	u->drain_ms = now + ATTEMPT_MS;
	conns_new_tx(d, CONNS_TX_UNREAD);
	return true;
}

static void stop(struct daemon *d, uint64_t now)
{
	d->update->attempt = false;
	d->update->drain_ms = now + SERVE_MS;
	conns_drain(d, false);
	conns_new_tx(d, CONNS_TX);
}

void update_drain(struct daemon *d)
{
	struct update *u = d->update;
	uint64_t now = host_call(d->host, now_ms);
	bool late = now >= u->deadline_ms;
	char text[UPDATE_WHO_TEXT];
	struct conn *left;

	if (!u->attempt && !begin(d, now, late))
		return;
	if (!update_transactions(d, text, sizeof(text)))
		conns_drain(d, true);
	if (conns_drained(d, &left)) {
		update_fail(d, UPDATE_NO_MEMORY);
		return;
	}
	if (!left && !jobs_any(&d->jobs))
		u->state = UPDATE_GO;
	else if (now >= u->drain_ms && late && left)
		give_up(d, left);
	else if (now >= u->drain_ms)
		stop(d, now);
}

uint64_t update_drain_due(const struct update *u)
{
	if (!u->attempt && u->drain_ms > u->deadline_ms)
		return u->deadline_ms;
	return u->drain_ms;
}
