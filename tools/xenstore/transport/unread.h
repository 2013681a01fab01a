/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unread: what a client of dom0 may leave unread, and how a long queue goes.
 *
 * A guest's events are bounded by its memory quota (lost.h).  dom0's programs
 * have no quota, but one that stops reading must not make the daemon grow
 * without end.  Beyond config.unread_max (--client-unread) a socket is closed,
 * which is the only way to tell a program that events are missing; it can
 * connect again and look.  Its events are left out from then on.  A read-only
 * client may leave 1/64 of that.  A kernel on dom0's ring cannot be closed and
 * need not be: its events are dropped as a guest's are, and its watches fire
 * when it reads again; it may leave 1/16.
 *
 * Replies need no bound of their own: no request is taken while more than
 * CONN_UNREAD bytes wait.
 */
#ifndef TRANSPORT_UNREAD_H
#define TRANSPORT_UNREAD_H

#include "daemon.h"

struct conn;

/* One more event has been queued: if that is too much, it is given up. */
void unread_bound(struct conn *c);
/* Closes at once all that are given up: before an image of an update. */
void unread_close(struct daemon *d);
/*
 * The messages on the list, which are in no queue and no table any more, are
 * freed: some now, the others by a job.
 */
void unread_free(struct daemon *d, struct list *outs);

#endif
