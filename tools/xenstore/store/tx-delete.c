/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tx-delete: deletes a node with all below it, as the transaction sees it; see
 * tx_delete() in transaction.h.
 */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "base/array.h"
#include "store/transaction.h"
#include "store/tree.h"

/* The entries to delete. */
struct doomed {
	struct tx *tx;
	struct tx_node **node;
	size_t n, size;
	uint32_t before; /* tx->nnodes at the start */
};

static int doomed_add(struct doomed *d, struct tx_node *n)
{
	if (!array_room(d->tx, d->node, d->n, d->size))
		return ENOMEM;
	d->node[d->n++] = n;
	d->tx->store->work++;
	return 0;
}

/* Leaves out deleted nodes, and created ones, which are in a list. */
static int doomed_add_seen(struct doomed *d, struct tx_node *n)
{
	return !n->perms || (n->did & TX_CREATED) ? 0 : doomed_add(d, n);
}

/* Adds the children of a node that was listed, by the names seen. */
static int add_names(struct doomed *d, struct tx_node *up)
{
	const char *name = up->seen, *end = name + up->seen_len;
	struct tx_node *n;
	size_t len;
	int rc = 0;

	for (; !rc && name && name < end; name += len + 1) {
		len = strlen(name);
		rc = tx_touch_below(up, name, len, &n);
		if (!rc)
			rc = doomed_add_seen(d, n);
	}
	return rc;
}

/*
 * Adds the committed children of a node that was not listed.  Values and names
 * are not copied, since nobody will see them again.
 */
static int add_committed(struct doomed *d, struct tx_node *up)
{
	struct store *s = d->tx->store;
	uint32_t id = tx_node_committed(up);
	struct tx_node *n;
	int rc = 0;

	if (!id) {
		/* deleted since it was first touched: cannot commit */
		d->tx->doomed = true;
		return 0;
	}
	for (id = tree_node(s->tree, id)->first; id && !rc;
	     id = tree_node(s->tree, id)->next) {
		struct name *name = tree_node(s->tree, id)->name;

		n = tx_node_reach_below(up, name);
		if (!n)
			return ENOMEM;
		tx_node_committed_is(n, id);
		rc = tx_touch_entry(n, true);
		if (rc)
			tx_node_prune(n);
		else
			rc = doomed_add_seen(d, n);
	}
	return rc;
}

static bool not_listed(const struct tx_node *n)
{
	return n->base_perms && !(n->did & (TX_LISTED | TX_CREATED));
}

/* Adds all that the transaction sees below the entries, breadth first. */
static int doomed_collect(struct doomed *d)
{
	size_t i;
	int rc;

	for (i = 0; i < d->n; i++) {
		struct tx_node *up = d->node[i], *n;

		rc = not_listed(up) ? add_committed(d, up) : add_names(d, up);
		if (rc)
			return rc;
		list_for_each (n, &up->created, sibling) {
			rc = doomed_add(d, n);
			if (rc)
				return rc;
		}
	}
	return 0;
}

/* Removes the entries that were touched here; they have no value. */
static void doomed_undo(struct doomed *d)
{
	while (d->tx->nnodes > d->before)
		tx_node_leave(
			list_entry(d->tx->nodes.prev, struct tx_node, order));
}

static void delete_entry(struct tx_node *n, bool top)
{
	uint32_t did = n->did, id;

	/* deleting depends on all children */
	if (not_listed(n)) {
		id = tx_node_committed(n);
		if (id)
			n->children_gen =
				tree_node(n->tx->store->tree, id)->children_gen;
		did |= id ? TX_LISTED : 0;
	}
	tx_ask(n);
	list_del(&n->sibling);
	tx_put_perms(n, NULL);
	/* cannot fail; the names seen are of deleted entries */
	(void)!tx_put_value(n->tx, n, NULL, 0);
	(void)!tx_put_seen(n->tx, n, NULL, 0);
	n->created_seq = 0;
	did &= ~(TX_CREATED | TX_WRITTEN | TX_IMPLIED);
	if (n->base_perms) {
		tx_put_did(n, did | TX_DELETED);
		tx_mark_fires(n, !top);
	} else {
		/* created and deleted inside: fires nothing */
		tx_put_did(n, did & ~(TX_FIRES | TX_EXACT));
	}
}

int tx_delete(struct tx *tx, struct tx_node *n)
{
	struct doomed d = {.tx = tx, .before = tx->nnodes};
	size_t i;
	int rc;

	rc = doomed_add(&d, n);
	if (!rc)
		rc = doomed_collect(&d);
	if (rc)
		doomed_undo(&d);
	else
		for (i = 0; i < d.n; i++)
			delete_entry(d.node[i], i == 0);
	if (rc == ENOMEM)
		tx->failed = true;
	talloc_free(d.node);
	return rc;
}
