/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conn: the life of a connection and its input; see conn.h.  Output is in
 * out.c.  Knows no request; called by loop/, ops/, domain/ and above.
 */
#include "transport/conn.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "store/observer.h"
#include "transport/conn-ring.h"
#include "transport/conn-trace.h"
#include "transport/look.h"
#include "transport/lost.h"
#include "transport/socket.h"

struct conn *conn_find(const struct daemon *d, uint32_t id)
{
	struct hlink *l = htab_find_number(d->conns.ids, id);

	return l ? container_of(l, struct conn, by_id) : NULL;
}

struct conn *conn_new(struct daemon *d, enum conn_kind kind,
		      const struct cred *cred, uint32_t id)
{
	struct conn *c;

	if (id && conn_find(d, id))
		return NULL;
	if (!id) {
		id = d->conns.next_id;
		while (!id || conn_find(d, id))
			id++;
		d->conns.next_id = id + 1;
	}
	c = talloc_zero(d, struct conn);
	if (!c || client_init(&c->client, d->store, id, cred)) {
		talloc_free(c);
		return NULL;
	}
	c->d = d;
	c->kind = kind;
	c->fd = -1;
	list_init(&c->out);
	list_init(&c->ready);
	flow_init(&c->own);
	c->flow = &c->own;
	list_init(&c->unread);
	list_init(&c->look);
	list_init(&c->slow_look);
	c->look_level = LOOK_NEVER;
	list_init(&c->waiting);
	htab_insert_number(d->conns.ids, &c->by_id, id);
	list_add_tail(&d->conns.all, &c->all);
	d->conns.n++;
	if (kind == CONN_RING)
		look_begin(c);
	return c;
}

void conn_read_only(struct conn *c)
{
	client_read_only(&c->client, c->d->store);
	c->d->conns.nreaders++;
	c->flow = &c->d->conns.turns->read_only;
}

void conn_ready(struct conn *c, uint32_t what)
{
	c->ready_what |= what;
	if (c->life != CONN_CLOSED)
		turn_ask(c);
}

void conn_drop_queues(struct conn *c)
{
	talloc_free(c->in);
	c->in = NULL;
	c->in_len = 0;
	conn_unqueue_all(c);
	list_del(&c->unread);
	c->more = false;
}

void conn_blank(struct conn *c)
{
	conn_drop_queues(c);
	turn_drop(c);
	flow_init(&c->own);
	c->ready_what = 0;
	c->life = CONN_OPEN;
	c->frozen = c->dropping = c->notify = false;
	c->odd_since_ms = 0;
	c->lost = c->lost_logged = 0;
	list_del(&c->waiting);
	c->busy_until_ms = c->wait_until_ms = 0;
	list_del(&c->look);
	c->look_level = LOOK_NEVER;
}

void conn_reset(struct conn *c)
{
	conn_drop_queues(c);
	client_reset(&c->client, c->d->store);
	c->life = CONN_OPEN;
	c->dropping = false;
	c->odd_since_ms = 0;
	c->notify = false; /* callers notify themselves */
}

void conn_close(struct conn *c)
{
	struct daemon *d = c->d;

	if (c->life == CONN_CLOSED)
		return;
	conn_reset(c);
	observe(d->store, client_goes, &c->client);
	conn_trace_object(c, "DESTROY connection", NULL, NULL);
	if (c->fd >= 0) {
		host_call(d->host, poll_del, c->fd);
		host_call(d->host, close, c->fd);
		c->fd = -1;
	}
	htab_remove(d->conns.ids, &c->by_id);
	conn_set_port(c, 0);
	look_end(c);
	list_del(&c->waiting);
	list_del(&c->all);
	d->conns.n--;
	d->conns.nreaders -= c->client.read_only;
	c->life = CONN_CLOSED;
	turn_drop(c);
	list_add_tail(&d->conns.reap, &c->ready);
}

void conn_reap(struct daemon *d)
{
	struct conn *c;

	if ((d->conns.accept_paused || d->conns.readers_paused) &&
	    !list_empty(&d->conns.reap))
		socket_listen(d, true);
	while ((c = list_first(&d->conns.reap, struct conn, ready))) {
		list_del(&c->ready);
		client_fini(&c->client, d->store);
		talloc_free(c);
	}
}

/* A connection that is given up stays so. */
static void set_waits(struct conn *c, enum conn_life how)
{
	if (c->life < CONN_GIVEN_UP)
		c->life = how;
}

void conn_hold(struct conn *c)
{
	set_waits(c, CONN_HELD);
}

void conn_go_on(struct conn *c)
{
	set_waits(c, CONN_OPEN);
}

/* The peer sent what cannot be parsed, or there is no memory to keep it. */
static void conn_broken(struct conn *c, uint32_t ring_error)
{
	if (c->kind == CONN_RING)
		conn_ring_error(c, ring_error);
	else
		conn_close(c);
}

/* ---- input ---- */

/* Whether no more requests are taken for now. */
static bool conn_stalled(const struct conn *c)
{
	uint32_t limit;

	if (c->life == CONN_HELD || c->life == CONN_TX_WAITS || c->frozen ||
	    c->d->stop)
		return true;
	if (c->d->conns.settling)
		return false;
	if (c->out_bytes > CONN_UNREAD || !list_empty(&c->waiting))
		return true;
	if (c->client.cred.privileged)
		return false;
	limit = account_limit(&c->d->store->limits, c->client.account,
			      QUOTA_OUTSTANDING, false);
	return limit && c->replies >= limit;
}

void conn_limits_changed(struct daemon *d)
{
	struct conn *c;

	list_for_each (c, &d->conns.all, all)
		if (c->more && !conn_stalled(c))
			conn_ready(c, CONN_READY_IN);
}

/* Nothing new is read; have: bytes of a message that has begun. */
static bool must_drain(const struct conn *c, size_t have)
{
	return c->d->conns.draining && !have;
}

/*
 * Before oxenstored, which takes over no request that was read: a START is left
 * unread.  True if one comes next.
 */
static bool start_comes(const struct conn *c, size_t have)
{
	uint8_t bytes[WIRE_HEADER_SIZE];
	struct wire_header hdr;
	size_t n = 0;

	if (!c->d->conns.tx_unread || have || c->client.ntxs)
		return false;
	if (c->kind == CONN_RING) {
		if (!ring_peek(c->ring, bytes, sizeof(bytes)))
			return false;
	} else if (host_call(c->d->host, peek, c->fd, bytes, sizeof(bytes),
			     &n) ||
		   n < sizeof(bytes)) {
		return false;
	}
	wire_get_header(bytes, &hdr);
	return hdr.type == WIRE_TRANSACTION_START;
}

static int conn_pull(struct conn *c, void *buf, size_t size, size_t *ret_n)
{
	int rc;

	if (c->kind == CONN_SOCKET) {
		rc = host_call(c->d->host, read, c->fd, buf, size, ret_n);
		return rc ? rc : *ret_n ? 0 : EPIPE;
	}
	if (ring_read(c->ring, buf, size, ret_n)) {
		conn_check_indexes(c);
		return EAGAIN;
	}
	if (!*ret_n)
		return EAGAIN;
	c->req_cons += (uint32_t)*ret_n;
	c->notify = true;
	return 0;
}

/*
 * Before a stock successor, which would force a new transaction to end, its
 * START waits; but not if other requests were read behind it, since they would
 * have to wait, too.
 */
static bool must_wait(const struct conn *c, const struct wire_header *hdr,
		      size_t left)
{
	return c->d->conns.no_new_tx && !c->d->conns.tx_unread &&
	       hdr->type == WIRE_TRANSACTION_START && !c->client.ntxs &&
	       left == WIRE_HEADER_SIZE + hdr->len;
}

/* Requests are served until this much work is done; one always. */
struct slice {
	uint64_t until;
	bool any;
};

/*
 * Passes the whole messages in the len bytes at buf to ops/.  Returns how many
 * bytes they took.
 */
static size_t conn_messages(struct conn *c, const uint8_t *buf, size_t len,
			    struct slice *slice)
{
	struct wire_header hdr;
	size_t pos = 0;

	while (len - pos >= WIRE_HEADER_SIZE && conn_serves(c)) {
		if ((slice->any && c->d->store->work >= slice->until) ||
		    conn_stalled(c)) {
			c->more = true;
			break;
		}
		wire_get_header(buf + pos, &hdr);
		if (hdr.len > WIRE_PAYLOAD_MAX) {
			conn_broken(c, RING_ERROR_PROTO);
			break;
		}
		if (len - pos < WIRE_HEADER_SIZE + hdr.len)
			break;
		if (must_wait(c, &hdr, len - pos)) {
			set_waits(c, CONN_TX_WAITS);
			c->more = true;
			break;
		}
		c->req = hdr;
		slice->any = true;
		c->d->store->work += WORK_MESSAGE;
		c->d->request(c->d, c, &hdr, buf + pos + WIRE_HEADER_SIZE);
		pos += WIRE_HEADER_SIZE + hdr.len;
	}
	return pos;
}

static void conn_keep(struct conn *c, const uint8_t *buf, size_t len)
{
	if (!len)
		return;
	c->in = talloc_memdup(c, buf, len);
	if (!c->in) {
		conn_broken(c, RING_ERROR_COMM);
		return;
	}
	c->in_len = len;
}

/* How much to read; before a stock daemon, only the rest of a message. */
static size_t conn_room(const struct conn *c, const uint8_t *buf, size_t have)
{
	struct wire_header hdr;

	if (!c->d->conns.no_new_tx && !c->d->conns.draining)
		return CONN_READ - have;
	if (have < WIRE_HEADER_SIZE)
		return WIRE_HEADER_SIZE - have;
	wire_get_header(buf, &hdr);
	return WIRE_HEADER_SIZE + hdr.len - have;
}

void conn_settle(struct conn *c)
{
	uint8_t *in = c->in;
	struct slice all = {.until = UINT64_MAX};
	size_t len = c->in_len, used;

	if (!len || c->life != CONN_OPEN)
		return;
	c->in = NULL;
	c->in_len = 0;
	c->d->conns.settling = true;
	used = conn_messages(c, in, len, &all);
	c->d->conns.settling = false;
	if (conn_serves(c))
		conn_keep(c, in + used, len - used);
	talloc_free(in);
}

static void conn_input(struct conn *c, uint64_t until)
{
	uint8_t *buf = c->d->conns.scratch;
	struct slice slice = {.until = until};
	size_t have = c->in_len, used, room, n;
	bool drained = false;
	int rc = 0;

	if (have)
		memcpy(buf, c->in, have);
	talloc_free(c->in);
	c->in = NULL;
	c->in_len = 0;
	c->more = false;
	for (;;) {
		used = conn_messages(c, buf, have, &slice);
		if (!conn_serves(c))
			return;
		have -= used;
		if (used && have)
			memmove(buf, buf + used, have);
		if (conn_stalled(c) || must_drain(c, have))
			c->more = true; /* no event comes for it */
		if (drained || c->more)
			break;
		if (start_comes(c, have)) {
			set_waits(c, CONN_TX_WAITS);
			c->more = true;
			break;
		}
		room = conn_room(c, buf, have);
		rc = conn_pull(c, buf + have, room, &n);
		if (rc)
			break;
		/* a socket that gave less has no more; an event says when */
		drained = c->kind == CONN_SOCKET && n < room;
		have += n;
		conn_moved(c, n);
	}
	conn_keep(c, buf, have);
	if (!rc || rc == EAGAIN)
		return;
	(void)conn_flush(c);
	conn_close(c);
}

void conn_poll(struct conn *c)
{
	uint32_t what = 0;

	if (c->life == CONN_CLOSED || c->kind != CONN_SOCKET)
		return;
	if (!conn_stalled(c) && !must_drain(c, c->in_len))
		what |= HOST_IN;
	if (!list_empty(&c->out))
		what |= HOST_OUT;
	if (what == c->polled)
		return;
	if (host_call(c->d->host, poll_set, c->fd, what,
		      CONN_TAG(c->client.id))) {
		conn_close(c);
		return;
	}
	c->polled = what;
}

/* A ring before its turn: maps the page, reconnects, checks the indexes. */
static void look_at_page(struct conn *c)
{
	if (!conn_ring(c))
		return;
	conn_reconnect(c);
	if (c->life != CONN_IGNORED)
		conn_check_indexes(c);
}

/* Whether bytes can be moved, in both directions. */
static bool is_usable(const struct conn *c)
{
	return conn_serves(c) &&
	       (c->kind == CONN_SOCKET || (c->ring && !c->odd_since_ms));
}

void conn_run(struct conn *c, uint64_t until)
{
	uint32_t what = c->ready_what;
	bool more_out = false;

	c->ready_what = 0;
	if (what & CONN_READY_GONE) {
		conn_close(c);
		return;
	}
	if (c->frozen) {
		c->more = true; /* its event will not come again */
		return;
	}
	if (c->kind == CONN_RING && c->life != CONN_CLOSED)
		look_at_page(c);
	if (!is_usable(c))
		return;
	conn_fire_lost(c);
	more_out = conn_flush(c);
	if (what & CONN_READY_IN)
		c->more = true; /* also if it is stalled now */
	if (conn_serves(c) && c->more && !conn_stalled(c))
		conn_input(c, until);
	if (conn_serves(c) && conn_flush(c))
		more_out = true;
	if (!conn_serves(c))
		return;
	if (c->notify) {
		conn_notify(c);
		look_touched(c);
	}
	c->notify = false;
	/* its replies are sent, or an event says when there is room */
	turn_drop(c);
	c->ready_what = 0;
	if (c->more && !conn_stalled(c) && !must_drain(c, c->in_len))
		conn_ready(c, CONN_READY_IN);
	if (more_out || conn_fires_lost(c))
		conn_ready(c, CONN_READY_OUT);
	conn_poll(c);
}
