/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lost: drops the events of a peer that does not read them.
 *
 *	           over its memory quota,
 *	           too many of one request
 *	queued  ------------------------> dropping: new events are left out,
 *	   ^  ^                              |      their watches are marked
 *	   |  |  unread for 20 s: those      |
 *	   |  |  in the queue go, too        |
 *	   |  |                              |
 *	   +--+-- it reads again: each watch |
 *	          that lost one fires once --+
 *
 * Only events that are wholly unsent are dropped.  Replies, the ring, watches
 * and transactions stay.  Time in which the domain is paused or suspended does
 * not count.
 *
 * Reading gives time back: 20 s for LOST_READ bytes, and in proportion for
 * fewer.  So a guest must read a ring's worth in 20 s to keep its events; one
 * that takes a byte now and then is no better off than one that takes none.
 *
 * One request gives a guest at most WATCH_HITS events, and fewer when it
 * concerns many guests (store/watch.h).  Those are queued.  Of the rest, only
 * the mark on the watch is kept.
 */
#ifndef TRANSPORT_LOST_H
#define TRANSPORT_LOST_H

#include "daemon.h"

struct conn;
struct watch;

#define LOST_READ 1024u

/* Its events have been waiting for waited_ms; 0: they start to wait now. */
void conn_unread(struct conn *c, uint64_t waited_ms);
/*
 * How long its events have been waiting; 0 if none do.  For the last
 * *ret_uncounted_ms of that it is not known yet whether the domain could read.
 */
uint64_t conn_unread_ms(const struct conn *c, uint64_t *ret_uncounted_ms);
/* Sets the same in a restore. */
void conn_unread_restore(struct conn *c, uint64_t waited_ms,
			 uint64_t uncounted_ms);
/*
 * Drops the events that have waited too long.  Returns the time in ms until the
 * next must be looked at, at most timeout_ms (-1: no limit).
 */
int conn_expire(struct daemon *d, int timeout_ms);
/* Drops its queued events and those to come.  why is for the log. */
void conn_drop_events(struct conn *c, const char *why);
/* Drops one event of w, before it is queued. */
void conn_lose(struct conn *c, struct watch *w);
/* The same, when one request causes too many events for it. */
void conn_lose_surplus(struct conn *c, struct watch *w);
/* Whether its queue takes more than the domain's memory quota. */
bool conn_over_memory(const struct conn *c);
/* An event was queued: drops those to come if that is over the quota. */
void conn_bound_memory(struct conn *c);
/* n bytes of the queue were sent. */
void conn_has_read(struct conn *c, size_t n);
/* Whether conn_fire_lost() has something to do. */
bool conn_fires_lost(const struct conn *c);
/*
 * In its turn: if it reads again, each watch that lost an event fires once, in
 * the order of the watches.
 */
void conn_fire_lost(struct conn *c);

#endif
