/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * event: telling watchers.
 */
#ifndef TRANSPORT_EVENT_H
#define TRANSPORT_EVENT_H

#include "daemon.h"

struct change_list;
struct conn;
struct out;
struct watch;

/*
 * Queues one event of w, unless the same one (path and token) still waits
 * wholly unsent.  One that would be longer than a message is dropped.  Ends
 * no connection and frees no watch: who does not read has its events dropped,
 * see lost.h.
 */
void conn_event(struct conn *c, struct watch *w, const char *path);
/* For a restore: o may be what a later equal event is compared with. */
void conn_queued_event(struct conn *c, struct out *o);
/* Sends every hit of an applied change list to its watcher. */
void event_fire(struct daemon *d, const struct change_list *changes);

#endif
