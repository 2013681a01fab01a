/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * turn: which connection is served next.
 *
 * Deficit round robin, in units of work (store->work), never by the clock.  A
 * flow is what gets turns: one connection, or all read-only clients together.
 * In each pass every flow with something to do gets one turn of TURN_WORK.  A
 * request is atomic, so the last one of a turn may take more.  Each further
 * TURN_WORK of it (to the nearest one) is one pass that the flow owes:
 *
 *	asks --> ready: FIFO --turn--> owes nothing --> next pass
 *	                  |
 *	                  +----------> owes n passes --> slot n
 *	                                                   |  n passes later
 *	                                    due: FIFO <----+
 *
 * A pass serves all of "ready", then the first of "due".  A flow that has owed
 * uses "due" for TURN_SLOW passes, so cheap requests before each expensive one
 * do not hide it.
 *
 * When every flow that asks owes something, the passes until the first of them
 * has paid are skipped; when no flow asks, all have paid.  So no flow waits
 * while there is nothing else to do.  A flow saves nothing up by being idle.
 * Being idle, a new connection on its ring, or an error of its page do not
 * clear its debt early: the debt is the connection's and goes along in an
 * update.
 *
 * The cost of a request is known only after it.  When a turn from "ready"
 * leaves a debt, the flows behind it in this pass may be just as expensive:
 * they move to "due", one a pass, and newcomers go before them.
 *
 * How long a newcomer waits: for the turn in progress, for one turn of each
 * flow in "ready" (at most 1.5 TURN_WORK each), and for one turn of "due".
 * When a flow in "ready" takes more than that for the first time in a long
 * while, those behind it wait once for their turn in "due".
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
	struct list link;   /* in a list of struct turns, or alone */
	struct list conns;  /* with something to do: struct conn, ready */
	uint64_t last_pass; /* in which it had a turn */
	uint64_t clear;	    /* the pass when its debt is paid; 0: never owed */
};

struct turns {
	struct list ready; /* flows to serve in this pass */
	struct list next;  /* had their turn, or asked behind one that had */
	struct list due;   /* owed, and have paid */
	struct list slot[TURN_OWED + 1]; /* by the pass when they will have */
	uint64_t pass;
	uint64_t paid;	       /* the pass from which no flow owes anything */
	uint64_t had;	       /* the last pass with a turn in it */
	uint32_t waiting;      /* flows in all of these lists */
	struct flow *running;  /* has its turn; in none of these lists */
	struct flow read_only; /* that of all read-only clients */
};

/* Returns NULL without memory. */
struct turns *turns_new(const void *ctx);
void flow_init(struct flow *f);

/* c has something to do; during its own turn, this asks for another one. */
void turn_ask(struct conn *c);
/* c has nothing to do any more, if it had. */
void turn_drop(struct conn *c);
/* Whether any connection has something to do. */
static inline bool turns_any(const struct daemon *d)
{
	return d->conns.turns->waiting;
}

/* The next flow has its turn until turn_over().  NULL: none asks. */
struct flow *turn_begin(struct daemon *d);
/*
 * Takes the next connection that asks from the flow that has its turn.  NULL:
 * there is none.
 */
struct conn *turn_conn(struct flow *f);
/* Ends the turn, which has cost `work` units. */
void turn_over(struct daemon *d, uint64_t work);

/*
 * The number of passes until nothing is left of what the connection's flow has
 * owed; 0 if it owed nothing.  turn_restore() sets the same.
 */
uint32_t turn_debt(const struct conn *c);
void turn_restore(struct conn *c, uint32_t passes);

/* Whether the connection's flow had its turn in the present pass. */
bool turn_had(const struct conn *c);
/*
 * Restores that, before the connection asks; due: moves its flow behind those
 * that owed and have paid, when it has asked.
 */
void turn_restore_place(struct conn *c, bool had, bool due);

/*
 * Calls each() for every connection that asks, in the order of their turns.
 * due: the connection owes nothing, but waits with those that owed.
 */
void turns_each(const struct daemon *d,
		void (*each)(void *arg, const struct conn *c, bool due),
		void *arg);

#endif
