/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tx: a step names transactions by slot. Keeps the ids that each daemon
 * assigned, and what was done in them in case it must be repeated. Used by
 * exec.c.
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

bool tx_any_open(const struct conn *c)
{
	size_t i;

	for (i = 0; i < TX_SLOTS; i++)
		if (c->tx[i].id[STOCK])
			return true;
	return false;
}

bool tx_parted(const struct conn *c, uint8_t tx)
{
	return tx && tx <= TX_SLOTS && c->tx[tx - 1].parted;
}

static void slot_clear(struct tx_slot *t)
{
	uint32_t i;

	for (i = 0; i < t->n; i++)
		free(t->op[i].ours);
	free(t->op);
	free(t->difference);
	memset(t, 0, sizeof(*t));
}

void tx_forget(struct conn *c)
{
	size_t i;

	for (i = 0; i < TX_SLOTS; i++)
		slot_clear(&c->tx[i]);
}

static uint32_t id_in(const struct message *m)
{
	return (uint32_t)strtoul((const char *)m->body, NULL, 10);
}

void tx_started(struct run *r, struct conn *c)
{
	int slot = tx_free_slot(c);

	if (slot < 0 || r->reply[STOCK].type != XS_TRANSACTION_START ||
	    r->reply[OURS].type != XS_TRANSACTION_START)
		return;
	c->tx[slot].id[STOCK] = id_in(&r->reply[STOCK]);
	c->tx[slot].id[OURS] = id_in(&r->reply[OURS]);
	c->tx[slot].began = r->commits;
	c->tx[slot].born = 0;
}

static void note(struct tx_slot *t, const struct step *s,
		 const struct message *ours)
{
	size_t size = offsetof(struct message, body) + ours->len + 1;
	struct tx_op *op;

	if (t->n == t->size) {
		t->size = t->size ? t->size * 2 : 16;
		t->op = realloc(t->op, t->size * sizeof(*t->op));
		if (!t->op)
			abort();
	}
	op = &t->op[t->n++];
	op->step = s;
	op->ours = malloc(size);
	if (!op->ours)
		abort();
	memcpy(op->ours, ours, size);
}

static bool over_quota(const struct message *m)
{
	return !strcmp(message_error(m), "ENOSPC");
}

static bool done_in(const struct tx_slot *t, uint32_t type)
{
	uint32_t i;

	for (i = 0; i < t->n; i++)
		if (t->op[i].step->type == type && t->op[i].ours->type == type)
			return true;
	return false;
}

/* Stock's quota of nodes ignores nodes deleted in the transaction. */
static bool forgets_deleted(struct run *r, const struct conn *c,
			    const struct tx_slot *t, const struct step *s)
{
	return (s->type == XS_WRITE || s->type == XS_MKDIR) &&
	       !strcmp(message_error(&r->reply[STOCK]), "ENOSPC") &&
	       !strcmp(message_error(&r->reply[OURS]), "OK") &&
	       done_in(t, XS_RM) && quota_used_up(r, c);
}

/* Repeats it in stock without the quota, so both hold the same. */
static int again_without_quota(struct run *r, struct conn *c,
			       const struct step *s)
{
	return quota_of_stock(r, false) ||
	       run_ask(r, STOCK, c, s->type, tx_id_of(c, s->tx, STOCK), s->body,
		       s->len, &r->reply[STOCK]) ||
	       quota_of_stock(r, true);
}

/* Stock has not looked at the node then, so it cannot conflict there. */
static bool owner_refused_first(const struct run *r, const struct step *s)
{
	return allow_owner_missing(r, s) &&
	       !strcmp(message_error(&r->reply[STOCK]), "ENOENT") &&
	       r->reply[OURS].type == XS_ERROR;
}

/*
 * A transaction in conflict may read either state as long as it cannot be
 * committed: a difference is kept until its end.
 */
int tx_inside(struct run *r, struct conn *c, const struct step *s)
{
	struct tx_slot *t = slot_of(c, s->tx);
	FILE *report = r->report;
	char *text = NULL;
	size_t size;
	int rc;

	if (stale_counts(r, c, s)) {
		r->swollen++;
		if (again_without_quota(r, c, s))
			return 1;
	}
	if (!t || !t->id[STOCK])
		return run_check_reply(r, c, s);
	if (forgets_deleted(r, c, t, s)) {
		r->forgotten++;
		if (again_without_quota(r, c, s))
			return 1;
	}
	note(t, s, &r->reply[OURS]);
	t->refused |=
		over_quota(&r->reply[STOCK]) || over_quota(&r->reply[OURS]);
	t->parted |= !strcmp(message_error(&r->reply[STOCK]), "OK") &&
		     !strcmp(message_error(&r->reply[OURS]), "ENOSPC");
	t->parted |= later_untouched(r, s) || owner_refused_first(r, s);
	if (r->commits == t->began || t->difference)
		return t->difference ? 0 : run_check_reply(r, c, s);
	r->report = open_memstream(&text, &size);
	if (!r->report)
		abort();
	rc = run_check_reply(r, c, s);
	fclose(r->report);
	r->report = report;
	if (rc)
		t->difference = text;
	else
		free(text);
	return 0;
}

/* Whether a missing node is refused depends on nodes that nobody touched. */
static bool both_refuse(const struct step *s, const struct message *alone,
			const struct message *ours)
{
	const char *x = message_error(alone), *y = message_error(ours);

	/* RM of a missing node */
	if (!strcmp(x, "OK") && s->type == XS_RM)
		x = "ENOENT";
	if (!strcmp(y, "OK") && s->type == XS_RM)
		y = "ENOENT";
	/* a listing depends on the children, not on who may read them */
	if (s->type == XS_DIRECTORY || s->type == XS_DIRECTORY_PART)
		return !strcmp(x, "EACCES") || !strcmp(y, "EACCES");
	return (!strcmp(x, "ENOENT") || !strcmp(x, "EACCES")) &&
	       (!strcmp(y, "ENOENT") || !strcmp(y, "EACCES"));
}

/* Stock, with the transaction alone, must give the same reply as ours. */
static int replay_op(struct run *r, struct conn *c, uint32_t id,
		     const struct tx_op *op)
{
	static struct message m;

	if (run_ask(r, STOCK, c, op->step->type, id, op->step->body,
		    op->step->len, &m))
		return 1;
	if (m.type == op->ours->type && m.len == op->ours->len &&
	    !memcmp(m.body, op->ours->body, m.len))
		return 0;
	if (both_refuse(op->step, &m, op->ours) ||
	    allow_reply(r, op->step, &m, op->ours))
		return 0;
	/* special nodes are in no transaction and may have changed since */
	if (r->later && op->step->len && op->step->body[0] == '@')
		return 0;
	(void)run_fail(r, "our daemon commits, but stock replies differently "
			  "when the transaction is repeated alone:");
	text_step(r->report, op->step);
	fprintf(r->report, "  alone, by stock: ");
	text_message(r->report, &m);
	fprintf(r->report, "  ours then: ");
	text_message(r->report, op->ours);
	return 1;
}

/*
 * A request that ours refused has changed nothing and cannot conflict; alone it
 * might be allowed by now.
 */
static bool refused_change(const struct tx_op *op)
{
	switch (op->step->type) {
	case XS_WRITE:
	case XS_MKDIR:
	case XS_RM:
	case XS_SET_PERMS:
		return op->ours->type == XS_ERROR;
	default:
		return false;
	}
}

/* Other requests that name a transaction are done at once, outside it. */
static bool belongs_to_tx(uint32_t type)
{
	switch (type) {
	case XS_READ:
	case XS_DIRECTORY:
	case XS_DIRECTORY_PART:
	case XS_GET_PERMS:
	case XS_WRITE:
	case XS_MKDIR:
	case XS_RM:
	case XS_SET_PERMS:
		return true;
	default:
		return false;
	}
}

static bool made_something(const struct tx_slot *t)
{
	return done_in(t, XS_WRITE) || done_in(t, XS_MKDIR);
}

static bool changed_something(const struct tx_slot *t)
{
	return made_something(t) || done_in(t, XS_RM) ||
	       done_in(t, XS_SET_PERMS);
}

/* Repeats it in the stock daemon, alone. */
static int replay_alone(struct run *r, struct conn *c, const struct tx_slot *t)
{
	static struct message m;
	uint32_t id, i;

	if (run_ask(r, STOCK, c, XS_TRANSACTION_START, 0, "", 1, &m))
		return 1;
	if (m.type != XS_TRANSACTION_START)
		return run_fail(r, "stock cannot start a transaction");
	id = id_in(&m);
	for (i = 0; i < t->n; i++)
		if (belongs_to_tx(t->op[i].step->type) &&
		    !refused_change(&t->op[i]) &&
		    replay_op(r, c, id, &t->op[i]))
			return 1;
	if (run_ask(r, STOCK, c, XS_TRANSACTION_END, id, "T", 2, &m))
		return 1;
	if (m.type == XS_ERROR)
		return run_fail(r,
				"stock answers %s to a transaction that ours "
				"committed, also when it is repeated alone",
				message_error(&m));
	return 0;
}

/* With limited, the quota of nodes stays on. */
static int replay(struct run *r, struct conn *c, const struct tx_slot *t,
		  bool limited)
{
	bool guest = c > &r->conn[DOM0_RING];

	if (!guest)
		return replay_alone(r, c, t);
	return quota_of_stock(r, false) ||
	       (limited && quota_of_nodes(r, true)) || replay_alone(r, c, t) ||
	       quota_of_stock(r, true);
}

/*
 * Ours has committed t and stock answered this. Returns the counter of that
 * intended difference, or NULL.
 */
static uint64_t *only_ours(struct run *r, const struct conn *c,
			   const struct tx_slot *t, const char *stock)
{
	bool no_mem = !strcmp(stock, "ENOMEM");
	bool no_space = !strcmp(stock, "ENOSPC");

	if (!strcmp(stock, "EAGAIN"))
		return &r->replayed;
	if ((no_mem || no_space) && t->refused)
		return &r->spoiled;
	if (no_mem && quota_looked_at_large(r, c, t))
		return &r->too_large;
	if (no_space && quota_just_reached(r, c))
		return &r->reached;
	if (no_space && done_in(t, XS_RM) && made_something(t) &&
	    quota_used_up_by_another(r, c))
		return &r->charged;
	if (no_mem && t->began < r->death && changed_something(t))
		return &r->orphaned;
	/* the replay proves it: alone, its quota allows it */
	if (no_space && t->began < r->commits && made_something(t) &&
	    c > &r->conn[DOM0_RING])
		return &r->counted_twice;
	return NULL;
}

int tx_ended(struct run *r, struct conn *c, const struct step *s)
{
	struct tx_slot *t = slot_of(c, s->tx);
	const char *stock = message_error(&r->reply[STOCK]);
	const char *ours = message_error(&r->reply[OURS]);
	bool open = t && t->id[STOCK];
	uint64_t *meant = NULL;
	int rc;

	if (open && !strcmp(ours, "OK"))
		meant = only_ours(r, c, t, stock);
	if (meant) {
		++*meant;
		rc = replay(r, c, t, meant == &r->counted_twice);
	} else {
		rc = run_check_reply(r, c, s);
	}
	if (!rc && open && t->difference && strcmp(ours, "EINVAL")) {
		r->excused++;
		if (!strcmp(stock, "OK") && s->body[0] == 'T') {
			fprintf(r->report, "%s... and both commit it\n",
				t->difference);
			rc = 1;
		}
	}
	if (open && !strcmp(ours, "OK") && s->body[0] == 'T') {
		stale_note(r, c, t);
		remade_note(r, c, t);
	}
	/* a malformed end does not end it */
	if (open && strcmp(ours, "EINVAL"))
		slot_clear(t);
	if (!strcmp(ours, "OK"))
		r->commits++;
	return rc;
}
