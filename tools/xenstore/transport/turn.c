/* SPDX-License-Identifier: GPL-2.0-or-later */
/* turn: see turn.h. */
#include "transport/turn.h"

#include <talloc.h>

#include "transport/conn.h"

#define SLOTS (TURN_OWED + 1u)

void flow_init(struct flow *f)
{
	*f = (struct flow){0};
	list_init(&f->link);
	list_init(&f->conns);
}

struct turns *turns_new(const void *ctx)
{
	struct turns *t = talloc_zero(ctx, struct turns);
	unsigned int i;

	if (!t)
		return NULL;
	list_init(&t->ready);
	list_init(&t->next);
	list_init(&t->due);
	for (i = 0; i < SLOTS; i++)
		list_init(&t->slot[i]);
	t->pass = TURN_SLOW + 1ull; /* turn_restore() counts back from it */
	flow_init(&t->read_only);
	return t;
}

/* Whether it owes, or has paid less than TURN_SLOW passes ago. */
static bool slow(const struct turns *t, const struct flow *f)
{
	return f->clear && t->pass < f->clear + TURN_SLOW;
}

static void enqueue(struct turns *t, struct flow *f)
{
	struct list *to = &t->next;

	if (f->clear > t->pass)
		to = &t->slot[f->clear % SLOTS];
	else if (slow(t, f))
		to = &t->due;
	else if (f->last_pass != t->pass && list_empty(&t->next))
		to = &t->ready;
	list_add_tail(to, &f->link);
	t->waiting++;
}

static void dequeue(struct turns *t, struct flow *f)
{
	list_del(&f->link);
	t->waiting--;
}

void turn_ask(struct conn *c)
{
	struct turns *t = c->d->conns.turns;
	struct flow *f = c->flow;

	if (!list_empty(&c->ready))
		return;
	list_add_tail(&f->conns, &c->ready);
	if (list_empty(&f->link) && f != t->running)
		enqueue(t, f);
}

void turn_drop(struct conn *c)
{
	struct flow *f = c->flow;

	if (list_empty(&c->ready))
		return;
	list_del(&c->ready);
	if (list_empty(&f->conns) && !list_empty(&f->link))
		dequeue(c->d->conns.turns, f);
}

/* Moves the flows that have paid by this pass. */
static void now_due(struct turns *t)
{
	list_splice(&t->due, &t->slot[t->pass % SLOTS]);
}

static void next_pass(struct turns *t)
{
	t->pass++;
	list_splice(&t->ready, &t->next);
	now_due(t);
}

/* The next flow; taking the first of "due" ends the pass. */
static struct flow *first(struct turns *t)
{
	struct flow *f = list_first(&t->ready, struct flow, link);

	while (!f) {
		f = list_first(&t->due, struct flow, link);
		next_pass(t);
		if (!f)
			f = list_first(&t->ready, struct flow, link);
	}
	return f;
}

/* No flow asks: all debts are paid.  This takes one pass, however often. */
static void nobody_owes(struct turns *t)
{
	if (t->had == t->pass)
		t->pass++;
	if (t->pass < t->paid)
		t->pass = t->paid;
}

/* f owes until the pass `clear`. */
static void owe(struct turns *t, struct flow *f, uint64_t clear)
{
	f->clear = clear;
	if (t->paid < clear)
		t->paid = clear;
}

struct flow *turn_begin(struct daemon *d)
{
	struct turns *t = d->conns.turns;

	if (!t->waiting) {
		nobody_owes(t);
		return NULL;
	}
	t->running = first(t);
	dequeue(t, t->running);
	t->running->last_pass = t->pass;
	t->had = t->pass;
	return t->running;
}

struct conn *turn_conn(struct flow *f)
{
	struct conn *c = list_first(&f->conns, struct conn, ready);

	if (c)
		list_del(&c->ready);
	return c;
}

void turn_over(struct daemon *d, uint64_t work)
{
	struct turns *t = d->conns.turns;
	struct flow *f = t->running;
	uint64_t owed = (work + TURN_WORK / 2) / TURN_WORK;

	owed = owed > TURN_OWED ? TURN_OWED : owed;
	t->running = NULL;
	if (owed > 1) {
		if (!slow(t, f))
			list_splice(&t->due, &t->ready);
		owe(t, f, t->pass + owed);
	}
	if (!list_empty(&f->conns))
		enqueue(t, f);
}

uint32_t turn_debt(const struct conn *c)
{
	const struct turns *t = c->d->conns.turns;

	return slow(t, c->flow)
		       ? (uint32_t)(c->flow->clear + TURN_SLOW - t->pass)
		       : 0;
}

void turn_restore(struct conn *c, uint32_t passes)
{
	struct turns *t = c->d->conns.turns;

	if (passes > TURN_SLOW + TURN_OWED)
		passes = TURN_SLOW + TURN_OWED;
	owe(t, c->flow, t->pass + passes - TURN_SLOW);
}

bool turn_had(const struct conn *c)
{
	const struct turns *t = c->d->conns.turns;

	return t->had == t->pass && c->flow->last_pass == t->pass;
}

void turn_restore_place(struct conn *c, bool had, bool due)
{
	struct turns *t = c->d->conns.turns;
	struct flow *f = c->flow;

	if (had)
		f->last_pass = t->had = t->pass;
	if (!due || list_empty(&f->link))
		return;
	list_del(&f->link);
	list_add_tail(&t->due, &f->link);
}

static void each_of(const struct turns *t, const struct list *flows,
		    void (*each)(void *arg, const struct conn *c, bool due),
		    void *arg)
{
	const struct flow *f;
	const struct conn *c;

	list_for_each (f, flows, link)
		list_for_each (c, &f->conns, ready)
			each(arg, c, flows == &t->due && !slow(t, f));
}

void turns_each(const struct daemon *d,
		void (*each)(void *arg, const struct conn *c, bool due),
		void *arg)
{
	const struct turns *t = d->conns.turns;
	unsigned int i;

	each_of(t, &t->ready, each, arg);
	each_of(t, &t->next, each, arg);
	each_of(t, &t->due, each, arg);
	for (i = 1; i <= TURN_OWED; i++)
		each_of(t, &t->slot[(t->pass + i) % SLOTS], each, arg);
}
