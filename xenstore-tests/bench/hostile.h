/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hostile: guests and clients that do what costs others most, each within its
 * quotas, and two victims that measure it. See run-hostile.
 *
 *   hostile-main.c    commands, the attackers' loop
 *   hostile-guest.c   one hostile guest: requests out, replies in
 *   hostile-tree.c    kinds that use nodes and transactions
 *   hostile-flood.c   kinds that use requests, watches, events, the ring
 *   hostile-socket.c  kinds that are clients of a socket
 *   hostile-victim.c  one request a millisecond: how long does it take?
 *
 * All attackers are one process with one thread, so they use one CPU. Knows the
 * protocol and xensim's ring, but no daemon.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <stdbool.h>

#include "bench-socket.h"
#include "xensim/guest-ring.h"

#define HOSTILE_MOST   64u
#define HOSTILE_VICTIM 90u /* its domid; attackers are 1, 2... */
#define IN_FLIGHT      24u /* requests of one guest, if its ring has room */

struct guest {
	struct ring ring;
	uint32_t domid;	   /* the first attacker's is 1 */
	uint32_t n;	   /* attackers in all */
	uint32_t waiting;  /* requests in flight */
	uint32_t failed;   /* requests that got an error */
	uint32_t last;	   /* type of the last reply */
	uint32_t tx;	   /* id of the open transaction, 0: none */
	uint64_t step;	   /* requests of the kind so far */
	uint32_t made;	   /* what prepare() could make: names, depth */
	uint32_t held[16]; /* transactions */
	uint64_t random;
};

struct kind {
	const char *name;
	const char *what; /* for the table */
	/* Before the measurement; may wait for replies. */
	void (*prepare)(struct guest *g);
	/* Queues the next request; false: only after more replies. */
	bool (*next)(struct guest *g);
	/*
	 * Replaces next(): everything it does in its turn; true: it did
	 * something.
	 */
	bool (*turn)(struct guest *g);
	/* Replaces all of these: a client of this socket, until stdin ends. */
	void (*client)(const char *socket, uint32_t n);
	bool read_only; /* ... of the read-only one */
};

extern const struct kind tree_kinds[], flood_kinds[], socket_kinds[];

/* hostile-guest.c */
/* Queues a request, with '|' for NUL. False: the ring is full. */
bool request(struct guest *g, uint32_t type, uint32_t tx, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* The same, and waits for the reply; returns its type. */
uint32_t request_now(struct guest *g, uint32_t type, uint32_t tx,
		     const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Takes replies; true if there were any. */
bool take_answers(struct guest *g);
/* Waits until no request is in flight. */
void settle(struct guest *g);
/* A turn with next(); true if anything moved. */
bool guest_turn(struct guest *g, const struct kind *kind);
uint32_t guest_random(struct guest *g, uint32_t below);
/*
 * The step'th request of START, inner(0) to inner(n - 1), END: one transaction
 * after another.
 */
bool in_transactions(struct guest *g, uint32_t n, const char *end,
		     bool (*inner)(struct guest *g, uint32_t k));
/* Whether this guest makes changes; whether it watches them. */
bool changes(const struct guest *g);
bool watches(const struct guest *g);

/* hostile-main.c */
bool at_end(void); /* stdin has ended */
/* The time for preparing is over: the daemon is slow, and this must do. */
bool enough(void);
/* While one is prepared, those before it read their replies. */
void take_others(const struct guest *g);

/* hostile-victim.c */
int victim_guest(const char *dir, uint32_t domid, double seconds,
		 const char *daemon_pid);
int victim_dom0(const char *socket, double seconds, const char *daemon_pid);

#endif
