/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * follow: see follow.h.  Uses what restore.c uses; but the state is whole after
 * each piece.  Called by apply.c and successor-beside.c.
 */
#include "state/follow.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "state/apply.h"
#include "store/store.h"
#include "transport/conn-ring.h"

struct follow {
	struct restore r;
	bool adopted;	/* the event channels */
	bool cut;	/* the last piece is being applied */
	uint64_t bytes; /* of the pieces */
	struct state_restored ret;
};

int follow_begin(struct daemon *d, follow_fd fd, void *arg,
		 struct follow **ret_follow, struct err *err)
{
	struct follow *f = talloc_zero(d, struct follow);

	if (!f)
		return err_set(err, ENOMEM, "no memory");
	f->r.d = d;
	f->r.follows = true;
	f->r.fd = fd;
	f->r.fd_arg = arg;
	f->r.ret = &f->ret;
	f->r.handoff.evtchn_fd = -1;
	list_init(&f->r.conns);
	*ret_follow = f;
	return 0;
}

int apply_stream_handoff(struct restore *r)
{
	struct follow *f = container_of(r, struct follow, r);

	r->handoff.virq_port = r->rec->handoff.virq_port;
	if (f->adopted)
		return 0;
	f->adopted = true;
	r->handoff.evtchn_fd = apply_fd(r, r->rec->handoff.evtchn_fd);
	if (r->handoff.evtchn_fd < 0)
		return err_set(r->err, EBADF,
			       "the event channel device was not passed");
	return host_call(r->d->host, update_adopt, r->handoff.evtchn_fd, -1,
			 &r->ports, &r->polled, r->err);
}

/* ---- after each piece ---- */

static int finish_socket(struct restore *r, struct restored *rs)
{
	struct conn *c = rs->conn;
	int rc = 0;

	if (!rs->again) {
		c->polled = HOST_IN;
		rc = host_call(r->d->host, poll_add, c->fd, HOST_IN,
			       CONN_TAG(c->client.id));
	}
	if (rc)
		return err_set(r->err, rc,
			       "connection %u: cannot poll descriptor %d: %s",
			       c->client.id, c->fd, strerror(rc));
	return 0;
}

/* Maps it; the indexes are those of the predecessor, if it had them. */
static void map_ring(struct conn *c)
{
	uint32_t req_cons = c->req_cons, rsp_prod = c->rsp_prod;
	bool known = c->indexes_known;

	conn_map_restored(c);
	if (!known || !c->ring)
		return;
	c->req_cons = req_cons;
	c->rsp_prod = rsp_prod;
}

static void finish_ring(const struct follow *f, struct restored *rs)
{
	struct conn *c = rs->conn;

	if (rs->no_ring)
		conn_unmap_ring(c);
	else if (c->page == PAGE_NONE)
		conn_map_later(c);
	c->indexes_known = rs->have_ring_state;
	if (rs->have_ring_state) {
		c->req_cons = rs->ring_state.req_cons;
		c->rsp_prod = rs->ring_state.rsp_prod;
	} else if (c->ring) {
		ring_indexes(c->ring, &c->req_cons, &c->rsp_prod);
	}
	conn_set_port(c, rs->local_port);
	if (f->cut && conn_page_due(c) && !rs->quiet)
		map_ring(c);
}

static int finish_conns(struct follow *f)
{
	struct restore *r = &f->r;
	struct restored *rs;
	int rc;

	while ((rs = list_first(&r->conns, struct restored, link))) {
		rc = restore_output(r, rs);
		if (!rc && rs->conn->kind == CONN_SOCKET)
			rc = finish_socket(r, rs);
		else if (!rc)
			finish_ring(f, rs);
		if (rc)
			return rc;
		rs->conn->restored = NULL;
		list_del(&rs->link);
		talloc_free(rs);
	}
	return 0;
}

static int apply_piece(struct follow *f, const void *data, size_t len,
		       struct err *err)
{
	int rc;

	f->r.err = err;
	f->bytes += len;
	rc = restore_records(&f->r, data, len);
	if (!rc && !f->adopted)
		rc = err_set(err, EINVAL,
			     "the stream does not begin with HANDOFF");
	return rc ? rc : finish_conns(f);
}

int follow_piece(struct follow *f, const void *data, size_t len,
		 struct err *err)
{
	return apply_piece(f, data, len, err);
}

uint32_t follow_map(struct follow *f, uint32_t n)
{
	uint32_t left = 0;
	struct conn *c;

	list_for_each (c, &f->r.d->conns.all, all) {
		if (c->kind != CONN_RING || c->page != PAGE_LATER)
			continue;
		if (!n) {
			left++;
			continue;
		}
		n--;
		map_ring(c);
	}
	return left;
}

/* ---- the last piece ---- */

/* A connection that is not sent again has nothing to do. */
static void poll_busy(struct daemon *d)
{
	struct conn *c;

	list_for_each (c, &d->conns.all, all)
		if (c->kind == CONN_SOCKET &&
		    (!list_empty(&c->out) || c->in_len))
			conn_poll(c);
}

static int all_txs(struct restore *r)
{
	struct conn *c;
	int rc = 0;

	list_for_each (c, &r->d->conns.all, all) {
		if (c->client.ntxs)
			rc = restore_txs(r, &c->client);
		if (rc)
			return rc;
	}
	return 0;
}

int follow_cut(struct follow *f, const void *data, size_t len,
	       struct state_restored *ret, struct err *err)
{
	struct restore *r = &f->r;
	int rc;

	f->cut = true;
	rc = apply_piece(f, data, len, err);
	if (!rc && (!r->have_header || !r->have_store))
		rc = err_set(err, EINVAL,
			     "the last piece has no HEADER or STORE_STATE");
	if (!rc)
		rc = restore_listening(r);
	if (!rc)
		rc = restore_death(r);
	if (!rc)
		rc = all_txs(r);
	if (rc)
		return rc;
	poll_busy(r->d);
	f->ret.counts.size = f->bytes;
	rc = restore_prove(r);
	if (!rc && !f->ret.proven)
		rc = err_set(err, EINVAL, "the last piece has no digest");
	*ret = f->ret;
	return rc;
}
