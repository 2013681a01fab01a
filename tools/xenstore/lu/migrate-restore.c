/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * migrate-restore: a domain into this host; see migrate.h.  Records are read
 * once: what is the domain's own is built at once, hidden, and its nodes
 * become a change list.  When nothing can fail any more, that is applied.
 */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "base/fault.h"
#include "domain/domain.h"
#include "image/image.h"
#include "image/table.h"
#include "lu/lu-apply.h"
#include "lu/migrate-nodes.h"
#include "lu/migrate.h"
#include "store/transaction.h"
#include "store/tree.h"
#include "transport/conn.h"
#include "transport/event.h"

/* What a transaction's entry was based on, until the nodes are there. */
struct base {
	struct list link;
	struct tx_node *n;
	struct rec_tx_base rec;
};

struct migrating {
	struct restore r;
	struct migrate_nodes *nodes;
	struct list bases;
	struct domain *dom;
	bool was_known;
	uint32_t next_conn_id; /* before */
	uint32_t most[QUOTA_COUNT];
	bool shutdown;
	uint32_t image_conn; /* its id in the image */
	uint32_t port;	     /* instead of the image's; 0: that one */
};

static int refuse(struct migrating *m, const char *what)
{
	return err_set(m->r.err, EINVAL, "%s", what);
}

/* ---- records ---- */

static int take_header(struct migrating *m, const struct record *rec)
{
	if (rec->header.scope == REC_SCOPE_MIGRATION)
		return 0;
	return refuse(m, "this is the image of a whole daemon, not of one "
			 "domain");
}

static int take_conn(struct migrating *m, struct record *rec)
{
	struct daemon *d = m->r.d;
	uint16_t domid = rec->conn.domid;
	int rc;

	if (m->dom || rec->conn.type != REC_CONN_RING)
		return refuse(m, "one domain has one ring and no socket");
	if (domain_introduced(d, domid) || domid == d->config.priv_domid)
		return err_set(m->r.err, EEXIST, "domain %u is in use here",
			       domid);
	m->was_known = domain_find(d, domid);
	rc = domain_know(d, domid, &m->dom);
	if (rc)
		return err_set(m->r.err, rc,
			       rc == ENOENT ? "there is no domain %u here"
					    : "domain %u: no memory",
			       domid);
	m->image_conn = rec->conn.conn_id;
	rec->conn.conn_id = 0; /* the next that is free */
	if (m->port)
		rec->conn.evtchn = m->port;
	return lu_apply(&m->r);
}

/* Whom it acts for must have come with it: a number alone is somebody else. */
static void take_target(struct migrating *m)
{
	struct cred *cred = &m->dom->conn->client.cred;
	const struct domain *t;

	if (cred->tdomid == PERMS_DOMID_INVALID)
		return;
	t = domain_introduced(m->r.d, cred->tdomid);
	if (t && t->restored)
		return;
	log_line(m->r.d->log, LOG_EVENT,
		 "domain %u: its target %u has not been migrated here: say "
		 "SET_TARGET again",
		 m->dom->domid, cred->tdomid);
	cred->tdomid = PERMS_DOMID_INVALID;
}

static int take_base(struct migrating *m, const struct record *rec)
{
	struct base *b = talloc_zero(m, struct base);
	struct tx *tx;
	int rc = b ? lu_need_tx(&m->r, rec->tx_base.conn_id, rec->tx_base.tx_id,
				&tx)
		   : lu_no_memory(&m->r);

	if (rc)
		return rc;
	b->rec = rec->tx_base;
	b->n = tx_node_find(tx, rec->tx_base.path, rec->tx_base.path_len - 1u);
	if (!b->n)
		return refuse(m, "path: the transaction has not touched it");
	list_add_tail(&m->bases, &b->link);
	return 0;
}

static int take_domain(struct migrating *m, const struct record *rec)
{
	if (!m->dom || rec->domain.domid != m->dom->domid)
		return refuse(m, "domid is not that of the connection");
	m->shutdown = rec->domain.flags & REC_DOM_SHUTDOWN;
	return 0;
}

static int take_limit(struct migrating *m)
{
	if (!m->dom || m->r.rec->quota.domid != m->dom->domid)
		return refuse(m, "domid is not that of the connection");
	return lu_apply(&m->r);
}

static int take_features(struct migrating *m, const struct record *rec)
{
	if (rec->features.features & ~FEATURES_ALL)
		return refuse(m, "it was offered features that are not known "
				 "here");
	return lu_apply(&m->r);
}

/* Records that say so in their first word belong to the one connection. */
static int of_conn(struct migrating *m, struct record *rec)
{
	if (!m->dom || rec->conn.conn_id != m->image_conn)
		return refuse(m, "conn-id is not that of the connection");
	rec->conn.conn_id = m->dom->conn->client.id;
	return rec->type == REC_TX_BASE ? take_base(m, rec) : lu_apply(&m->r);
}

static int take(struct migrating *m, struct record *rec)
{
	if (!rec->desc)
		return 0;
	if (!(rec->desc->scopes & 1u << REC_SCOPE_MIGRATION))
		return refuse(m, "does not belong to one domain");
	switch (rec->type) {
	case REC_HEADER:
		return take_header(m, rec);
	case REC_CONNECTION_DATA:
		return take_conn(m, rec);
	case REC_DOMAIN_STATE:
		return take_domain(m, rec);
	case REC_DOM_FEATURES:
		return take_features(m, rec);
	case REC_QUOTA:
		return take_limit(m);
	case REC_NODE_DATA:
		if (!m->dom)
			return refuse(m, "comes before the connection");
		return rec->node.conn_id
			       ? of_conn(m, rec)
			       : migrate_nodes_add(m->nodes, rec, m->r.err);
	default:
		return of_conn(m, rec);
	}
}

static int read_records(struct migrating *m, const void *data, size_t len)
{
	struct image_reader reader;
	struct record rec;
	int rc = image_reader_init(&reader, m, data, len, m->r.err);

	if (rc)
		return rc;
	m->r.rec = &rec;
	while (!(rc = image_read(&reader, &rec, m->r.err))) {
		rc = take(m, &rec);
		if (rc) {
			rc = rc == ENOENT ? EINVAL : rc; /* that is the end */
			err_prefix(m->r.err, "record %llu (%s) at byte %llu",
				   (unsigned long long)rec.index,
				   rec.desc ? rec.desc->name : "unknown",
				   (unsigned long long)rec.offset);
			break;
		}
	}
	image_reader_fini(&reader);
	if (rc != ENOENT)
		return rc;
	return m->dom ? 0 : refuse(m, "there is no connection in it");
}

/* ---- the ring ---- */

static int attach(struct migrating *m)
{
	struct conn *c = m->dom->conn;
	int rc;

	c->frozen = false;
	rc = lu_finish_ring(&m->r, c->restored);
	if (rc)
		return rc;
	if (!c->ring)
		return err_set(m->r.err, EIO,
			       "domain %u: its ring (grant entry 1) cannot be "
			       "mapped",
			       m->dom->domid);
	if (!c->port)
		return err_set(m->r.err, EIO,
			       "domain %u: port %u cannot be bound; if it has "
			       "another one here, name it",
			       m->dom->domid, c->remote_port);
	return 0;
}

/* As if nothing had been. */
static void undo(struct migrating *m)
{
	struct daemon *d = m->r.d;

	d->next_conn_id = m->next_conn_id;
	memcpy(d->store->most, m->most, sizeof(m->most));
	if (!m->dom)
		return;
	if (m->dom->conn)
		m->dom->conn->restored = NULL;
	domain_disconnect(d, m->dom);
	if (m->was_known)
		return;
	account_forget(d->store->accounts, m->dom->domid);
	domain_forget(d, m->dom);
}

/* ---- when nothing can fail any more ---- */

/* The same here as there: then the transaction goes on, else it is doomed. */
static void compare_base(const struct migrating *m, const struct base *b)
{
	const struct tree *t = m->r.d->store->tree;
	struct tx_node *n = b->n;
	uint32_t id = tx_node_committed(n);
	bool there = b->rec.flags & REC_TX_BASE_THERE;
	bool listed = n->did & (TX_LISTED | TX_DELETED);

	/* absent or made alike: the commit looks for itself */
	if ((n->did & TX_IMPLIED) && !(b->rec.flags & REC_TX_BASE_BROKEN))
		return;
	if ((b->rec.flags & REC_TX_BASE_BROKEN) || there != (id != 0) ||
	    (id && migrate_content(t, id) != b->rec.content) ||
	    (id && listed && migrate_children(t, id) != b->rec.children)) {
		n->tx->doomed = true;
		return;
	}
	if (!id)
		return;
	n->value_gen = tree_node(t, id)->value_gen;
	n->children_gen = tree_node(t, id)->children_gen;
}

/* Whether the image says of all that it touched what it was based on. */
static bool all_based(const struct migrating *m, const struct tx *tx)
{
	const struct tx_node *n;
	const struct base *b;
	uint32_t based = 0;

	list_for_each (b, &m->bases, link)
		based += b->n->tx == tx;
	if (based == tx->nnodes)
		return true;
	list_for_each (n, &tx->nodes, order)
		if (n->did & TX_BASED)
			return false;
	return true; /* a bare image: tx_restored() sees what can be proven */
}

static void settle_transactions(struct migrating *m)
{
	const struct base *b;
	struct tx *tx;

	list_for_each (b, &m->bases, link)
		compare_base(m, b);
	list_for_each (tx, &m->dom->conn->client.txs, of_client) {
		if (!all_based(m, tx))
			tx->doomed = true;
		/* what cannot be restored ends as a conflict does */
		if (tx_restored(tx))
			tx->doomed = true;
	}
}

static void finish(struct migrating *m)
{
	struct daemon *d = m->r.d;
	struct conn *c = m->dom->conn;

	fault_crash("migrate-attached");
	migrate_nodes_apply(m->nodes); /* c->restored: it hears nothing of it */
	fault_crash("migrate-applied");
	settle_transactions(m);
	take_target(m);
	/* one that was saved while it was stopped may run here, and stop again */
	m->dom->shutdown = m->shutdown && domain_stopped(d, m->dom->domid);
	m->dom->restored = true;
	c->restored = NULL;
	domains_learn(d);
	log_line(d->log, LOG_EVENT,
		 "domain %u has been migrated here: %u nodes, %u watches, %u "
		 "transactions",
		 m->dom->domid, migrate_nodes_count(m->nodes),
		 c->client.nwatches, c->client.ntxs);
	conn_ready(c, CONN_READY_IN | CONN_READY_OUT);
}

int migrate_restore(struct daemon *d, const void *data, size_t len,
		    uint32_t port, bool merge, struct err *err)
{
	struct migrating *m = talloc_zero(d, struct migrating);
	struct lu_restored ret;
	int rc;

	if (!m)
		return err_set(err, ENOMEM, "no memory");
	memset(&ret, 0, sizeof(ret));
	m->r.d = d;
	m->r.err = err;
	m->r.ret = &ret;
	m->port = port;
	m->next_conn_id = d->next_conn_id;
	memcpy(m->most, d->store->most, sizeof(m->most));
	list_init(&m->r.conns);
	list_init(&m->bases);
	m->nodes = migrate_nodes_new(m, &m->r, merge);
	rc = m->nodes ? read_records(m, data, len) : lu_no_memory(&m->r);
	if (!rc)
		rc = migrate_nodes_ready(m->nodes, m->dom->domid, err);
	if (!rc)
		rc = attach(m);
	if (rc)
		undo(m);
	else
		finish(m);
	talloc_free(m);
	return rc;
}
