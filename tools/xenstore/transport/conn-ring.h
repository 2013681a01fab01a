/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conn-ring: what only a connection over a ring has: its page and its port.
 *
 *	NONE --- conn_map_ring() ---> MAPPED <--- conn_ring() --- LATER, RETRY
 *	NONE --- conn_map_later() --> LATER ---- conn_ring() fails ---> RETRY
 *	NONE --- conn_map_restored() fails ---> RETRY
 *	MAPPED - conn_unmap_ring() -> NONE
 *
 * If a page cannot be mapped (the domain is dying, the grant is revoked), the
 * connection stays, and each event of its port tries again.
 */
#ifndef TRANSPORT_CONN_RING_H
#define TRANSPORT_CONN_RING_H

#include "transport/conn.h"

/*
 * A new connection of the domain in which the daemon runs, with the page that its
 * kernel offers; *ret_remote is the kernel's port.  Returns 0, ENOMEM, or ENOENT if the kernel offers none.
 */
int __must_check conn_new_dom0(struct daemon *d, struct conn **ret_conn,
			       uint32_t *ret_remote);

/* ---- the page ---- */

/* Whether the page is still to be mapped. */
static inline bool conn_page_due(const struct conn *c)
{
	return c->page >= PAGE_LATER;
}

/* The page, which is mapped now if it is due.  NULL: it cannot be mapped. */
struct ring *conn_ring(struct conn *c);
/*
 * Maps the page of the domain's grant entry 1, in place of one mapped before.
 * On failure returns the host's errno, and the old page stays.
 */
int __must_check conn_map_ring(struct conn *c);
/* Leaves mapping the page to the first conn_ring(). */
void conn_map_later(struct conn *c);
/*
 * For a restore: maps the page, also dom0's.  A failure is logged; for dom0's
 * page it is final.
 */
void conn_map_restored(struct conn *c);
void conn_unmap_ring(struct conn *c);

/* Starts to use the mapped page: connected, no error, c->features offered. */
void conn_begin_ring(struct conn *c);
/* Empties the mapped page and clears its error. */
void conn_reset_ring(struct conn *c);
/*
 * If the page asks for a new connection, and the guest is offered that
 * (FEATURE_RECONNECTION): drops everything that the connection had, and an
 * error of the ring, empties the page and notifies.
 */
void conn_reconnect(struct conn *c);
/*
 * Checks the indexes of the mapped page.  While they make no sense,
 * c->odd_since_ms says since when; boot loaders clear the page word by word,
 * so only after a second this is an error of the ring.  If one of the daemon's
 * indexes has changed, the guest has cleared the page: the queues are dropped.
 */
void conn_check_indexes(struct conn *c);
/* The guest broke the protocol: sets error in the page, ignores the ring. */
void conn_ring_error(struct conn *c, uint32_t error);

/* ---- the port ---- */

/*
 * Binds a port to the domain's port `remote` and unbinds the one before.  On
 * failure returns the host's errno, and nothing has changed.
 */
int __must_check conn_bind(struct conn *c, uint32_t remote);
/*
 * The same, but prefers the port that the guest names in its mapped page: there
 * it says that it has bound its end again.
 */
int __must_check conn_bind_named(struct conn *c, uint32_t remote);
/* Unbinds the port, if there is one. */
void conn_unbind(struct conn *c);
/* The connection's port is `port`, already bound; 0: it has none. */
void conn_set_port(struct conn *c, uint32_t port);
/* The ring connection with the daemon's port `port`, or NULL. */
struct conn *conn_of_port(const struct daemon *d, uint32_t port);
/* Sends the guest an event, if there is a port. */
void conn_notify(const struct conn *c);

/* ---- migration ---- */

/*
 * Neither reads nor writes the ring until conn_thaw().  Events and replies that
 * arise meanwhile wait in the queue.
 */
void conn_freeze(struct conn *c);
void conn_thaw(struct conn *c);

#endif
