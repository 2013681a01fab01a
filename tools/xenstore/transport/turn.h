/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * turn: whose turn it is.
 *
 * Deficit round robin, in units of work (store->work), never by the clock.  A
 * flow is who gets turns: a connection, or all read-only clients together.  In
 * each pass every flow that has something to do gets one turn of TURN_WORK.  A
 * request is atomic, so the last one of a turn may take more.  Each further
 * TURN_WORK of it (to the nearest one) is one pass that the flow owes:
 *
 *	asks --> ready: FIFO --turn--> owes nothing --> next pass
 *	                  |
 *	                  +----------> owes n passes --> slot n
 *	                                                   |  n passes later
 *	                                    due: FIFO <----+
 *
 * A pass serves all of "ready", then the first of "due".  Whoever has owed
 * stays on that side for TURN_SLOW passes, so that cheap requests before each
 * dear one do not hide it.  When everybody who asks owes something, the passes
 * until the first of them has paid go by at once; when nobody asks, all have
 * paid.  So nobody waits while there is nothing else to do, nothing is saved up
 * by asking for nothing, and nothing is lost by that, by a new connection on
 * the ring, or by the page's errors: the debt is the connection's.  It goes along
 * in an update.
 *
 * Nobody knows what a request will cost before it is served.  When a turn from
 * "ready" has to be paid off, those behind it in this pass may be of the same
 * kind: they go to "due", one a pass, and who asks only now is before them.
 *
 * How long a newcomer waits: for the turn that goes on, for one of each flow in
 * "ready" (at most 1.5 TURN_WORK each), and for one turn of "due".  When one of
 * those in "ready" takes more than that for the first time since long, those
 * behind it wait once for their turn among "due".
 *
 * Knows no request; called by conn.c, conn-ring.c, conns.c, loop/,
 * domain/ and state/.
 */
#ifndef TRANSPORT_TURN_H
#define TRANSPORT_TURN_H

#include "daemon.h"

struct conn;

#define TURN_WORK 128u /* units: 10 to 20 us */
#define TURN_OWED 255u /* passes that a flow owes at most */
#define TURN_SLOW (1u << 20)

struct flow {
	struct list link;   /* where it waits, or alone */
	struct list conns;  /* that have something to do: struct conn, ready */
	uint64_t last_pass; /* that it had a turn in */
	uint64_t clear;	    /* the pass before which it owes; 0: never did */
};

struct turns {
	struct list ready; /* of this pass */
	struct list next;  /* had their turn in it, or came behind such */
	struct list due;   /* have owed, and paid */
	struct list
		slot[TURN_OWED + 1]; /* by the pass in which they will have */
	uint64_t pass;
	uint64_t paid;	       /* from this one on nobody owes anything */
	uint64_t had;	       /* the last one in which somebody had a turn */
	uint32_t waiting;      /* flows in all of these */
	struct flow *running;  /* has its turn; in none of these */
	struct flow read_only; /* of all read-only clients */
};

/* NULL without memory. */
struct turns *turns_new(const void *ctx);
void flow_init(struct flow *f);

/* It has something to do; also in its own turn, for another one. */
void turn_ask(struct conn *c);
/* It has not any more; also when it never had. */
void turn_drop(struct conn *c);
/* Whether anybody has. */
static inline bool turns_any(const struct daemon *d)
{
	return d->conns.turns->waiting;
}

/* The next one has its turn until turn_over(); NULL: nobody asks. */
struct flow *turn_begin(struct daemon *d);
/*
 * The next connection of the flow that has its turn; it does not ask any more.
 * NULL: there is none.
 */
struct conn *turn_conn(struct flow *f);
/* The turn has cost so much. */
void turn_over(struct daemon *d, uint64_t work);

/*
 * How many passes it takes until nothing is known any more of what the
 * connection's flow has owed; 0: nothing is.  And the same for a restore.
 */
uint32_t turn_debt(const struct conn *c);
void turn_restore(struct conn *c, uint32_t passes);

/* For each connection that asks, in the order of their turns. */
void turns_each(const struct daemon *d,
		void (*each)(void *arg, const struct conn *c), void *arg);

#endif
