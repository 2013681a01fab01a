/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tx: a step's transactions are slots; here are the numbers that each daemon
 * gave them, and what was done in them, in case it has to be done again.
 * Used by exec.c.
 */
#include "diff.h"

#include <stdlib.h>
#include <string.h>

#define UNKNOWN_ID 77777u

static struct tx_slot *slot_of(struct conn *c, uint8_t tx)
{
	return tx && tx <= TX_SLOTS ? &c->tx[tx - 1] : NULL;
}

uint32_t tx_id_of(const struct conn *c, uint8_t tx, int side)
{
	if (!tx)
		return 0;
	if (tx > TX_SLOTS || !c->tx[tx - 1].id[side])
		return UNKNOWN_ID;
	return c->tx[tx - 1].id[side];
}

int tx_free_slot(const struct conn *c)
{
	int i;

	for (i = 0; i < (int)TX_SLOTS; i++)
		if (!c->tx[i].id[STOCK])
			return i;
	return -1;
}

static void slot_clear(struct tx_slot *t)
{
	t->id[STOCK] = 0;
	t->id[OURS] = 0;
	t->n = 0;
}

void tx_forget(struct conn *c)
{
	size_t i;

	for (i = 0; i < TX_SLOTS; i++) {
		slot_clear(&c->tx[i]);
		free(c->tx[i].log);
		c->tx[i].log = NULL;
		c->tx[i].size = 0;
	}
}

static uint32_t id_in(const struct message *m)
{
	return (uint32_t)strtoul((const char *)m->body, NULL, 10);
}

/* A request was answered: an id more, or a step of a transaction more. */
void tx_note(struct conn *c, const struct step *s, const struct message *reply)
{
	struct tx_slot *t = slot_of(c, s->tx);
	int slot;

	if (s->type == XS_TRANSACTION_START) {
		slot = tx_free_slot(c);
		if (slot < 0 || reply[STOCK].type != s->type ||
		    reply[OURS].type != s->type)
			return;
		c->tx[slot].id[STOCK] = id_in(&reply[STOCK]);
		c->tx[slot].id[OURS] = id_in(&reply[OURS]);
		return;
	}
	if (!t || !t->id[STOCK])
		return;
	if (t->n == t->size) {
		t->size = t->size ? t->size * 2 : 16;
		t->log = realloc(t->log, t->size * sizeof(struct step *));
		if (!t->log)
			abort();
	}
	t->log[t->n++] = s;
}

/* The stock daemon saw a conflict where there is none: once more, alone. */
static int replay(struct run *r, struct conn *c, const struct tx_slot *t)
{
	static struct message m;
	uint32_t id, i;

	if (run_ask(r, STOCK, c, XS_TRANSACTION_START, 0, "", 1, &m))
		return 1;
	if (m.type != XS_TRANSACTION_START)
		return run_fail(r, "stock refuses to start again");
	id = id_in(&m);
	for (i = 0; i < t->n; i++)
		if (run_ask(r, STOCK, c, t->log[i]->type, id, t->log[i]->body,
			    t->log[i]->len, &m))
			return 1;
	if (run_ask(r, STOCK, c, XS_TRANSACTION_END, id, "T", 2, &m))
		return 1;
	if (m.type == XS_ERROR)
		return run_fail(r,
				"alone, too, stock says %s to what ours has "
				"committed",
				message_error(&m));
	r->replayed++;
	return 0;
}

int tx_ended(struct run *r, struct conn *c, const struct step *s)
{
	struct tx_slot *t = slot_of(c, s->tx);
	const char *stock = message_error(&r->reply[STOCK]);
	const char *ours = message_error(&r->reply[OURS]);
	int rc;

	if (t && t->id[STOCK] && !strcmp(stock, "EAGAIN") &&
	    !strcmp(ours, "OK"))
		rc = replay(r, c, t);
	else
		rc = run_check_reply(r, c, s);
	/* a malformed end is none */
	if (t && strcmp(ours, "EINVAL"))
		slot_clear(t);
	return rc;
}
