/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link: sends and receives whole messages over a socket or a guest's ring. Used
 * by exec.c and walk.c.
 */
#include "side.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_MS 200

int link_open_socket(struct link *l, const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};

	struct timeval patience = {.tv_usec = PATIENCE_MS * 1000};

	l->ring = NULL;
	l->from = 0;
	l->have = 0;
	(void)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->fd < 0 ||
	    setsockopt(l->fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
		       sizeof(patience)) ||
	    connect(l->fd, (const struct sockaddr *)&addr, sizeof(addr)))
		return errno;
	return 0;
}

int link_open_ring(struct link *l, const char *dir, uint32_t domid)
{
	l->fd = -1;
	l->ring = calloc(1, sizeof(*l->ring));
	return l->ring ? ring_attach(l->ring, dir, domid) : ENOMEM;
}

void link_close(struct link *l)
{
	if (l->ring) {
		if (l->ring->page && l->ring->page != MAP_FAILED)
			munmap(l->ring->page, SIM_PAGE_SIZE);
		if (l->ring->shm)
			munmap(l->ring->shm, sizeof(*l->ring->shm));
		if (l->ring->far_fd >= 0)
			close(l->ring->far_fd);
		close(l->ring->sock);
		free(l->ring);
	} else if (l->fd >= 0) {
		close(l->fd);
	}
	l->ring = NULL;
	l->fd = -1;
}

void link_restart(struct link *l)
{
	l->ring->in_len = 0;
	l->ring->out_head = 0;
	l->ring->out_tail = 0;
}

static int socket_send(int fd, const void *data, size_t len)
{
	const uint8_t *p = data;
	ssize_t n;

	while (len) {
		n = send(fd, p, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int link_send(struct link *l, uint32_t type, uint32_t req_id, uint32_t tx_id,
	      const void *body, uint32_t len)
{
	uint8_t buf[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX];
	struct xsd_sockmsg hdr = {
		.type = type, .req_id = req_id, .tx_id = tx_id, .len = len};
	int err;

	if (l->ring) {
		err = ring_put(l->ring, type, req_id, tx_id, body, len);
		if (!err)
			(void)ring_flush(l->ring);
		return err;
	}
	memcpy(buf, &hdr, sizeof(hdr));
	if (len)
		memcpy(buf + sizeof(hdr), body, len);
	return socket_send(l->fd, buf, sizeof(hdr) + len);
}

/*
 * Reads until @want bytes of the message have arrived; takes everything
 * available, since most of the time is spent in system calls.
 */
static int socket_recv(struct link *l, uint32_t want)
{
	ssize_t n;

	if (l->from + want > sizeof(l->in)) {
		memmove(l->in, l->in + l->from, l->have - l->from);
		l->have -= l->from;
		l->from = 0;
	}
	while (l->have - l->from < want) {
		n = recv(l->fd, l->in + l->have, sizeof(l->in) - l->have, 0);
		if (n > 0)
			l->have += (uint32_t)n;
		else if (!n)
			return ECONNRESET;
		else if (errno == EAGAIN)
			return ETIMEDOUT;
		else if (errno != EINTR)
			return errno;
	}
	return 0;
}

static int ring_recv(struct ring *ring, struct message *m)
{
	uint64_t end = 0, now;
	const struct msg *msg;
	uint32_t seen;
	int err;

	for (;;) {
		seen = sim_load(&ring->dom->event);
		err = ring_get(ring, &msg);
		if (err != EAGAIN)
			break;
		/* after taking the event: data from now on causes a new one */
		(void)ring_flush(ring);
		now = time_us();
		if (!end)
			end = now + PATIENCE_MS * 1000u;
		if (now >= end)
			return ETIMEDOUT;
		ring_wait(ring, seen, (int64_t)(end - now));
	}
	if (err)
		return err;
	m->type = msg->hdr.type;
	m->req_id = msg->hdr.req_id;
	m->tx_id = msg->hdr.tx_id;
	m->len = msg->hdr.len;
	memcpy(m->body, msg->body, m->len + 1u);
	return 0;
}

int link_recv(struct link *l, struct message *m)
{
	struct xsd_sockmsg hdr;
	int err;

	if (l->ring)
		return ring_recv(l->ring, m);
	err = socket_recv(l, sizeof(hdr));
	if (err)
		return err;
	memcpy(&hdr, l->in + l->from, sizeof(hdr));
	if (hdr.len > XENSTORE_PAYLOAD_MAX)
		return EPROTO;
	err = socket_recv(l, (uint32_t)sizeof(hdr) + hdr.len);
	if (err)
		return err;
	m->type = hdr.type;
	m->req_id = hdr.req_id;
	m->tx_id = hdr.tx_id;
	m->len = hdr.len;
	memcpy(m->body, l->in + l->from + sizeof(hdr), m->len);
	m->body[m->len] = 0;
	l->from += (uint32_t)sizeof(hdr) + hdr.len;
	if (l->from == l->have)
		l->from = l->have = 0;
	return 0;
}
