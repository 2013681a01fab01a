/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * restore: reads an image into a new daemon; see state.h.  Applies each record,
 * then finishes what needs all of them (output, rings, transactions), then
 * compares counts and digest with the writer's.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/fault.h"
#include "domain/death.h"
#include "domain/domain.h"
#include "image/image.h"
#include "image/table.h"
#include "state/apply.h"
#include "state/state.h"
#include "store/check.h"
#include "store/transaction.h"
#include "store/tree.h"
#include "store/watch.h"
#include "transport/conn-ring.h"
#include "transport/event.h"
#include "transport/lost.h"
#include "transport/socket.h"

/* A toolstack's node in an image, with its generations. */
#define BYTES_PER_NODE 80

int restore_records(struct restore *r, const void *data, size_t len)
{
	struct image_reader reader;
	struct record rec;
	int rc = image_reader_init(&reader, r, data, len, r->err);

	if (rc)
		return rc;
	r->rec = &rec;
	fault_pause("restore");
	while (!rc && image_read(&reader, &rec, &rc, r->err)) {
		fault_crash("restore");
		rc = fault("restore-error") || fault("rehearsal-error")
			     ? err_set(r->err, EIO, "made to fail")
			     : apply_record(r);
		if (rc)
			apply_at_record(r->err, &rec);
	}
	image_reader_fini(&reader);
	r->rec = NULL;
	return rc;
}

/* ---- after all records ---- */

/* Queues the next message of the pending output, or what is left of one. */
static int queue_message(struct restore *r, struct conn *c, const uint8_t *p,
			 size_t left, size_t *ret_len)
{
	struct wire_header hdr = {0};
	bool whole = left >= WIRE_HEADER_SIZE;
	struct out *o;

	if (whole)
		wire_get_header(p, &hdr);
	whole = whole && hdr.len <= WIRE_PAYLOAD_MAX &&
		left >= WIRE_HEADER_SIZE + hdr.len;
	*ret_len = whole ? WIRE_HEADER_SIZE + hdr.len : left;
	if (conn_queue(c, p, *ret_len, whole && hdr.type == WIRE_WATCH_EVENT,
		       &o))
		return err_set(r->err, ENOMEM, "no memory");
	o->raw = !whole;
	conn_queued_event(c, o);
	return 0;
}

int restore_output(struct restore *r, struct restored *rs)
{
	const uint8_t *p = rs->data;
	size_t left = rs->data_len, n;
	struct out *o;
	int rc = 0;

	if (rs->partial) {
		if (conn_queue(rs->conn, p, rs->partial, rs->partial_event, &o))
			return err_set(r->err, ENOMEM, "no memory");
		o->raw = true;
		p += rs->partial;
		left -= rs->partial;
	}
	while (left && !rc) {
		rc = queue_message(r, rs->conn, p, left, &n);
		p += n;
		left -= n;
	}
	return rc;
}

static int finish_socket(struct restore *r, struct conn *c)
{
	int rc;

	c->polled = HOST_IN;
	if (r->polled) {
		/* it is polled for what the predecessor asked for */
		if (!list_empty(&c->out) || c->in_len)
			c->polled = UINT32_MAX;
		return 0;
	}
	rc = host_call(r->d->host, poll_add, c->fd, HOST_IN,
		       CONN_TAG(c->client.id));
	if (rc)
		return err_set(r->err, rc,
			       "connection %u: cannot poll descriptor %d: "
			       "%s",
			       c->client.id, c->fd, strerror(rc));
	return 0;
}

/*
 * A ring that cannot be mapped (the domain is dying, the grant was revoked) must
 * not fail the restore.  A port that is still bound stays bound either way.
 */
static void finish_ring(struct restore *r, struct restored *rs)
{
	struct conn *c = rs->conn;
	int rc = 0;

	/*
	 * Mapping a page takes as long as restoring many nodes, so an idle
	 * ring is mapped when it is needed.  Its port has stayed bound, so the
	 * peer's next request arrives as an event.
	 */
	if (rs->quiet && r->ports && rs->local_port && !rs->no_ring &&
	    c->client.cred.domid != r->d->config.store_domid)
		conn_map_later(c);
	else if (!rs->no_ring)
		conn_map_restored(c);
	if (rs->have_ring_state) {
		/* if the page differs, the domain has cleared it */
		c->req_cons = rs->ring_state.req_cons;
		c->rsp_prod = rs->ring_state.rsp_prod;
	}
	if (r->ports)
		conn_set_port(c, rs->local_port);
	else if (!rs->unbound && !rs->no_ring)
		rc = conn_bind(c, c->remote_port);
	if (rc)
		log_line(r->d->log, LOG_EVENT,
			 "domain %u: cannot bind its port %u again: %s",
			 c->client.cred.domid, c->remote_port, strerror(rc));
}

/*
 * If the writer kept serving after it wrote the file, the ring's indexes have
 * moved, and the half-done messages in the file are out of date.
 */
static void finish_file_ring(const struct restore *r, struct restored *rs)
{
	struct conn *c = rs->conn;
	uint32_t req_cons, rsp_prod;

	if (!r->from_file || !c->ring)
		return;
	ring_indexes(c->ring, &req_cons, &rsp_prod);
	if (rs->have_ring_state && rs->ring_state.req_cons == req_cons &&
	    rs->ring_state.rsp_prod == rsp_prod)
		return;
	log_line(r->d->log, LOG_EVENT,
		 "domain %u: its ring was used after the image was written: "
		 "the image's pending input and output are dropped",
		 c->client.cred.domid);
	conn_drop_events(c, "the image's events may have been sent already");
	conn_drop_queues(c);
	c->req_cons = req_cons;
	c->rsp_prod = rsp_prod;
}

int restore_ring(struct restore *r, struct restored *rs)
{
	int rc = restore_output(r, rs);

	if (!rc)
		finish_ring(r, rs);
	return rc;
}

int restore_txs(struct restore *r, const struct client *c)
{
	struct tx *tx;
	int rc;

	list_for_each (tx, &c->txs, of_client) {
		rc = tx_restored(tx);
		if (rc)
			return err_set(r->err, rc,
				       "transaction %u of connection %u: %s",
				       tx->id, c->id,
				       rc == EINVAL ? "its record of a node "
						      "contradicts itself"
						    : "no memory");
	}
	return 0;
}

/*
 * TURN records say who has work.  If the image has none, or events may have been
 * missed, every connection gets a turn.
 */
static void finish_turn(const struct restore *r, const struct restored *rs)
{
	struct conn *c = rs->conn;

	if (conn_page_due(c) || (rs->stated && r->ports && r->polled))
		return;
	/* without a port it cannot have sent anything */
	if (c->kind == CONN_RING && !c->port)
		conn_ready(c, CONN_READY_OUT);
	else if (c->kind == CONN_RING || !list_empty(&c->out) || c->in_len)
		conn_ready(c, CONN_READY_IN | CONN_READY_OUT);
}

static int finish_conns(struct restore *r)
{
	struct restored *rs;
	int rc;

	list_for_each (rs, &r->conns, link) {
		rc = restore_output(r, rs);
		if (!rc && rs->conn->kind == CONN_SOCKET)
			rc = finish_socket(r, rs->conn);
		else if (!rc)
			finish_ring(r, rs);
		if (rc)
			return rc;
		finish_file_ring(r, rs);
		rc = restore_txs(r, &rs->conn->client);
		if (rc)
			return rc;
		finish_turn(r, rs);
		rs->conn->restored = NULL;
	}
	return 0;
}

int restore_listening(struct restore *r)
{
	struct daemon *d = r->d;
	int rc = 0;

	if (r->polled)
		return 0;
	if (d->conns.rw_fd >= 0)
		rc = host_call(d->host, poll_add, d->conns.rw_fd, HOST_IN,
			       DAEMON_TAG_RW);
	if (!rc && d->conns.ro_fd >= 0)
		rc = host_call(d->host, poll_add, d->conns.ro_fd, HOST_IN,
			       DAEMON_TAG_RO);
	if (rc)
		return err_set(r->err, rc,
			       "cannot poll the listening sockets: %s",
			       strerror(rc));
	return 0;
}

int restore_death(struct restore *r)
{
	struct daemon *d = r->d;
	int rc;

	if (r->ports && r->handoff.virq_port) {
		d->death_port = r->handoff.virq_port;
		return 0;
	}
	d->death_missed = true;
	rc = host_call(d->host, evtchn_bind_death, &d->death_port);
	if (rc)
		return err_set(r->err, rc,
			       "cannot bind VIRQ_DOM_EXC: %s; is another "
			       "xenstored running?",
			       strerror(rc));
	return 0;
}

int restore_prove(struct restore *r)
{
	const struct state_counts *have = &r->ret->counts;
	const struct rec_header *want = &r->header;
	struct daemon *d = r->d;
	uint64_t digest;

	if (r->have_store) {
		d->store->generation = r->store.generation;
		d->conns.next_id = r->store.next_conn_id;
	}
	state_count(d, &r->ret->counts);
	r->ret->counts.nodes += fault("restore-counts");
	if (!r->have_header)
		return store_check(d->store, r->err);
	if (have->nodes != want->nodes || have->conns != want->conns ||
	    have->watches != want->watches || have->txs != want->txs)
		return err_set(r->err, EINVAL,
			       "restored %u nodes, %u connections, %u watches, "
			       "%u transactions; the writer had %u, %u, %u, %u",
			       have->nodes, have->conns, have->watches,
			       have->txs, want->nodes, want->conns,
			       want->watches, want->txs);
	/* a tool wrote the image */
	if (!want->digest)
		return store_check(d->store, r->err);
	digest = state_digest(d) + fault("restore-digest") +
		 fault("rehearsal-digest");
	if (digest != want->digest)
		return err_set(r->err, EINVAL,
			       "the restored state has digest %016llx, the "
			       "writer's had %016llx",
			       (unsigned long long)digest,
			       (unsigned long long)want->digest);
	r->ret->proven = true;
	return 0;
}

static int finish_tree(struct restore *r)
{
	struct tree *t = r->d->store->tree;
	char path[PATH_SIZE];
	uint32_t twice;
	int rc = tree_load_done(t, &twice);

	if (rc != EEXIST)
		return rc ? err_set(r->err, rc, "no memory") : 0;
	tree_path(t, twice, path);
	return err_set(r->err, EEXIST, "path %s is there twice", path);
}

static int finish(struct restore *r)
{
	struct daemon *d = r->d;
	int rc = finish_tree(r);

	if (rc)
		return rc;
	rc = host_call(d->host, update_adopt, r->handoff.evtchn_fd,
		       r->handoff.epoll_fd, &r->ports, &r->polled, r->err);
	if (!rc)
		rc = restore_listening(r);
	if (!rc)
		rc = restore_death(r);
	if (!rc)
		rc = finish_conns(r);
	return rc ? rc : restore_prove(r);
}

void restore_forget(struct restore *r)
{
	r->depth = 0;
	r->nrecent = 0;
	r->last_n = 0;
	memset(r->names, 0, sizeof(r->names));
}

/* Guessed from the length: the header's number cannot be trusted. */
static uint32_t expected_nodes(size_t len)
{
	return (uint32_t)(len / BYTES_PER_NODE < UINT32_MAX / 4
				  ? len / BYTES_PER_NODE
				  : UINT32_MAX / 4);
}

static int restore(struct daemon *d, const void *data, size_t len,
		   bool from_file, struct state_restored *ret, struct err *err)
{
	struct restore *r = talloc_zero(d, struct restore);
	int rc;

	memset(ret, 0, sizeof(*ret));
	if (!r)
		return err_set(err, ENOMEM, "no memory");
	r->d = d;
	r->err = err;
	r->ret = ret;
	r->from_file = from_file;
	r->handoff.evtchn_fd = -1;
	r->handoff.epoll_fd = -1;
	ret->counts.size = len;
	list_init(&r->conns);
	tree_load_begin(d->store->tree, expected_nodes(len));
	rc = restore_records(r, data, len);
	if (!rc)
		rc = finish(r);
	talloc_free(r);
	return rc;
}

int state_restore(struct daemon *d, const void *data, size_t len,
		  struct state_restored *ret, struct err *err)
{
	return restore(d, data, len, false, ret, err);
}

int state_restore_file(struct daemon *d, const void *data, size_t len,
		       struct state_restored *ret, struct err *err)
{
	return restore(d, data, len, true, ret, err);
}

int state_check(const struct daemon *d, struct err *err)
{
	return store_check(d->store, err);
}

void state_resume(struct daemon *d)
{
	struct conn *c;

	/* the predecessor may have been short of descriptors */
	socket_listen(d, true);
	/*
	 * If the port stayed bound, a death since then is pending on it.
	 * Looking anyway would announce a death before its event, which no
	 * client sees without an update.
	 */
	host_call(d->host, evtchn_unmask, d->death_port);
	/* the predecessor may have been built for another Xen */
	domains_learn(d);
	if (d->death_missed)
		domains_look(d);
	d->death_missed = false;
	list_for_each (c, &d->conns.all, all) {
		if (c->kind == CONN_RING && c->port && c->page != PAGE_LATER)
			host_call(d->host, evtchn_unmask, c->port);
	}
}
