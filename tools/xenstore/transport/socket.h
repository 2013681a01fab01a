/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * socket: new clients on the two listening sockets, as many as there are
 * descriptors for.
 */
#ifndef TRANSPORT_SOCKET_H
#define TRANSPORT_SOCKET_H

#include "daemon.h"

/* Accepts the clients that wait on listen_fd, at most 8 of them. */
void socket_accept(struct daemon *d, int listen_fd);
/*
 * Whether the daemon waits for new clients.  It stops by itself when
 * descriptors run out, and goes on when a connection ends or by socket_due().
 */
void socket_listen(struct daemon *d, bool on);
/*
 * Waits for new clients again when it is time to.  Returns the time until
 * then in ms, at most timeout_ms (-1: no limit).
 */
int socket_due(struct daemon *d, int timeout_ms);

#endif
