/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conn-ring: what only a connection over a ring has: its page and its port.
 *
 *	            conn_map_later()
 *	PAGE_NONE -------------------> PAGE_LATER
 *	   |                               | conn_ring()
 *	   | conn_map_ring()               v
 *	   +----------------> PAGE_MAPPED <--- mapped
 *	                                  ---> failed --> PAGE_RETRY
 *	                                                  each conn_ring() tries
 *
 * A page that cannot be mapped (its domain is dying, the grant is revoked)
 * costs the domain its service, never the daemon.  The connection is kept.
 */
#ifndef TRANSPORT_CONN_RING_H
#define TRANSPORT_CONN_RING_H

#include "transport/conn.h"

/*
 * A connection to dom0's kernel with the page that it offers, and the kernel's
 * port.  Returns 0, ENOMEM, or ENOENT when the kernel offers none.
 */
int __must_check conn_new_dom0(struct daemon *d, struct conn **ret_conn,
			       uint32_t *ret_remote);

/* ---- the page ---- */

/* Whether it still has to be mapped. */
static inline bool conn_page_due(const struct conn *c)
{
	return c->page >= PAGE_LATER;
}

/* The page, mapped now if that is still to be done.  NULL: it cannot be. */
struct ring *conn_ring(struct conn *c);
/*
 * Maps what grant entry 1 of the domain names now, in place of a page that was
 * mapped before.  Returns 0 or the host's errno; then the old page stays.
 */
int __must_check conn_map_ring(struct conn *c);
/* The page is mapped when it is needed first. */
void conn_map_later(struct conn *c);
/*
 * For a restore: maps the page, dom0's too.  If that fails it is logged, and
 * every event of a domain other than dom0 tries again.
 */
void conn_map_restored(struct conn *c);
void conn_unmap_ring(struct conn *c);

/*
 * A page that has come into use: says in it that it is connected and what is
 * offered (c->features), and clears its error.
 */
void conn_begin_ring(struct conn *c);
/* Empties the page and clears its error; c's own indexes become 0 as well. */
void conn_reset_ring(struct conn *c);
/*
 * If the guest asks for a new connection by the word in its mapped page, and is
 * offered that (FEATURE_RECONNECTION): everything that the connection had goes,
 * the page is emptied, and an error of the ring is over.
 */
void conn_reconnect(struct conn *c);
/*
 * Looks at the indexes of the mapped page.  While they make no sense,
 * c->odd_since_ms says since when.  Boot loaders clear the page word by word,
 * so this is an error of the ring only after a second.  If the guest changed
 * an index of ours, it has cleared the page: half messages and everything that
 * waits to be sent go.
 */
void conn_check_indexes(struct conn *c);
/* The guest broke the protocol: sets the error in the page, ignores the ring. */
void conn_ring_error(struct conn *c, uint32_t error);

/* ---- the port ---- */

/*
 * Binds a port to the domain's port `remote`; the one bound before is unbound
 * after that.  Returns 0 or the host's errno; then nothing has changed.
 */
int __must_check conn_bind(struct conn *c, uint32_t remote);
/*
 * The same with the port that the guest names in its page, if it does and that
 * can be bound: a guest that bound its end again says so there.
 */
int __must_check conn_bind_named(struct conn *c, uint32_t remote);
/* Unbinds the port, if there is one. */
void conn_unbind(struct conn *c);
/* `port`, already bound, is c's; 0: it has none. */
void conn_set_port(struct conn *c, uint32_t port);
/* The ring connection with the daemon's port `port`, or NULL. */
struct conn *conn_of_port(const struct daemon *d, uint32_t port);
/* Tells the guest by an event that something has changed in its page. */
void conn_notify(const struct conn *c);

/* ---- migration ---- */

/*
 * Leaves a ring as it is from now on, neither read nor written, or goes on with
 * it.  What happens to its domain meanwhile waits.
 */
void conn_freeze(struct conn *c);
void conn_thaw(struct conn *c);

#endif
