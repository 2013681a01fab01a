/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * event: sends watch events.
 */
#ifndef TRANSPORT_EVENT_H
#define TRANSPORT_EVENT_H

#include "daemon.h"

struct change_list;
struct conn;
struct out;
struct watch;

/*
 * Queues one event of w, unless an equal one (path and token) waits wholly
 * unsent.  An event longer than a message is dropped.  Ends no connection and
 * frees no watch: a peer that does not read loses events, see lost.h.
 */
void conn_event(struct conn *c, struct watch *w, const char *path);
/* For a restore: later events equal to o are left out while o waits. */
void conn_queued_event(struct conn *c, struct out *o);
/* Sends every hit of an applied change list to its watcher. */
void event_fire(struct daemon *d, const struct change_list *changes);

#endif
