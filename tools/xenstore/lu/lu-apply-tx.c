/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lu-apply-tx: open transactions; see lu-apply.h. */
#include "lu/lu-apply.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "store/transaction.h"
#include "transport/conn.h"

int lu_apply_tx(struct restore *r)
{
	const struct rec_tx *rec = &r->rec->tx;
	struct conn *c;
	struct tx *tx;
	int rc = lu_need_conn(r, rec->conn_id, &c);

	if (rc)
		return rc;
	rc = tx_restore(r->d->store, &c->client, rec->tx_id, &tx);
	if (rc)
		return err_set(r->err, rc, "tx-id %u: %s", rec->tx_id,
			       strerror(rc));
	tx->started_ms = host_call(r->d->host, now_ms);
	return 0;
}

int lu_apply_tx_state(struct restore *r)
{
	const struct rec_tx_state *rec = &r->rec->tx_state;
	struct tx *tx;
	int rc = lu_need_tx(r, rec->conn_id, rec->tx_id, &tx);

	if (rc)
		return rc;
	tx->doomed = rec->flags & REC_TX_DOOMED;
	tx->failed = rec->flags & REC_TX_FAILED;
	tx->started_ms -= rec->age_ms;
	tx->next_seq = rec->created_seq;
	return 0;
}

/* The entry of a transaction for a path, made when there is none. */
static int need_entry(struct restore *r, uint32_t conn_id, uint32_t tx_id,
		      const char *path, size_t size, struct tx_node **ret_node)
{
	size_t len = size - 1;
	struct tx *tx;
	int rc = lu_need_tx(r, conn_id, tx_id, &tx);

	if (rc)
		return rc;
	if (!path_valid(path, len))
		return err_set(r->err, EINVAL, "path %s is not valid", path);
	*ret_node = tx_node_find(tx, path, len);
	if (!*ret_node && tx_node_new(tx, path, len, ret_node))
		return lu_no_memory(r);
	return 0;
}

int lu_apply_pending(struct restore *r)
{
	const struct rec_node *rec = &r->rec->node;
	struct tx_node *n;
	int rc = need_entry(r, rec->conn_id, rec->tx_id, rec->path,
			    rec->path_len, &n);

	if (rc)
		return rc;
	if (n->perms || n->value)
		return err_set(r->err, EEXIST, "path %s comes twice",
			       rec->path);
	if (!n->did && rec->access != REC_NODE_READ)
		n->did = TX_UNPROVEN;
	if (rec->perm_count) {
		n->perms = lu_perms_of(r, rec->perms, rec->perm_count);
		if (!n->perms)
			return lu_no_memory(r);
	}
	if (rec->value_len) {
		if (tx_put_value(n->tx, n, rec->value, rec->value_len))
			return lu_no_memory(r);
	}
	return 0;
}

int lu_apply_tx_node(struct restore *r)
{
	const struct rec_tx_node *rec = &r->rec->tx_node;
	struct tx_node *n;
	int rc = need_entry(r, rec->conn_id, rec->tx_id, rec->path,
			    rec->path_len, &n);

	if (rc)
		return rc;
	n->did = rec->did | TX_BASED;
	n->created_seq = rec->created_seq;
	n->value_gen = rec->generation;
	n->children_gen = rec->children_generation;
	n->event_order = rec->event_order;
	return 0;
}

int lu_apply_tx_children(struct restore *r)
{
	const struct rec_tx_children *rec = &r->rec->tx_children;
	struct tx_node *n;
	int rc = need_entry(r, rec->conn_id, rec->tx_id, rec->path,
			    rec->path_len, &n);

	if (rc || !rec->names_len)
		return rc;
	return tx_put_seen(n->tx, n, rec->names, rec->names_len)
		       ? lu_no_memory(r)
		       : 0;
}
