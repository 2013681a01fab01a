/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lost: events that their peer does not read.
 *
 *	           over its memory quota,
 *	           too many of one request
 *	queued  ------------------------> dropping: its events are left out,
 *	   ^  ^                              |      their watches remembered
 *	   |  |  unread for 20 s: those that |
 *	   |  |  wait are dropped, too       |
 *	   |  |                              |
 *	   +--+-- it reads again: each watch |
 *	          that lost one fires once --+
 *
 * Only events are dropped, and only those that are wholly unsent.  Replies
 * stay, the ring stays, and so do watches and transactions.  The time in which
 * the domain is paused or suspended does not count.
 *
 * What it reads gives it time back: LOST_READ bytes all 20 s, less as much
 * less.  So a peer that takes a byte now and then is no better off than one
 * that takes none; to keep its events it has to read a ring's worth in 20 s.
 *
 * One request gives a peer at most WATCH_HITS events, and fewer when a guest's
 * request concerns many guests (store/watch.h).  Those are queued; of the others
 * no more is kept than which watches lost one.
 */
#ifndef TRANSPORT_LOST_H
#define TRANSPORT_LOST_H

#include "daemon.h"

struct conn;
struct watch;

#define LOST_READ 1024u

/* Its events have been waiting for waited_ms already; 0: from now on. */
void conn_unread(struct conn *c, uint64_t waited_ms);
/*
 * How long that is now, and how much of it is not yet looked at: whether the
 * domain could read in that time.  Not on d->conns.unread: 0.
 */
uint64_t conn_unread_ms(const struct conn *c, uint64_t *ret_uncounted_ms);
/* The same for a restore. */
void conn_unread_restore(struct conn *c, uint64_t waited_ms,
			 uint64_t uncounted_ms);
/*
 * Drops the events of those who have not read them for too long.  Returns how
 * long until somebody has to be looked at, at most timeout_ms (-1: for ever).
 */
int conn_expire(struct daemon *d, int timeout_ms);
/*
 * From now on its events are dropped, and those that wait are.  why: what the
 * log says of its domain.
 */
void conn_drop_events(struct conn *c, const char *why);
/* One more, of w, is left out. */
void conn_lose(struct conn *c, struct watch *w);
/* The same, for one of too many that one request gives it. */
void conn_lose_surplus(struct conn *c, struct watch *w);
/* What waits to be read takes more than the memory quota of its domain. */
bool conn_over_memory(const struct conn *c);
/* An event has been queued: is that more than the quota for memory? */
void conn_look_memory(struct conn *c);
/* n bytes of what waited have gone out. */
void conn_has_read(struct conn *c, size_t n);
/*
 * It has its turn: if it reads again, its watches that lost an event fire
 * once each, in their order.
 */
void conn_fire_lost(struct conn *c);

#endif
