/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * socket: see socket.h.  Clients without a descriptor wait in the kernel's
 * queue: accepting and closing them would be an error that they have to handle.
 * Called by loop/, conn.c, conns.c and state/.
 */
#include "transport/socket.h"

#include <errno.h>
#include <string.h>

#include "transport/conn-trace.h"

/* Accepted in a round of the loop, on one socket. */
#define ACCEPTS 8u
/* The most read-only clients at a time. */
#define READERS 128u
/* Descriptors may also be freed elsewhere, or a limit raised: try again. */
#define AGAIN_MS 1000
/* A new shortage is logged if the last one was longer ago than this. */
#define QUIET_MS 10000

static void socket_adopt(struct daemon *d, int fd, bool read_only)
{
	/* its clients run in this domain: only root can reach the socket */
	struct cred cred = {d->config.store_domid, PERMS_DOMID_INVALID, true};
	struct conn *c = conn_new(d, CONN_SOCKET, &cred, 0);

	if (!c) {
		host_call(d->host, close, fd);
		return;
	}
	c->fd = fd;
	if (read_only)
		conn_read_only(c);
	conn_trace_object(c, "CREATE connection", NULL, NULL);
	c->polled = HOST_IN;
	if (host_call(d->host, poll_add, fd, c->polled, CONN_TAG(c->client.id)))
		conn_close(c);
}

/* The read-only socket has READERS clients at most. */
void socket_listen(struct daemon *d, bool on)
{
	uint32_t what = on ? HOST_IN : 0;

	d->conns.readers_paused = d->conns.nreaders >= READERS;
	if (d->conns.rw_fd >= 0)
		(void)host_call(d->host, poll_set, d->conns.rw_fd, what,
				DAEMON_TAG_RW);
	if (d->conns.ro_fd >= 0)
		(void)host_call(d->host, poll_set, d->conns.ro_fd,
				d->conns.readers_paused ? 0 : what,
				DAEMON_TAG_RO);
	d->conns.accept_paused = !on;
}

int socket_due(struct daemon *d, int timeout_ms)
{
	uint64_t now;

	if (!d->conns.accept_paused)
		return timeout_ms;
	now = host_call(d->host, now_ms);
	if (now >= d->conns.accept_again_ms)
		socket_listen(d, true);
	else if (timeout_ms < 0 ||
		 d->conns.accept_again_ms - now < (uint64_t)timeout_ms)
		timeout_ms = (int)(d->conns.accept_again_ms - now);
	return timeout_ms;
}

/* Stops accepting for a while: trying again at once would only burn time. */
static void pause_accept(struct daemon *d, int rc)
{
	uint64_t now = host_call(d->host, now_ms);

	if (!d->conns.accept_again_ms ||
	    now >= d->conns.accept_again_ms + QUIET_MS)
		log_line(d->log, LOG_EVENT,
			 "cannot accept clients: %s; %u are connected, new "
			 "ones wait",
			 strerror(rc), d->conns.n);
	d->conns.accept_again_ms = now + AGAIN_MS;
	socket_listen(d, false);
}

void socket_accept(struct daemon *d, int listen_fd)
{
	unsigned int i;
	int fd, rc;

	/* the host reports those that are left again */
	for (i = 0; i < ACCEPTS; i++) {
		if (listen_fd == d->conns.ro_fd &&
		    d->conns.nreaders >= READERS) {
			socket_listen(d, true);
			return;
		}
		rc = host_call(d->host, accept, listen_fd, &fd);
		if (!rc) {
			socket_adopt(d, fd, listen_fd == d->conns.ro_fd);
			continue;
		}
		if (rc == EMFILE || rc == ENFILE || rc == ENOMEM ||
		    rc == ENOBUFS)
			pause_accept(d, rc);
		return;
	}
}
