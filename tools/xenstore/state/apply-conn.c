/* SPDX-License-Identifier: GPL-2.0-or-later */
/* apply-conn: connections, domains and watches; see apply.h. */
#include "state/apply.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "domain/domain.h"
#include "store/watch.h"
#include "transport/conn.h"
#include "transport/credit.h"
#include "transport/look.h"
#include "transport/lost.h"
#include "transport/turn.h"

int apply_check_domid(struct restore *r, const char *what, uint16_t domid)
{
	if (domid < DOMID_FIRST_RESERVED)
		return 0;
	return err_set(r->err, EINVAL, "%s %u is a reserved domid", what,
		       domid);
}

static int apply_ring(struct restore *r, struct conn *c)
{
	const struct rec_conn *rec = &r->rec->conn;
	struct domain *dom = domain_find(r->d, rec->domid);

	if (dom && dom->conn)
		return err_set(r->err, EEXIST,
			       "domain %u already has a connection",
			       rec->domid);
	if (!dom)
		dom = domain_new(r->d, rec->domid);
	if (!dom)
		return apply_no_memory(r);
	domain_connect(r->d, dom, c);
	c->remote_port = rec->evtchn;
	return 0;
}

int apply_conn(struct restore *r)
{
	const struct rec_conn *rec = &r->rec->conn;
	bool ring = rec->type == REC_CONN_RING;
	struct cred cred = {r->d->config.store_domid, PERMS_DOMID_INVALID,
			    true};
	struct restored *rs;
	struct conn *c;

	if (ring && (apply_check_domid(r, "domid", rec->domid) ||
		     (rec->tdomid != PERMS_DOMID_INVALID &&
		      apply_check_domid(r, "tdomid", rec->tdomid))))
		return EINVAL;
	if (ring) {
		cred.domid = rec->domid;
		cred.tdomid = rec->tdomid;
		cred.privileged = rec->domid == r->d->config.priv_domid;
	}
	c = conn_find(r->d, rec->conn_id);
	if (c && r->follows)
		return apply_conn_again(r, c);
	if (c)
		return err_set(r->err, EEXIST, "conn-id %u is already used",
			       rec->conn_id);
	c = conn_new(r->d, ring ? CONN_RING : CONN_SOCKET, &cred, rec->conn_id);
	rs = talloc_zero(r, struct restored);
	if (!c || !rs)
		return apply_no_memory(r);
	rs->conn = c;
	rs->data = rec->data;
	rs->data_len = rec->data_len;
	list_add_tail(&r->conns, &rs->link);
	c->restored = rs;
	if (r->d->conns.next_id <= rec->conn_id)
		r->d->conns.next_id = rec->conn_id + 1;
	if (ring)
		return apply_ring(r, c);
	c->fd = apply_fd(r, rec->fd);
	if (c->fd < 0)
		return err_set(r->err, EBADF,
			       "conn-id %u: descriptor %d was not passed",
			       rec->conn_id, rec->fd);
	if (rec->flags & REC_CONN_READ_ONLY)
		conn_read_only(c);
	return 0;
}

int apply_conn_state(struct restore *r)
{
	const struct rec_conn_state *rec = &r->rec->conn_state;
	struct conn *c = r->conn;

	c->life = rec->flags & REC_CONN_IGNORED ? CONN_IGNORED : CONN_OPEN;
	c->restored->no_ring = rec->flags & REC_CONN_NO_RING;
	c->frozen = rec->flags & REC_CONN_FROZEN;
	c->restored->quiet = rec->flags & REC_CONN_QUIET;
	c->restored->partial_event = rec->flags & REC_CONN_PARTIAL_EVENT;
	c->restored->stated = true;
	c->more = rec->flags & REC_CONN_MORE;
	c->client.next_tx_id = rec->next_tx_id;
	if (rec->unread_ms)
		conn_unread(c, rec->unread_ms - 1);
	return 0;
}

int apply_conn_credit(struct restore *r)
{
	const struct rec_conn_credit *rec = &r->rec->conn_credit;
	struct conn *c = r->conn;

	if (rec->wait_ms && !list_empty(&c->waiting))
		return err_set(r->err, EEXIST, "conn-id %u waits twice",
			       rec->conn_id);
	conn_credit_restore(c, rec->busy_ms, rec->wait_ms);
	return 0;
}

int apply_conn_debt(struct restore *r)
{
	turn_restore(r->conn, r->rec->conn_debt.passes);
	return 0;
}

int apply_turn_place(struct restore *r)
{
	uint32_t flags = r->rec->turn_place.flags;

	turn_restore_place(r->conn, flags & REC_PLACE_HAD,
			   flags & REC_PLACE_DUE);
	return 0;
}

int apply_ring_state(struct restore *r)
{
	struct restored *rs = r->conn->restored;

	rs->have_ring_state = true;
	rs->ring_state = r->rec->ring_state;
	return 0;
}

int apply_ring_gfn(struct restore *r)
{
	struct domain *dom = r->conn->domain;

	if (!dom)
		return err_set(r->err, EINVAL,
			       "conn-id %u: this connection is not a ring",
			       r->conn->client.id);
	dom->gfn = r->rec->ring_gfn.gfn;
	dom->have_gfn = true;
	return 0;
}

int apply_conn_input(struct restore *r)
{
	const struct rec_conn_input *rec = &r->rec->conn_input;
	struct conn *c = r->conn;

	if (c->in || rec->data_len > CONN_SCRATCH)
		return err_set(r->err, EINVAL,
			       "data-len %u: a connection can have at most %u "
			       "bytes of unprocessed input",
			       rec->data_len, CONN_SCRATCH);
	if (!rec->data_len)
		return 0;
	c->in = talloc_memdup(c, rec->data, rec->data_len);
	if (!c->in)
		return apply_no_memory(r);
	c->in_len = rec->data_len;
	if (!c->restored->stated)
		c->more = true; /* it may hold a whole request */
	return 0;
}

int apply_turn(struct restore *r)
{
	conn_ready(r->conn, r->rec->turn.what);
	return 0;
}

int apply_conn_output(struct restore *r)
{
	uint32_t partial = r->rec->conn_output.partial;
	struct restored *rs = r->conn->restored;

	if (partial > rs->data_len)
		return err_set(r->err, EINVAL,
			       "partial %u is more than the %zu bytes pending",
			       partial, rs->data_len);
	rs->partial = partial;
	return 0;
}

int apply_domain(struct restore *r)
{
	const struct rec_domain *rec = &r->rec->domain;
	struct domain *dom = domain_find(r->d, rec->domid);

	if (apply_check_domid(r, "domid", rec->domid))
		return EINVAL;
	if (!rec->conn_id && !dom) {
		dom = domain_new(r->d, rec->domid);
		if (!dom)
			return apply_no_memory(r);
	} else if (!dom || !dom->conn || dom->conn->client.id != rec->conn_id) {
		return err_set(r->err, EINVAL,
			       "domid %u: connection %u in the records before "
			       "is not its",
			       rec->domid, rec->conn_id);
	}
	dom->shutdown = rec->flags & REC_DOM_SHUTDOWN;
	dom->restored = rec->flags & REC_DOM_RESTORED;
	dom->handle_hi = rec->handle_hi;
	dom->handle_lo = rec->handle_lo;
	if (!dom->conn)
		return 0;
	if (!dom->conn->restored)
		return err_set(r->err, EINVAL,
			       "domid %u: its connection came in an earlier "
			       "piece",
			       rec->domid);
	dom->conn->restored->local_port = rec->local_port;
	dom->conn->restored->unbound = !rec->local_port;
	return 0;
}

static int domain_before(struct restore *r, uint16_t domid, struct domain **ret)
{
	*ret = domain_find(r->d, domid);
	if (!*ret)
		return err_set(r->err, EINVAL,
			       "domid %u: no such domain in the records before",
			       domid);
	return 0;
}

int apply_domain_id(struct restore *r)
{
	struct domain *dom;
	int rc = domain_before(r, r->rec->domain_id.domid, &dom);

	if (!rc)
		dom->unique_id = r->rec->domain_id.unique_id;
	return rc;
}

int apply_features(struct restore *r)
{
	const struct rec_features *rec = &r->rec->features;
	struct domain *dom;
	int rc = domain_before(r, rec->domid, &dom);

	if (rc)
		return rc;
	/* features of a later version cannot be offered here */
	domain_offer(dom, rec->features & FEATURES_ALL);
	return 0;
}

int apply_watch(struct restore *r)
{
	const struct rec_watch *rec = &r->rec->watch;
	char abs[PATH_SIZE];
	struct conn *c = r->conn;
	struct watch *w;
	size_t len;
	int rc;

	if (path_absolute(rec->wpath, c->client.cred.domid, abs, &len))
		return err_set(r->err, EINVAL, "wpath %s is not a valid path",
			       rec->wpath);
	rc = watch_add(r->d->store, &c->client, rec->wpath, abs, rec->token,
		       WATCH_NO_DEPTH, &w);
	if (rc)
		return err_set(r->err, rc, "wpath %s, token %s: %s", rec->wpath,
			       rec->token, strerror(rc));
	return 0;
}

/*
 * Indexes the watches that the connection has so far.  New ones are appended to
 * the list, so each is looked at once, whatever the order of the records.
 */
static int number_watches(struct restored *rs)
{
	struct client *c = &rs->conn->client;
	struct watch *w, **all = rs->watch;
	size_t n = c->nwatches;

	if (n > rs->watches_size) {
		all = talloc_realloc_size(rs, all, 2 * n * sizeof(*all));
		if (!all)
			return ENOMEM;
		rs->watch = all;
		rs->watches_size = 2 * n;
	}
	list_for_each_reverse (w, &c->watches, of_client) {
		if (n == rs->nwatches)
			break;
		all[--n] = w;
	}
	rs->nwatches = c->nwatches;
	return 0;
}

/* The connection's index-th watch.  0, ENOMEM or EINVAL with r->err. */
static int need_watch(struct restore *r, uint32_t index,
		      struct watch **ret_watch)
{
	struct restored *rs = r->conn->restored;

	*ret_watch = NULL;
	if (number_watches(rs))
		return apply_no_memory(r);
	if (index >= rs->nwatches)
		return err_set(r->err, EINVAL, "connection %u has no watch %u",
			       r->conn->client.id, index);
	*ret_watch = rs->watch[index];
	return 0;
}

int apply_watch_depth(struct restore *r)
{
	const struct rec_watch_depth *rec = &r->rec->watch_depth;
	struct watch *w;
	int rc = need_watch(r, rec->index, &w);

	if (!rc && rec->depth > INT32_MAX)
		return err_set(r->err, EINVAL,
			       "watch %u of connection %u: depth %u is above "
			       "%d",
			       rec->index, rec->conn_id, rec->depth, INT32_MAX);
	if (!rc)
		watch_set_depth(r->d->store, w, (int32_t)rec->depth);
	return rc;
}

int apply_ring_look(struct restore *r)
{
	const struct rec_ring_look *rec = &r->rec->ring_look;
	struct conn *c = r->conn;

	c->dropping = rec->flags & REC_LOOK_DROPPING;
	c->lost = rec->lost;
	c->lost_logged = rec->logged;
	if (!list_empty(&c->unread))
		conn_unread_restore(c, c->unread_ms, rec->uncounted_ms);
	if (rec->odd_ms)
		c->odd_since_ms =
			host_call(r->d->host, now_ms) - (rec->odd_ms - 1);
	if (c->kind == CONN_RING && rec->level != REC_LOOK_NEVER)
		look_restore(c, rec->level, rec->in_us);
	return 0;
}

int apply_watch_lost(struct restore *r)
{
	struct watch *w;
	int rc = need_watch(r, r->rec->watch_lost.index, &w);

	if (!rc)
		w->lost = true;
	return rc;
}
