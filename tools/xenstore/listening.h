/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * listening: keeps the paths of the sockets.
 *
 *	HERE ---removed, or its listener is dead---> LOST ---a second later---+
 *	^ |                                          ^                        |
 *	| +---another process listens---> ELSEWHERE --+ it ends               |
 *	+------------------------listens again--------------------------------+
 *
 * A second xenstored beside this one unlinks the socket, binds its own, and then
 * fails, because VIRQ_DOM_EXC is bound.  Debian's init script starts one if it
 * does not recognise the running daemon.  Guests and connected clients do not
 * notice, but new clients of dom0 would find no store.  Called by main.c.
 */
#ifndef LISTENING_H
#define LISTENING_H

#include "daemon.h"
#include "options.h"

/*
 * Begins to watch the sockets of a daemon that serves.  fresh: this process has
 * just made them.  o must outlive d.  A failure is only logged.
 */
void listening_begin(struct daemon *d, const struct options *o, bool fresh);

#endif
