/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * restore: takes a domain in; see migrate.h.  Reads the records twice.  First
 * vet.c checks all of them and makes a change list of the nodes; then this file
 * builds the domain and its connection where no client can see them.  When
 * nothing can fail any more, both become visible.
 */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "base/fault.h"
#include "domain/domain.h"
#include "image/image.h"
#include "image/table.h"
#include "state/apply.h"
#include "migrate/nodes.h"
#include "migrate/rules.h"
#include "migrate/vet.h"
#include "migrate/migrate.h"
#include "store/transaction.h"
#include "store/path.h"
#include "store/tree.h"
#include "store/tx-node.h"
#include "transport/conn.h"
#include "transport/event.h"

/* The base of a transaction's entry, kept until the nodes are made. */
struct base {
	struct list link;
	struct tx_node *n;
	struct rec_tx_base rec;
};

struct migrating {
	struct restore r;
	struct migrate_vet vet;
	struct list bases;
	struct domain *dom;
	bool was_known;
	struct list *behind;   /* dom's neighbour in the list of all, before */
	uint32_t next_conn_id; /* before */
	uint32_t most[QUOTA_COUNT];
	bool shutdown;
	struct own_limits *limits; /* to be its account's */
};

static int refuse(struct migrating *m, const char *what)
{
	return err_set(m->r.err, EINVAL, "%s", what);
}

/* ---- records; vet.c has seen them all ---- */

static int take_conn(struct migrating *m, struct record *rec)
{
	struct daemon *d = m->r.d;
	int rc;

	m->was_known = domain_find(d, m->vet.domid);
	rc = domain_know(d, m->vet.domid, &m->dom);
	if (rc)
		return err_set(m->r.err, rc, "domain %u: %s", m->vet.domid,
			       strerror(rc));
	m->behind = m->dom->all.next;
	rec->conn.conn_id = 0; /* conn_new() chooses a free id */
	if (m->vet.how->port)
		rec->conn.evtchn = m->vet.how->port;
	return apply_record(&m->r);
}

/* The target must have been migrated too: the same domid can be another guest. */
static void take_target(struct migrating *m)
{
	struct cred *cred = &m->dom->conn->client.cred;
	const struct domain *t;

	if (cred->tdomid == PERMS_DOMID_INVALID)
		return;
	t = domain_introduced(m->r.d, cred->tdomid);
	if (t && t->restored && m->vet.how->trust)
		return;
	log_line(m->r.d->log, LOG_EVENT,
		 "domain %u: its target %u %s: use SET_TARGET again",
		 m->dom->domid, cred->tdomid,
		 t && t->restored ? "is not taken from an image without --trust"
				  : "has not been migrated here");
	cred->tdomid = PERMS_DOMID_INVALID;
}

static int take_base(struct migrating *m, const struct record *rec)
{
	struct base *b = talloc_zero(m, struct base);
	size_t len = rec->tx_base.path_len - 1u;
	struct tx *tx;
	int rc = b ? apply_need_tx(&m->r, rec->tx_base.conn_id,
				   rec->tx_base.tx_id, &tx)
		   : apply_no_memory(&m->r);

	if (rc)
		return rc;
	if (!path_valid(rec->tx_base.path, len))
		return refuse(m, "path: not a valid path");
	b->rec = rec->tx_base;
	b->n = tx_node_find(tx, rec->tx_base.path, len);
	if (!b->n)
		return refuse(m, "path: the transaction has no such entry");
	list_add_tail(&m->bases, &b->link);
	return 0;
}

static int take(struct migrating *m, struct record *rec)
{
	if (!rec->desc)
		return 0;
	switch (rec->type) {
	case REC_HEADER:
	case REC_DOM_FEATURES:
	case REC_QUOTA:
		return 0; /* finish() needs the other records first */
	case REC_CONNECTION_DATA:
		return take_conn(m, rec);
	case REC_DOMAIN_STATE:
		m->shutdown = rec->domain.flags & REC_DOM_SHUTDOWN;
		return 0;
	case REC_NODE_DATA:
		if (!rec->node.conn_id)
			return 0; /* in the change list already */
		break;
	default:
		break;
	}
	record_set_conn_id(rec, m->dom->conn->client.id);
	return rec->type == REC_TX_BASE ? take_base(m, rec)
					: apply_record(&m->r);
}

static int read_records(struct migrating *m, const void *data, size_t len)
{
	struct image_reader reader;
	struct record rec;
	int rc = image_reader_init(&reader, m, data, len, m->r.err);

	if (rc)
		return rc;
	m->r.rec = &rec;
	while (!rc && image_read(&reader, &rec, &rc, m->r.err)) {
		rc = take(m, &rec);
		if (rc)
			apply_at_record(m->r.err, &rec);
	}
	image_reader_fini(&reader);
	return rc;
}

/* TX_ENTRY gives names, so whole paths can be checked only now. */
static int check_paths(struct migrating *m, const struct tx *tx)
{
	uint32_t most = migrate_vet_limit(&m->vet, QUOTA_PATH_MAX);
	uint32_t depth = migrate_vet_limit(&m->vet, QUOTA_PATH_DEPTH);
	const struct tx_node *n;
	struct tx_path path;
	size_t len;

	path.up = NULL;
	list_for_each (n, &tx->nodes, order) {
		len = tx_node_path(&path, n);
		if ((most && path_quota_len(path.s, len) > most) ||
		    (depth && path_quota_depth(path.s, len) > depth))
			return err_set(m->r.err, ENOSPC,
				       "transaction %u: path %s is longer or "
				       "deeper than the quotas path-max and "
				       "path-depth allow" MIGRATE_TRUST_HINT,
				       tx->id, path.s);
	}
	return 0;
}

/* Quotas that can be counted only on the built domain. */
static int check_built(struct migrating *m)
{
	const struct client *c = &m->dom->conn->client;
	uint32_t limit = migrate_vet_limit(&m->vet, QUOTA_TX_NODES);
	struct migrate_nodes_sum sum;
	const struct tx *tx;

	list_for_each (tx, &c->txs, of_client) {
		if (limit && tx->nnodes > limit)
			return err_set(m->r.err, ENOSPC,
				       "domain %u has %u nodes in transaction "
				       "%u, quota transaction-nodes is %u",
				       m->dom->domid, tx->nnodes, tx->id,
				       limit);
		if (!m->vet.how->trust && check_paths(m, tx))
			return ENOSPC;
	}
	limit = migrate_vet_limit(&m->vet, QUOTA_MEMORY);
	migrate_nodes_sum(m->vet.nodes, &sum);
	if (limit && sum.own_memory + c->account->memory > limit)
		return err_set(m->r.err, ENOSPC,
			       "domain %u would use more memory than its "
			       "quota of %u",
			       m->dom->domid, limit);
	return migrate_rules_txs(m->vet.rules, c, m->r.err);
}

/* ---- the ring ---- */

static int attach(struct migrating *m)
{
	struct conn *c = m->dom->conn;
	int rc;

	c->frozen = false;
	rc = restore_ring(&m->r, c->restored);
	if (rc)
		return rc;
	if (!c->ring)
		return err_set(m->r.err, EIO,
			       "domain %u: cannot map its ring (grant entry 1)",
			       m->dom->domid);
	if (!c->port)
		return err_set(m->r.err, EIO,
			       "domain %u: port %u cannot be bound; if it has "
			       "another one here, name it",
			       m->dom->domid, c->remote_port);
	return 0;
}

/* Undoes what build() did. */
static void undo(struct migrating *m)
{
	struct daemon *d = m->r.d;

	d->conns.next_id = m->next_conn_id;
	memcpy(d->store->most, m->most, sizeof(m->most));
	if (!m->dom)
		return;
	if (m->dom->conn)
		m->dom->conn->restored = NULL;
	domain_disconnect(m->dom);
	if (!m->was_known) {
		domain_forget(d, m->dom);
		return;
	}
	list_del(&m->dom->all);
	list_add_before(m->behind, &m->dom->all);
}

/* ---- making it visible: nothing here can fail ---- */

/* Dooms the transaction unless this host has what it was based on. */
static void compare_base(const struct migrating *m, const struct base *b)
{
	const struct tree *t = m->r.d->store->tree;
	struct tx_node *n = b->n;
	uint32_t id = tx_node_committed(n);
	bool there = b->rec.flags & REC_TX_BASE_THERE;
	bool listed = n->did & (TX_LISTED | TX_DELETED);

	/* absent, or made equal: the commit checks it */
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

/* Whether the image has the base of every entry. */
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
	return true; /* without extensions: tx_restored() decides */
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
		/* it ends with EAGAIN, as after a conflict */
		if (tx_restored(tx))
			tx->doomed = true;
	}
}

/* Its limits and features, which vet.c has read. */
static void take_own(struct migrating *m)
{
	struct account *a = m->dom->conn->client.account;

	if (m->vet.any_features)
		domain_offer(m->dom, m->vet.features);
	if (!m->vet.any_limit)
		return;
	talloc_free(a->own);
	a->own = talloc_steal(a, m->limits);
}

static void finish(struct migrating *m)
{
	struct daemon *d = m->r.d;
	struct conn *c = m->dom->conn;

	fault_crash("migrate-attached");
	take_own(m);
	migrate_nodes_apply(
		m->vet.nodes); /* c->restored: the domain gets no events */
	fault_crash("migrate-applied");
	settle_transactions(m);
	take_target(m);
	/* saved while it was shut down; here it may run and shut down again */
	m->dom->shutdown = m->shutdown && domain_stopped(d, m->dom->domid);
	m->dom->restored = true;
	c->restored = NULL;
	domains_learn(d);
	log_line(d->log, LOG_EVENT,
		 "domain %u has been migrated here: %u nodes, %u watches, %u "
		 "transactions",
		 m->dom->domid, migrate_nodes_count(m->vet.nodes),
		 c->client.nwatches, c->client.ntxs);
	conn_ready(c, CONN_READY_IN | CONN_READY_OUT);
}

static int restore(struct migrating *m, const void *data, size_t len)
{
	int rc = migrate_vet(&m->vet, data, len, m->r.err);

	if (rc)
		return rc;
	m->limits = talloc_memdup(m, &m->vet.limits, sizeof(m->vet.limits));
	rc = m->limits ? migrate_nodes_ready(m->vet.nodes)
		       : apply_no_memory(&m->r);
	if (!rc)
		rc = read_records(m, data, len);
	if (!rc)
		rc = check_built(m);
	if (!rc)
		rc = attach(m);
	if (rc)
		undo(m);
	else
		finish(m);
	return rc;
}

int migrate_restore(struct daemon *d, const void *data, size_t len,
		    const struct migrate_how *how, struct err *err)
{
	struct migrating *m = talloc_zero(d, struct migrating);
	struct state_restored ret;
	int rc;

	if (!m)
		return err_set(err, ENOMEM, "no memory");
	memset(&ret, 0, sizeof(ret));
	m->r.d = d;
	m->r.err = err;
	m->r.ret = &ret;
	m->next_conn_id = d->conns.next_id;
	memcpy(m->most, d->store->most, sizeof(m->most));
	list_init(&m->r.conns);
	list_init(&m->bases);
	m->vet.d = d;
	m->vet.how = how;
	m->vet.nodes = migrate_nodes_new(m, &m->r, how->merge);
	rc = m->vet.nodes ? restore(m, data, len) : apply_no_memory(&m->r);
	talloc_free(m);
	return rc;
}
