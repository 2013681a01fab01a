// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * peer: moves bytes between a story's clients and a daemon in another process,
 * over sockets and rings. Replaces story-peer.c of the stories in one process.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <talloc.h>

#include "live.h"

#define PATIENCE_US 5000000ull
#define CTL_ROUNDS  20
#define BARRIER_ID  0x7fffff00u
#define HEADER	    16u

void peer_restart(struct run *r, struct peer *p)
{
	(void)r;
	p->out.len = p->held.len = p->in.len = 0;
	p->look = p->deaf = p->bytewise = p->any_error = false;
	p->silent = false;
	p->takes = SH_NO_LIMIT;
	list_init(&p->sent);
	if (!p->of_teller) {
		struct live_peer *lp = talloc_zero(p, struct live_peer);

		lp->link.fd = -1;
		p->of_teller = lp;
	}
	live_of(p)->skip_reply = false;
	live_of(p)->replies.len = live_of(p)->events.len = 0;
}

int live_open_socket(struct live *l, struct peer *p, bool read_only)
{
	char path[192];

	(void)snprintf(path, sizeof(path), "%s%s", l->side.sock,
		       read_only ? "_ro" : "");
	return link_open_socket(&live_of(p)->link, path);
}

int live_open_ring(struct live *l, struct peer *p)
{
	live_of(p)->dead = p->domid != 0;
	return link_open_ring(&live_of(p)->link, l->side.hv, p->domid);
}

void live_close(struct peer *p)
{
	struct live_peer *lp = live_of(p);

	if (lp->xs)
		lib_close(p);
	link_close(&lp->link);
}

/* ---- moving bytes ---- */

static bool socket_out(struct peer *p, int fd)
{
	ssize_t n = p->out.len ? send(fd, p->out.p, p->out.len,
				      MSG_NOSIGNAL | MSG_DONTWAIT)
			       : 0;

	if (n > 0)
		sh_bytes_take(&p->out, NULL, (size_t)n);
	else if (n < 0 && errno != EAGAIN)
		p->out.len = 0;
	return n > 0;
}

static void received(struct peer *p, const void *bytes, size_t n)
{
	if (p->takes != SH_NO_LIMIT)
		p->takes -= n;
	if (!p->deaf)
		sh_bytes_put(p, &p->in, bytes, n);
}

static bool socket_in(struct peer *p, int fd)
{
	uint8_t buf[4096];
	size_t room = p->takes < sizeof(buf) ? p->takes : sizeof(buf);
	ssize_t n = room ? recv(fd, buf, room, MSG_DONTWAIT) : 0;

	if (n > 0)
		received(p, buf, (size_t)n);
	return n > 0;
}

static bool ring_out(struct peer *p, struct xenstore_domain_interface *page)
{
	uint32_t prod = sim_load(&page->req_prod);
	uint32_t room = XENSTORE_RING_SIZE - (prod - sim_load(&page->req_cons));
	uint32_t n = 0;

	if (room > XENSTORE_RING_SIZE)
		return false;
	while (p->out.len && n < room) {
		sh_bytes_take(&p->out, &page->req[MASK_XENSTORE_IDX(prod + n)],
			      1);
		n++;
	}
	sim_store(&page->req_prod, prod + n);
	return n;
}

static bool ring_in(struct peer *p, struct xenstore_domain_interface *page)
{
	uint32_t cons = sim_load(&page->rsp_cons);
	uint32_t have = sim_load(&page->rsp_prod) - cons, n;

	if (have > XENSTORE_RING_SIZE)
		return false;
	for (n = 0; n < have && p->takes; n++)
		received(p, &page->rsp[MASK_XENSTORE_IDX(cons + n)], 1);
	sim_store(&page->rsp_cons, cons + n);
	return n;
}

static bool pump(struct peer *p)
{
	struct live_peer *lp = live_of(p);
	struct ring *ring = lp->link.ring;
	bool moved;

	if (!ring && lp->link.fd < 0)
		return false;
	if (!ring) {
		moved = socket_out(p, lp->link.fd);
		return socket_in(p, lp->link.fd) || moved;
	}
	if (sim_load(&ring->dom->flags) & (SIM_DOM_DYING | SIM_DOM_SHUTDOWN))
		return false;
	(void)sim_port_consume(ring->shm, ring->port_index);
	moved = ring_out(p, ring->page);
	moved |= ring_in(p, ring->page);
	if (moved && !p->silent)
		ring_notify(ring);
	return moved;
}

bool peers_pump(struct run *r)
{
	bool moved = false;
	struct peer *p;

	list_for_each (p, &r->peers, next)
		moved |= pump(p);
	return moved;
}

/* Waits for that many bytes; false on timeout. */
static bool wait_bytes(struct run *r, struct peer *p, size_t want)
{
	struct pollfd pfd = {.fd = live_of(p)->link.fd, .events = POLLIN};
	uint64_t end = time_us() + PATIENCE_US;

	while (p->in.len < want) {
		if (peers_pump(r))
			continue;
		if (time_us() > end || live_ended(to_live(r)))
			return false;
		(void)poll(&pfd, 1, 1);
	}
	return true;
}

/* Waits for a whole message; false on timeout. */
static bool wait_message(struct run *r, struct peer *p)
{
	uint32_t len;

	if (!wait_bytes(r, p, HEADER))
		return false;
	memcpy(&len, p->in.p + 12, sizeof(len));
	return len > XENSTORE_PAYLOAD_MAX || wait_bytes(r, p, HEADER + len);
}

/* For a peer of the library or tools: sorts its messages into two queues. */
static void sort_message(struct peer *p)
{
	struct live_peer *lp = live_of(p);
	uint32_t type, len;

	memcpy(&type, p->in.p, sizeof(type));
	memcpy(&len, p->in.p + 12, sizeof(len));
	sh_bytes_put(p, type == XS_WATCH_EVENT ? &lp->events : &lp->replies,
		     p->in.p, HEADER + len);
	sh_bytes_take(&p->in, NULL, HEADER + len);
}

/* Makes the first of a queue the next message. */
static void first_of(struct peer *p, struct sh_bytes *from)
{
	struct sh_bytes rest = p->in;
	uint32_t len;

	p->in = (struct sh_bytes){0};
	memcpy(&len, from->p + 12, sizeof(len));
	sh_bytes_put(p, &p->in, from->p, HEADER + len);
	sh_bytes_take(from, NULL, HEADER + len);
	sh_bytes_put(p, &p->in, rest.p, rest.len);
}

void peer_wait(struct run *r, struct peer *p, bool event)
{
	struct live *l = to_live(r);
	struct live_peer *lp = live_of(p);
	struct sh_bytes *want = event ? &lp->events : &lp->replies;
	uint64_t end = time_us() + PATIENCE_US;

	if (!live_by_other_means(l, p)) {
		(void)wait_message(r, p);
		return;
	}
	while (!want->len && time_us() < end) {
		if (lp->xs)
			lib_events(l, p);
		else if (wait_message(r, p))
			sort_message(p);
	}
	if (want->len)
		first_of(p, want);
}

int peer_send(struct run *r, struct peer *p, const void *bytes, size_t n)
{
	sh_bytes_put(p, &p->out, bytes, n);
	(void)peers_pump(r);
	return 0;
}

int run_settle(struct run *r)
{
	(void)peers_pump(r);
	return 0;
}

int run_step(struct run *r)
{
	return run_settle(r);
}

/* ---- is there anything more? ---- */

/* Waits longer than the link, which gives up after a fraction of a second. */
static bool read_all(int fd, void *to, size_t n)
{
	uint64_t end = time_us() + PATIENCE_US;
	uint8_t *p = to;
	ssize_t got;

	while (n) {
		got = recv(fd, p, n, 0);
		if (got > 0) {
			p += got;
			n -= (size_t)got;
		} else if (!got || errno != EAGAIN || time_us() > end) {
			return false;
		}
	}
	return true;
}

bool live_control(struct live *l, uint32_t type, const void *body, size_t len)
{
	struct xsd_sockmsg hdr = {
		.type = type, .req_id = ++l->ctl_id, .len = (uint32_t)len};
	char answer[XENSTORE_PAYLOAD_MAX];

	if (send(l->ctl.fd, &hdr, sizeof(hdr), MSG_NOSIGNAL) < 0 ||
	    send(l->ctl.fd, body, len, MSG_NOSIGNAL) < 0 ||
	    !read_all(l->ctl.fd, &hdr, sizeof(hdr)) ||
	    hdr.len > sizeof(answer) || !read_all(l->ctl.fd, answer, hdr.len)) {
		snprintf(l->ctl_said, sizeof(l->ctl_said), "%s",
			 strerror(errno));
		return false;
	}
	snprintf(l->ctl_said, sizeof(l->ctl_said), "%.*s", (int)hdr.len,
		 answer);
	return hdr.type == type;
}

int live_settle(struct live *l)
{
	int i;

	if (l->run.hold)
		return 0;
	for (i = 0; i < CTL_ROUNDS; i++) {
		(void)peers_pump(&l->run);
		if (!live_control(l, XS_READ, "/", 2))
			return run_fail(&l->run, "the daemon has ended: %s",
					live_ended(l) ?: "no answer");
	}
	(void)peers_pump(&l->run);
	return 0;
}

bool live_closed(struct live *l, struct peer *p)
{
	uint64_t end = time_us() + PATIENCE_US;
	char byte;

	while (time_us() < end) {
		if (live_settle(l))
			return false;
		if (!recv(live_of(p)->link.fd, &byte, 1,
			  MSG_PEEK | MSG_DONTWAIT) ||
		    errno == ECONNRESET)
			return true;
	}
	return false;
}

/* No reply can come on it now. */
static bool asleep(const struct live_peer *lp)
{
	const struct ring *ring = lp->link.ring;

	if (!ring)
		return lp->dead || lp->link.fd < 0;
	return lp->dead || sim_load(&ring->page->error) ||
	       sim_load(&ring->page->connection) != XENSTORE_CONNECTED ||
	       (sim_load(&ring->dom->flags) &
		(SIM_DOM_DYING | SIM_DOM_SHUTDOWN));
}

/*
 * Sends a request that the story does not know of, and receives all before its
 * reply.
 */
static int barrier(struct run *r, struct peer *p)
{
	struct xsd_sockmsg hdr = {
		.type = XS_READ, .req_id = BARRIER_ID, .len = 2};
	struct xsd_sockmsg got;
	char *body;

	(void)peer_send(r, p, &hdr, sizeof(hdr));
	(void)peer_send(r, p, "/", 2);
	if (!wait_message(r, p) || !peer_take(r, p, (uint32_t *)&got, &body))
		return run_fail(r, "peer %s gets no more replies", p->name);
	if (got.req_id == BARRIER_ID && got.type != XS_WATCH_EVENT)
		return 0;
	return run_fail(
		r,
		"peer %s received a message that the story does not expect: %s",
		p->name, peer_message_text(r, (uint32_t *)&got, body));
}

int peer_silent(struct run *r, struct peer *p)
{
	struct live *l = to_live(r);
	struct live_peer *lp = live_of(p);

	if (r->hold || p->deaf)
		return 0;
	if (live_by_other_means(l, p) && lp->xs) {
		lib_events(l, p);
	} else if (asleep(lp) || !list_empty(&p->sent) || p->held.len ||
		   p->takes != SH_NO_LIMIT) {
		if (live_settle(l))
			return 1;
	} else if (!p->in.len && !live_by_other_means(l, p)) {
		return barrier(r, p);
	} else if (live_settle(l)) {
		return 1;
	}
	while (live_by_other_means(l, p) && p->in.len)
		sort_message(p);
	if (p->takes != SH_NO_LIMIT || (!p->in.len && !lp->events.len))
		return 0;
	return run_fail(
		r,
		"peer %s received a message that the story does not expect: %s",
		p->name,
		run_bytes(r, p->in.len ? p->in.p : lp->events.p,
			  p->in.len ? p->in.len : lp->events.len));
}
