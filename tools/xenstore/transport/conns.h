/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conns: all connections of a daemon.
 *
 * struct daemon embeds one, so this header includes nothing above base/.
 * Each file of transport/ owns the members that its name stands beside.
 */
#ifndef TRANSPORT_CONNS_H
#define TRANSPORT_CONNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/job.h"
#include "base/list.h"
#include "base/slab.h"

struct conn;
struct daemon;
struct looks;
struct traced;
struct turns;

struct conns {
	struct list all;    /* struct conn, oldest first */
	struct htab *ids;   /* by client.id */
	struct htab *ports; /* conn-ring.c: by the daemon's port */
	uint32_t next_id;
	uint32_t n;
	uint32_t nreaders;    /* of them, read-only ones */
	struct list reap;     /* closed; freed at the end of the round */
	struct turns *turns;  /* turn.h: which of them have work */
	struct looks *looks;  /* look.h: rings to look at without an event */
	struct list unread;   /* lost.c: with unread events, next due first */
	struct list waiting;  /* credit.c: throttled, next due first */
	struct pool outs;     /* out.c: messages that wait to be sent */
	struct list old_outs; /* unread.c: messages to free, */
	struct job free_outs; /* and the job that frees them */
	uint8_t *scratch;     /* conn.c: for reading, CONN_SCRATCH bytes */
	int rw_fd, ro_fd;     /* listening sockets; -1: none */
	/* conn-trace.c: the request being answered, if it is traced */
	const struct traced *traced;
	/* socket.c: new clients wait, until accept_again_ms at most */
	bool accept_paused;
	bool readers_paused; /* new read-only clients wait: too many */
	uint64_t accept_again_ms;
	bool settling;	/* in conn_settle() */
	bool no_new_tx; /* conns_new_tx(): they wait, */
	bool tx_unread; /* and are not even read */
	bool draining;	/* conns_drain() */
};

/* Prepares d->conns; d->host must be set.  Returns 0 or ENOMEM. */
int __must_check conns_init(struct daemon *d);
/*
 * Frees the closed connections, and what the others hold in the store.
 * Descriptors stay open.
 */
void conns_fini(struct daemon *d);
/*
 * Does everything that is due by now.  Returns the time until the next, in us,
 * at most timeout_ms (-1: no limit).
 */
int64_t conns_due(struct daemon *d, int timeout_ms);
/*
 * The descriptors of listening sockets and connections for a successor, *ret_n
 * of them; with readers, those of the read-only socket too.  The caller frees
 * the array (talloc).  Returns NULL without memory.
 */
int *conns_fds(const struct daemon *d, bool readers, size_t *ret_n);

/*
 * Whether new transactions may begin.  Not before a stock successor, which
 * cannot take them over: each TRANSACTION_START waits until they may again.  A C
 * xenstored takes over the request, oxenstored only finds it where it was sent.
 */
enum conns_tx {
	CONNS_TX,
	CONNS_TX_WAIT,
	CONNS_TX_UNREAD
};
void conns_new_tx(struct daemon *d, enum conns_tx how);

/*
 * conn_settle() for all, by id, because one request may end other connections.
 * Returns 0 or ENOMEM.
 */
int __must_check conns_settle(struct daemon *d);
/*
 * Before oxenstored, which takes over no half messages: while it is on, only the
 * rest of messages that have begun is read.
 */
void conns_drain(struct daemon *d, bool on);
/*
 * Serves every whole request that was read, and tells whether nothing is left
 * that oxenstored could not take over; *ret_left is the first connection that
 * has something, NULL if none has.  Returns 0 or ENOMEM.
 */
int __must_check conns_drained(struct daemon *d, struct conn **ret_left);

/* The sum of their state, for the digest of an update. */
uint64_t conns_digest(const struct daemon *d);

#endif
