/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unread: how much a client of dom0 may leave unread, and how a long queue is
 * freed.
 *
 * A guest's events are bounded by its memory quota (lost.h).  Programs of dom0
 * have no quota, but one that stops reading must not make the daemon grow
 * without end.  Beyond config.unread_max (--client-unread) the socket is
 * closed: only that tells a program that events are missing; it can connect
 * again and look.  Until then its events are left out.  A read-only client may
 * leave 1/64 of that.
 *
 * The kernel on dom0's ring cannot be disconnected.  Its events are dropped as
 * a guest's are, and its watches fire when it reads again; it may leave 1/16.
 *
 * Replies need no bound of their own: no request is taken while more than
 * CONN_UNREAD bytes wait.
 */
#ifndef TRANSPORT_UNREAD_H
#define TRANSPORT_UNREAD_H

#include "daemon.h"

struct conn;

/* An event was queued: gives the client up if that is too much. */
void unread_bound(struct conn *c);
/* Closes all clients that are given up, now: before an update's image. */
void unread_close(struct daemon *d);
/*
 * Frees the messages on the list, which are in no queue and no table any more:
 * some now, the others in a job.
 */
void unread_free(struct daemon *d, struct list *outs);

#endif
