/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * look: see look.h.  Reads words of ring pages, no messages; called by conn.c,
 * conn-ring.c, conns.c, loop/, domain/ and state/.
 */
#include "transport/look.h"

#include <talloc.h>

#include "transport/conn-ring.h"

#define SLOW_RINGS  100u     /* in one part of the slow turn */
#define SLOW_US	    1000000u /* the whole turn */
#define SLOW_MIN_US 100000u  /* between two parts of it */
#define ROUND_LOOKS 256u     /* in one round of the loop, */
#define ROUND_MAPS  16u	     /* and rings mapped for them */

struct looks {
	struct list fresh;		/* had a turn in this round */
	struct list level[LOOK_LEVELS]; /* by the time of the look */
	struct list rings; /* all; the next of the slow turn first */
	uint32_t nrings;
	uint64_t slow_part;   /* the last one; parts count from time 0 */
	uint32_t looks, maps; /* in this round */
};

struct looks *looks_new(const void *ctx)
{
	struct looks *ls = talloc_zero(ctx, struct looks);
	unsigned int i;

	if (!ls)
		return NULL;
	list_init(&ls->fresh);
	list_init(&ls->rings);
	for (i = 0; i < LOOK_LEVELS; i++)
		list_init(&ls->level[i]);
	return ls;
}

static uint64_t slow_us(const struct looks *ls)
{
	uint64_t us = (uint64_t)SLOW_US * SLOW_RINGS / (ls->nrings + 1u);

	return us < SLOW_MIN_US ? SLOW_MIN_US : us > SLOW_US ? SLOW_US : us;
}

void look_begin(struct conn *c)
{
	struct looks *ls = c->d->conns.looks;

	list_add_tail(&ls->rings, &c->slow_look);
	if (!ls->nrings++)
		ls->slow_part = host_call(c->d->host, now_us) / slow_us(ls);
}

void look_end(struct conn *c)
{
	list_del(&c->look);
	c->look_level = LOOK_NEVER;
	if (list_empty(&c->slow_look))
		return;
	list_del(&c->slow_look);
	c->d->conns.looks->nrings--;
}

void look_touched(struct conn *c)
{
	list_del(&c->look);
	c->look_level = 0;
	list_add_tail(&c->d->conns.looks->fresh, &c->look);
}

static uint64_t level_us(uint8_t level)
{
	return (uint64_t)LOOK_FIRST_US << 2 * level;
}

/*
 * Looks at c at that time.  A list is in the order of times, then of ids, so
 * the order of two looks is the same after an update.
 */
static void look_when(struct conn *c, uint8_t level, uint64_t us)
{
	struct list *l = &c->d->conns.looks->level[level];
	struct conn *before;

	list_del(&c->look);
	c->look_level = level;
	c->look_us = us;
	list_for_each_reverse (before, l, look)
		if (before->look_us < us ||
		    (before->look_us == us && before->client.id < c->client.id))
			break;
	list_add_before(before->look.next, &c->look);
}

static void look_at_level(struct conn *c, uint8_t level, uint64_t now)
{
	look_when(c, level, now + level_us(level));
}

void looks_stamp(struct daemon *d)
{
	struct list *fresh = &d->conns.looks->fresh;
	struct conn *c;
	uint64_t now;

	if (list_empty(fresh))
		return;
	now = host_call(d->host, now_us);
	while ((c = list_first(fresh, struct conn, look)))
		look_at_level(c, 0, now);
}

void look_state(const struct conn *c, uint8_t *ret_level, uint32_t *ret_in_us)
{
	uint64_t now;

	*ret_level = list_empty(&c->look) ? LOOK_NEVER : c->look_level;
	*ret_in_us = 0;
	if (*ret_level == LOOK_NEVER)
		return;
	now = host_call(c->d->host, now_us);
	*ret_in_us = c->look_us > now ? (uint32_t)(c->look_us - now) : 0;
}

void look_restore(struct conn *c, uint32_t level, uint32_t in_us)
{
	if (level >= LOOK_LEVELS)
		level = LOOK_LEVELS - 1;
	if (in_us > level_us((uint8_t)level))
		in_us = (uint32_t)level_us((uint8_t)level);
	look_when(c, (uint8_t)level, host_call(c->d->host, now_us) + in_us);
}

/* Whether a turn is needed, event or not. */
static bool has_something(const struct conn *c)
{
	const struct ring *r = c->ring;

	if (ring_wants_reconnect(r))
		return true;
	if (c->life == CONN_IGNORED)
		return false;
	if (c->odd_since_ms || !ring_sane(r))
		return true; /* its turn counts the time */
	if ((c->dropping || !list_empty(&c->out)) && ring_room(r))
		return true;
	return ring_has_request(r) && !c->more;
}

static void look_at(struct conn *c)
{
	struct looks *ls = c->d->conns.looks;

	ls->looks++;
	if (c->frozen || c->page == PAGE_RETRY || !list_empty(&c->ready))
		return;
	ls->maps += c->page == PAGE_LATER;
	if (conn_ring(c) && has_something(c))
		conn_ready(c, CONN_READY_IN | CONN_READY_OUT);
}

/* The next look is one level later, or in the slow turn. */
static void look_later(struct conn *c, uint64_t now)
{
	bool waits = !list_empty(&c->out) || c->dropping;
	uint8_t next = (uint8_t)(c->look_level + 1u);

	if (c->odd_since_ms && next >= LOOK_QUIET)
		next = LOOK_QUIET - 1; /* until it is an error or not */
	if (next < (waits ? LOOK_LEVELS : LOOK_QUIET)) {
		look_at_level(c, next, now);
		return;
	}
	list_del(&c->look);
	c->look_level = LOOK_NEVER;
}

static bool enough(const struct looks *ls)
{
	return ls->looks >= ROUND_LOOKS || ls->maps >= ROUND_MAPS;
}

/* The next part of the slow turn. */
static void slow_look(struct looks *ls)
{
	uint32_t n = ls->nrings < SLOW_RINGS ? ls->nrings : SLOW_RINGS;

	for (; n && !enough(ls); n--) {
		struct conn *c = list_first(&ls->rings, struct conn, slow_look);

		list_del(&c->slow_look);
		list_add_tail(&ls->rings, &c->slow_look);
		if (list_empty(
			    &c->look)) /* the others have a time of their own */
			look_at(c);
	}
}

static int64_t sooner(int64_t timeout_us, uint64_t due, uint64_t now)
{
	int64_t left = due > now ? (int64_t)(due - now) : 0;

	return timeout_us < 0 || left < timeout_us ? left : timeout_us;
}

int64_t looks_due(struct daemon *d, int64_t timeout_us)
{
	struct looks *ls = d->conns.looks;
	uint64_t now, part;
	struct conn *c;
	unsigned int i;

	if (!ls->nrings)
		return timeout_us;
	now = host_call(d->host, now_us);
	ls->looks = 0;
	ls->maps = 0;
	for (i = 0; i < LOOK_LEVELS; i++) {
		while ((c = list_first(&ls->level[i], struct conn, look)) &&
		       c->look_us <= now && !enough(ls)) {
			look_at(c);
			look_later(c, now);
		}
		if (c)
			timeout_us = sooner(timeout_us, c->look_us, now);
	}
	part = now / slow_us(ls);
	if (part != ls->slow_part)
		slow_look(ls);
	ls->slow_part = part;
	return sooner(timeout_us, (part + 1) * slow_us(ls), now);
}
