/* SPDX-License-Identifier: GPL-2.0-or-later */
/* apply-tx: open transactions; see apply.h. */
#include "state/apply.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "base/array.h"
#include "store/transaction.h"
#include "store/tree.h"
#include "transport/conn.h"

/* TX_NODE and TX_ENTRY carry an entry's did bit for bit. */
#define SAME(bit) _Static_assert(REC_##bit == bit, #bit)
SAME(TX_VALUE);
SAME(TX_LISTED);
SAME(TX_ABSENT);
SAME(TX_WRITTEN);
SAME(TX_CREATED);
SAME(TX_DELETED);
SAME(TX_PARENT);
SAME(TX_FIRES);
SAME(TX_EXACT);
SAME(TX_WAS_OWN);
SAME(TX_IMPLIED);
_Static_assert(!(REC_TX_DID & (TX_BASED | TX_UNPROVEN)), "restore only");

int apply_tx(struct restore *r)
{
	uint32_t tx_id = r->rec->tx.tx_id;
	struct tx *tx;
	int rc = tx_restore(r->d->store, &r->conn->client, tx_id, &tx);

	if (rc)
		return err_set(r->err, rc, "tx-id %u: %s", tx_id, strerror(rc));
	tx->started_ms = host_call(r->d->host, now_ms);
	return 0;
}

int apply_tx_state(struct restore *r)
{
	const struct rec_tx_state *rec = &r->rec->tx_state;
	struct tx *tx;
	int rc = apply_need_tx(r, rec->conn_id, rec->tx_id, &tx);

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
	int rc = apply_need_tx(r, conn_id, tx_id, &tx);

	if (rc)
		return rc;
	if (!path_valid(path, len))
		return err_set(r->err, EINVAL, "path %s is not valid", path);
	*ret_node = tx_node_find(tx, path, len);
	if (!*ret_node && tx_node_new(tx, path, len, ret_node))
		return apply_no_memory(r);
	return 0;
}

/* path: the path or the name, for messages. */
static int put_content(struct restore *r, struct tx_node *n, const char *path,
		       const struct rec_perm *perms, uint32_t nperms,
		       const uint8_t *value, size_t value_len)
{
	if (apply_check_perms(r, path, perms, nperms))
		return EINVAL;
	if (nperms) {
		n->perms = apply_perms(r, perms, nperms);
		if (!n->perms)
			return apply_no_memory(r);
	}
	if (value_len && tx_put_value(n->tx, n, value, value_len))
		return apply_no_memory(r);
	return 0;
}

int apply_pending(struct restore *r)
{
	const struct rec_node *rec = &r->rec->node;
	struct tx_node *n;
	struct tx *tx;
	int rc = apply_need_tx(r, rec->conn_id, rec->tx_id, &tx);

	/* follows TX_ENTRY records, for readers that skip those */
	if (rc || tx == r->entries_tx)
		return rc;
	rc = need_entry(r, rec->conn_id, rec->tx_id, rec->path, rec->path_len,
			&n);
	if (rc)
		return rc;
	if (n->perms || n->value)
		return err_set(r->err, EEXIST, "path %s is there twice",
			       rec->path);
	if (!n->did && rec->access != REC_NODE_READ)
		n->did = TX_UNPROVEN;
	return put_content(r, n, rec->path, rec->perms, rec->perm_count,
			   rec->value, rec->value_len);
}

int apply_tx_node(struct restore *r)
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

int apply_tx_children(struct restore *r)
{
	const struct rec_tx_children *rec = &r->rec->tx_children;
	struct tx_node *n;
	int rc = need_entry(r, rec->conn_id, rec->tx_id, rec->path,
			    rec->path_len, &n);

	if (rc || !rec->names_len)
		return rc;
	return tx_put_seen(n->tx, n, rec->names, rec->names_len)
		       ? apply_no_memory(r)
		       : 0;
}

/* ---- by parent and name ---- */

static int remember_entry(struct restore *r, struct tx_node *n)
{
	if (!array_room(r, r->entries, r->nentries, r->entries_size))
		return apply_no_memory(r);
	r->entries[r->nentries++] = n;
	return 0;
}

/* The entry's place in the overlay; a record of the way may have made it. */
static int place_of(struct restore *r, struct tx *tx, struct tx_node **ret_node)
{
	const struct rec_tx_entry *rec = &r->rec->tx_entry;
	struct tree *t = r->d->store->tree;
	struct tx_node *up = tx->root, *n;
	size_t len = rec->name_len - 1u;
	struct name *name;

	if (rec->parent > r->nentries)
		return err_set(r->err, EINVAL,
			       "parent %u: the transaction has only %u records "
			       "before",
			       rec->parent, r->nentries);
	if (rec->parent)
		up = r->entries[rec->parent - 1];
	*ret_node = up;
	if (!len && !rec->parent && !(rec->flags & REC_TX_ENTRY_WAY))
		return 0;
	if (!path_name_valid(rec->name, len) ||
	    (up->up ? up->path_len : 0) + 1u + len > PATH_ABS_MAX)
		return err_set(r->err, EINVAL, "name %s is not valid",
			       rec->name);
	name = name_intern(t, rec->name, len);
	n = name ? tx_node_below(up, name) : NULL;
	if (n && (rec->flags & REC_TX_ENTRY_WAY)) {
		name_unref(t, name);
		return err_set(r->err, EEXIST, "name %s is there twice",
			       rec->name);
	}
	if (name && !n)
		n = tx_node_reach_below(up, name);
	name_unref(t, name);
	*ret_node = n;
	return n ? 0 : apply_no_memory(r);
}

int apply_tx_entry(struct restore *r)
{
	const struct rec_tx_entry *rec = &r->rec->tx_entry;
	struct tx_node *n = NULL;
	struct tx *tx;
	int rc = apply_need_tx(r, rec->conn_id, rec->tx_id, &tx);

	if (rc)
		return rc;
	if (r->entries_tx != tx)
		r->nentries = 0;
	r->entries_tx = tx;
	rc = place_of(r, tx, &n);
	if (!rc)
		rc = remember_entry(r, n);
	if (rc || (rec->flags & REC_TX_ENTRY_WAY))
		return rc;
	if (tx_touched(n))
		return err_set(r->err, EEXIST, "name %s is there twice",
			       rec->name);
	tx_node_enter(n);
	n->did = rec->did | TX_BASED;
	n->created_seq = rec->created_seq;
	n->value_gen = rec->generation;
	n->children_gen = rec->children_generation;
	n->event_order = rec->event_order;
	if (rec->names_len && tx_put_seen(tx, n, rec->names, rec->names_len))
		return apply_no_memory(r);
	return put_content(r, n, rec->name, rec->perms, rec->perm_count,
			   rec->value, rec->value_len);
}
