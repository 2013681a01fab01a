/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest kernel's end of a xenstore ring; see guest-ring.c.  Used by
 * xensim-guest and by the hostile guests of xenstore-tests/bench.
 */
#ifndef XENSIM_GUEST_RING_H
#define XENSIM_GUEST_RING_H

#include "sim.h"

#include <limits.h>

#include <xen/io/xs_wire.h>

#define GUEST_OUT_SIZE (128u * 1024u)

struct msg { /* one message from the daemon */
	struct xsd_sockmsg hdr;
	char body[XENSTORE_PAYLOAD_MAX + 1]; /* NUL added */
};

struct ring {
	char dir[PATH_MAX]; /* of the hypervisor */
	int sock;
	struct sim_shm *shm;
	struct sim_dom *dom;
	struct xenstore_domain_interface *page;
	uint32_t domid;
	uint32_t port_index;
	uint32_t far_id; /* the daemon's present handle, and its pipe */
	int far_fd;
	struct msg in;
	uint32_t in_len;
	uint32_t out_head, out_tail;
	char out[GUEST_OUT_SIZE];
};

int ring_attach(struct ring *ring, const char *dir, uint32_t domid);
int ring_follow(struct ring *ring);
int ring_put(struct ring *ring, uint32_t type, uint32_t req_id, uint32_t tx,
	     const void *body, uint32_t len);
bool ring_flush(struct ring *ring);
int ring_get(struct ring *ring, const struct msg **ret_msg);
void ring_wait(struct ring *ring, uint32_t seen, int64_t timeout_us);
void ring_notify(struct ring *ring);
bool ring_usable(const struct ring *ring);
void ring_reconnect(struct ring *ring);

#endif
