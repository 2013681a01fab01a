/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ring: see ring.h.  Called by conn.c, conn-ring.c, look.c, lost.c, out.c,
 * domain/, state/ and stock/.
 */
#include "transport/ring.h"

#include <errno.h>
#include <string.h>

_Static_assert(offsetof(struct ring, req_cons) == 2048, "ring page");
_Static_assert(offsetof(struct ring, rsp_cons) == 2056, "ring page");
_Static_assert(offsetof(struct ring, server_features) == 2064, "ring page");
_Static_assert(offsetof(struct ring, error) == 2072, "ring page");
_Static_assert(offsetof(struct ring, evtchn_port) == 2076, "ring page");

#define MASK(i) ((i) & (RING_SIZE - 1))

static uint32_t load(const uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

/*
 * With a full barrier behind it: the guest sends no event for bytes (or room)
 * that the daemon is about to find anyway.  So the daemon must move its index
 * first and look at the guest's again after that.
 */
static void store(uint32_t *p, uint32_t v)
{
	__atomic_store_n(p, v, __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* n bytes of requests from index cons on. */
static void copy_req(const struct ring *r, uint32_t cons, void *buf, uint32_t n)
{
	uint32_t first = RING_SIZE - MASK(cons);

	if (first > n)
		first = n;
	memcpy(buf, r->req + MASK(cons), first);
	memcpy((uint8_t *)buf + first, r->req, n - first);
}

bool ring_peek(const struct ring *r, void *buf, size_t size)
{
	uint32_t cons = load(&r->req_cons), n = load(&r->req_prod) - cons;

	if (n > RING_SIZE || n < size)
		return false;
	copy_req(r, cons, buf, (uint32_t)size);
	return true;
}

int ring_read(struct ring *r, void *buf, size_t size, size_t *ret_n)
{
	uint32_t cons = load(&r->req_cons), prod = load(&r->req_prod);
	uint32_t n = prod - cons;

	*ret_n = 0;
	if (n > RING_SIZE)
		return EIO;
	if (n > size)
		n = (uint32_t)size;
	if (!n)
		return 0;
	copy_req(r, cons, buf, n);
	store(&r->req_cons, cons + n);
	*ret_n = n;
	return 0;
}

int ring_write(struct ring *r, const void *data, size_t len, size_t *ret_n)
{
	uint32_t cons = load(&r->rsp_cons), prod = load(&r->rsp_prod);
	uint32_t used = prod - cons, n, first;

	*ret_n = 0;
	if (used > RING_SIZE)
		return EIO;
	n = RING_SIZE - used;
	if (n > len)
		n = (uint32_t)len;
	if (!n)
		return 0;
	first = RING_SIZE - MASK(prod);
	if (first > n)
		first = n;
	memcpy(r->rsp + MASK(prod), data, first);
	memcpy(r->rsp, (const uint8_t *)data + first, n - first);
	store(&r->rsp_prod, prod + n);
	*ret_n = n;
	return 0;
}

bool ring_sane(const struct ring *r)
{
	return load(&r->req_prod) - load(&r->req_cons) <= RING_SIZE &&
	       load(&r->rsp_prod) - load(&r->rsp_cons) <= RING_SIZE;
}

bool ring_has_request(const struct ring *r)
{
	return load(&r->req_prod) != load(&r->req_cons);
}

uint32_t ring_room(const struct ring *r)
{
	uint32_t used = load(&r->rsp_prod) - load(&r->rsp_cons);

	return used > RING_SIZE ? 0 : RING_SIZE - used;
}

void ring_reset(struct ring *r)
{
	store(&r->req_cons, 0);
	store(&r->req_prod, 0);
	store(&r->rsp_cons, 0);
	store(&r->rsp_prod, 0);
	store(&r->error, RING_ERROR_NONE);
	store(&r->connection, RING_CONNECTED);
}

void ring_offer(struct ring *r, uint32_t features)
{
	store(&r->server_features, features);
}

void ring_begin(struct ring *r, uint32_t features)
{
	ring_offer(r, features);
	store(&r->error, RING_ERROR_NONE);
	store(&r->connection, RING_CONNECTED);
}

void ring_indexes(const struct ring *r, uint32_t *ret_req_cons,
		  uint32_t *ret_rsp_prod)
{
	*ret_req_cons = load(&r->req_cons);
	*ret_rsp_prod = load(&r->rsp_prod);
}

uint32_t ring_features(const struct ring *r)
{
	return load(&r->server_features);
}

uint32_t ring_port(const struct ring *r)
{
	return load(&r->evtchn_port);
}

bool ring_wants_reconnect(const struct ring *r)
{
	return load(&r->connection) == RING_RECONNECT;
}

void ring_set_error(struct ring *r, uint32_t error)
{
	store(&r->error, error);
}
