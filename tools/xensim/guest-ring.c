/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest kernel's end of a xenstore ring: whole messages in and out, events in
 * both directions, reconnection.  Knows the page's layout from the public
 * header, and not what messages mean.  Used by the guest's load and by the
 * hostile guests of xenstore-tests/bench.
 */
#include "guest-ring.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * Connect and become the kernel of @ring->domid; sets what depends on the host.
 */
static int ring_open(struct ring *ring)
{
	struct sim_req req = {.op = SIM_OP_ATTACH, .a = ring->domid};
	struct sim_rep rep;
	int fd, err;

	err = sim_connect(ring->dir, &ring->sock);
	if (err)
		return err;
	err = sim_map_shm(ring->sock, &ring->shm);
	if (!err)
		err = sim_call(ring->sock, &req, &rep, &fd);
	if (err)
		return err;
	ring->page = mmap(NULL, SIM_PAGE_SIZE, PROT_READ | PROT_WRITE,
			  MAP_SHARED, fd, 0);
	err = ring->page == MAP_FAILED ? errno : 0;
	close(fd);
	ring->dom = &ring->shm->doms[ring->domid];
	ring->port_index = sim_port_index(ring->domid, rep.a);
	ring->far_fd = -1;
	ring->far_id = 0;
	return err;
}

static void ring_close(struct ring *ring)
{
	if (ring->far_fd >= 0)
		close(ring->far_fd);
	if (ring->page && ring->page != MAP_FAILED)
		munmap(ring->page, SIM_PAGE_SIZE);
	if (ring->shm)
		munmap(ring->shm, sizeof(*ring->shm));
	if (ring->sock >= 0)
		close(ring->sock);
}

/* Become the kernel of @domid.  0 or errno: ESRCH, EBUSY (it has one), ... */
int ring_attach(struct ring *ring, const char *dir, uint32_t domid)
{
	ring->domid = domid;
	if ((size_t)snprintf(ring->dir, sizeof(ring->dir), "%s", dir) >=
	    sizeof(ring->dir))
		return ENAMETOOLONG;
	return ring_open(ring);
}

/*
 * The domain moved while it was paused: continue on the other host, where the
 * page has the same content.  Returns 0, or an errno with nothing changed.
 * @ring->dom changes, so the caller must read it again.
 */
int ring_follow(struct ring *ring)
{
	static struct ring old;
	char link[PATH_MAX + 32];
	ssize_t len;
	int err;

	(void)snprintf(link, sizeof(link), "%s/" SIM_MOVED_LINK, ring->dir,
		       ring->domid);
	old = *ring;
	len = readlink(link, ring->dir, sizeof(ring->dir) - 1);
	err = len < 0 ? errno : 0;
	if (!err) {
		ring->dir[len] = '\0';
		ring->sock = -1;
		ring->shm = NULL;
		ring->page = NULL;
		ring->far_fd = -1;
		err = ring_open(ring);
		if (err)
			ring_close(ring);
	}
	if (err)
		*ring = old;
	else
		ring_close(&old);
	return err;
}

/* Send an event to the daemon; it is lost if the daemon is not bound. */
void ring_notify(struct ring *ring)
{
	struct sim_req req = {.op = SIM_OP_WRITER};
	struct sim_port *port = sim_port_at(ring->shm, ring->port_index);
	uint32_t peer, id;
	struct sim_rep rep;

	if ((sim_load(&port->state) & SIM_KIND_MASK) != SIM_KIND_INTERDOMAIN)
		return;
	peer = sim_load(&port->peer);
	if (!sim_port_raise(ring->shm, peer))
		return;
	id = sim_load(&sim_port_at(ring->shm, peer)->handle);
	if (id != ring->far_id) {
		if (ring->far_fd >= 0)
			close(ring->far_fd);
		ring->far_fd = -1;
		ring->far_id = 0;
		req.a = id;
		if (sim_call(ring->sock, &req, &rep, &ring->far_fd))
			return; /* closed just now: the same as unbound */
		ring->far_id = id;
	}
	(void)sim_pipe_put(ring->far_fd, sim_index_port(peer));
}

/* Queue a message; ring_flush() writes it to the ring.  0 or ENOBUFS. */
int ring_put(struct ring *ring, uint32_t type, uint32_t req_id, uint32_t tx,
	     const void *body, uint32_t len)
{
	struct xsd_sockmsg hdr = {
		.type = type, .req_id = req_id, .tx_id = tx, .len = len};
	uint32_t used = ring->out_tail - ring->out_head;

	if (ring->out_head) {
		memmove(ring->out, ring->out + ring->out_head, used);
		ring->out_head = 0;
		ring->out_tail = used;
	}
	if (GUEST_OUT_SIZE - used < sizeof(hdr) + len)
		return ENOBUFS;
	memcpy(ring->out + used, &hdr, sizeof(hdr));
	if (len)
		memcpy(ring->out + used + sizeof(hdr), body, len);
	ring->out_tail += (uint32_t)sizeof(hdr) + len;
	return 0;
}

/*
 * Move queued bytes to the ring as far as there is room.  An event is needed
 * only if the daemon had consumed everything before; otherwise it still reads
 * and will find these bytes, too.  Returns true if bytes moved.
 */
bool ring_flush(struct ring *ring)
{
	struct xenstore_domain_interface *page = ring->page;
	uint32_t prod = sim_load(&page->req_prod), old = prod;

	while (ring->out_head != ring->out_tail) {
		uint32_t room =
			XENSTORE_RING_SIZE - (prod - sim_load(&page->req_cons));
		uint32_t at = MASK_XENSTORE_IDX(prod);
		uint32_t n = ring->out_tail - ring->out_head;

		if (!room || room > XENSTORE_RING_SIZE)
			break;
		if (n > room)
			n = room;
		if (n > XENSTORE_RING_SIZE - at)
			n = XENSTORE_RING_SIZE - at;
		memcpy(page->req + at, ring->out + ring->out_head, n);
		ring->out_head += n;
		prod += n;
	}
	if (prod == old)
		return false;
	sim_store(&page->req_prod, prod);
	if ((int32_t)(sim_load(&page->req_cons) - old) >= 0)
		ring_notify(ring);
	return true;
}

/* Take up to @want bytes from the ring into @to. */
static uint32_t ring_take(struct ring *ring, char *to, uint32_t want)
{
	struct xenstore_domain_interface *page = ring->page;
	uint32_t cons = sim_load(&page->rsp_cons), done = 0;
	bool was_full = false;

	while (done < want) {
		uint32_t avail = sim_load(&page->rsp_prod) - cons;
		uint32_t at = MASK_XENSTORE_IDX(cons);
		uint32_t n = want - done;

		if (!avail || avail > XENSTORE_RING_SIZE)
			break;
		was_full |= avail == XENSTORE_RING_SIZE;
		if (n > avail)
			n = avail;
		if (n > XENSTORE_RING_SIZE - at)
			n = XENSTORE_RING_SIZE - at;
		memcpy(to + done, page->rsp + at, n);
		done += n;
		cons += n;
		sim_store(&page->rsp_cons, cons);
	}
	/* the ring may have filled up while we read */
	if (done && (was_full || sim_load(&page->rsp_prod) - (cons - done) >=
					 XENSTORE_RING_SIZE))
		ring_notify(ring);
	return done;
}

/*
 * Get the next whole message, valid until the next call.  0, EAGAIN (none yet),
 * EPROTO (impossible indices or length) or EIO (the daemon set `error`).
 */
int ring_get(struct ring *ring, const struct msg **ret_msg)
{
	const uint32_t hdr_len = (uint32_t)sizeof(ring->in.hdr);
	struct msg *in = &ring->in;

	(void)sim_port_consume(ring->shm, ring->port_index);
	if (sim_load(&ring->page->rsp_prod) - sim_load(&ring->page->rsp_cons) >
	    XENSTORE_RING_SIZE)
		return EPROTO;
	if (ring->in_len < hdr_len) {
		ring->in_len += ring_take(ring, (char *)&in->hdr + ring->in_len,
					  hdr_len - ring->in_len);
		if (ring->in_len < hdr_len)
			return sim_load(&ring->page->error) ? EIO : EAGAIN;
	}
	if (in->hdr.len > XENSTORE_PAYLOAD_MAX)
		return EPROTO;
	ring->in_len += ring_take(ring, in->body + (ring->in_len - hdr_len),
				  hdr_len + in->hdr.len - ring->in_len);
	if (ring->in_len < hdr_len + in->hdr.len)
		return EAGAIN;
	in->body[in->hdr.len] = '\0';
	ring->in_len = 0;
	*ret_msg = in;
	return 0;
}

/*
 * Sleep until the domain's event word is no longer @seen, or for @timeout_us.
 */
void ring_wait(struct ring *ring, uint32_t seen, int64_t timeout_us)
{
	sim_dom_wait(ring->dom, seen, timeout_us);
}

/* Whether the ring may be used: not during a reconnection. */
bool ring_usable(const struct ring *ring)
{
	return sim_load(&ring->page->connection) == XENSTORE_CONNECTED;
}

/*
 * Ask the daemon to reset the ring.  No request may be outstanding; do not
 * touch the ring until ring_usable().
 */
void ring_reconnect(struct ring *ring)
{
	ring->in_len = 0;
	ring->out_head = 0;
	ring->out_tail = 0;
	sim_store(&ring->page->connection, XENSTORE_RECONNECT);
	ring_notify(ring);
}
