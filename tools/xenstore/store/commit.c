/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * commit: a transaction's entries checked against what is committed by now
 * and turned into one change list; the rules stand in transaction.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "store/node-size.h"
#include "store/path.h"
#include "store/transaction.h"
#include "store/tree.h"

/* True when what the entry was based on still holds. */
static bool entry_holds(const struct tree *t, const struct tx_node *n)
{
	uint32_t id = tree_find(t, n->path, n->path_len);
	const struct node *base;

	if (n->did & TX_ABSENT)
		return !id || tx_made_alike(n, node_perms(t, tree_node(t, id)));
	if (!id)
		return false;
	base = tree_node(t, id);
	if (n->did & (TX_VALUE | TX_WRITTEN | TX_DELETED | TX_CREATED)) {
		if (base->value_gen != n->value_gen)
			return false;
	} else if ((n->did & TX_PARENT) &&
		   !perms_equal(node_perms(t, base), n->perms)) {
		return false; /* what was created below has them */
	}
	return !(n->did & TX_LISTED) || base->children_gen == n->children_gen;
}

bool tx_entry_holds(const struct tx *tx, const struct tx_node *n)
{
	return entry_holds(tx->store->tree, n);
}

bool tx_merges(const struct tx_node *n)
{
	return (n->did & TX_IMPLIED) &&
	       tree_find(n->tx->store->tree, n->path, n->path_len);
}

int64_t tx_own_nodes(const struct tx *tx)
{
	int64_t own = tx->own_nodes;
	const struct tx_node *n;

	list_for_each (n, &tx->nodes, order)
		own -= tx_merges(n) &&
		       perms_owner(n->perms) == tx->client->cred.domid;
	return own;
}

void tx_doom_if_lost(struct tx *tx, const struct tx_node *n)
{
	if (!(n->did & TX_ABSENT) && !entry_holds(tx->store->tree, n))
		tx->doomed = true;
}

/* What it made hangs on something; an image could say otherwise. */
static bool has_parent(const struct tx *tx, const struct tx_node *n)
{
	const struct tx_node *up;

	if (!(n->did & TX_CREATED))
		return true;
	up = tx_node_find(tx, n->path, path_parent_len(n->path, n->path_len));
	return up && up->perms;
}

/*
 * What it adds to a node and what others have added meanwhile is no conflict,
 * unless both together are too much: tried again, it will be told so.
 */
static bool outgrown(const struct tx *tx, const struct tx_node *n)
{
	uint64_t size;

	if (tx->client->cred.privileged ||
	    (!(n->did & TX_WRITTEN) && list_empty(&n->created)))
		return false;
	size = node_size_committed(tx, n);
	return size &&
	       client_over(tx->store, tx->client, QUOTA_NODE_SIZE, size + 1);
}

static int tx_check(const struct tx *tx)
{
	const struct client *c = tx->client;
	const struct store *s = tx->store;
	const struct tx_node *n;
	int64_t own;

	if (tx->failed)
		return ENOMEM;
	if (tx->doomed)
		return EAGAIN;
	list_for_each (n, &tx->nodes, order) {
		if (!entry_holds(s->tree, n) || !has_parent(tx, n) ||
		    outgrown(tx, n))
			return EAGAIN;
	}
	own = tx_own_nodes(tx);
	if (own > 0 && client_over(tx->store, c, QUOTA_NODES,
				   c->account->nodes + (uint64_t)own))
		return ENOSPC;
	return 0;
}

static unsigned int entry_depth(const struct tx_node *n)
{
	return path_depth(n->path, n->path_len);
}

static int deepest_first(const void *a, const void *b)
{
	unsigned int x = entry_depth(*(const struct tx_node *const *)a);
	unsigned int y = entry_depth(*(const struct tx_node *const *)b);

	return x > y ? -1 : x < y;
}

static int parents_first(const void *a, const void *b)
{
	const struct tx_node *x = *(const struct tx_node *const *)a;
	const struct tx_node *y = *(const struct tx_node *const *)b;
	unsigned int dx = entry_depth(x), dy = entry_depth(y);

	if (dx != dy)
		return dx < dy ? -1 : 1;
	return x->created_seq < y->created_seq ? -1 : 1;
}

/* What watchers are told of an entry is in one change. */
static void set_event(struct change *c, const struct tx_node *n)
{
	c->fires = n->did & TX_FIRES;
	c->exact = n->did & TX_EXACT;
	c->order = n->event_order;
}

static bool is_deleted(const struct tx_node *n)
{
	return n->base_perms && (n->did & (TX_DELETED | TX_CREATED));
}

/*
 * Nothing is left behind below a node that goes.  That follows from the
 * listing it was deleted with, unless an image said otherwise.
 */
static bool children_go_too(const struct tx *tx, const struct tx_node *n,
			    uint32_t id)
{
	const struct tree *t = tx->store->tree;
	const struct tx_node *below;
	char path[PATH_SIZE];
	uint32_t child;

	for (child = tree_node(t, id)->first; child;
	     child = tree_node(t, child)->next) {
		below = tx_node_find(tx, path, tree_path(t, child, path));
		if (!below || !is_deleted(below))
			return false;
	}
	return n->path_len > 1;
}

static int add_delete(struct tx *tx, struct tx_node *n,
		      struct change_list *changes)
{
	uint32_t id = tree_find(tx->store->tree, n->path, n->path_len);
	struct change *c;

	if (!children_go_too(tx, n, id))
		return EAGAIN;
	c = change_delete(changes, n->path, n->path_len, id);
	if (!c)
		return ENOMEM;
	set_event(c, n);
	if (n->did & TX_CREATED)
		c->fires = false; /* its creation will */
	return 0;
}

static int add_create(struct tx *tx, struct tx_node *n,
		      struct change_list *changes)
{
	struct change *c =
		change_create(changes, n->path, n->path_len, NODE_NONE,
			      n->perms, n->value, n->value_len);

	(void)tx;
	if (!c)
		return ENOMEM;
	if (n->base_perms)
		c->before = perms_ref(n->base_perms);
	set_event(c, n);
	return 0;
}

static int add_write(struct tx *tx, struct tx_node *n,
		     struct change_list *changes)
{
	uint32_t id = tree_find(tx->store->tree, n->path, n->path_len);
	struct change *c = change_value(changes, n->path, n->path_len, id,
					n->value, n->value_len);

	if (!c)
		return ENOMEM;
	set_event(c, n);
	if (perms_equal(n->perms, n->base_perms))
		return 0;
	perms_unref(tx->store->perms, c->after);
	c->after = perms_ref(n->perms);
	c = change_perms(changes, n->path, n->path_len, id, n->perms);
	if (!c)
		return ENOMEM;
	c->fires = false;
	return 0;
}

static bool is_created(const struct tx_node *n)
{
	return (n->did & TX_CREATED) && !tx_merges(n);
}

static bool is_written(const struct tx_node *n)
{
	return (n->did & (TX_WRITTEN | TX_CREATED | TX_DELETED)) == TX_WRITTEN;
}

static int
add_sorted(struct tx *tx, struct change_list *changes, struct tx_node **sorted,
	   bool (*want)(const struct tx_node *),
	   int (*cmp)(const void *, const void *),
	   int (*add)(struct tx *, struct tx_node *, struct change_list *))
{
	struct tx_node *n;
	size_t count = 0, i;
	int rc = 0;

	list_for_each (n, &tx->nodes, order)
		if (want(n))
			sorted[count++] = n;
	if (cmp && count > 1)
		qsort(sorted, count, sizeof(struct tx_node *), cmp);
	for (i = 0; i < count && !rc; i++)
		rc = add(tx, sorted[i], changes);
	return rc;
}

int tx_commit(struct tx *tx, struct change_list *changes)
{
	struct tx_node **sorted;
	int rc = tx_check(tx);

	if (rc)
		return rc;
	sorted = talloc_array(changes, struct tx_node *, tx->nnodes + 1);
	if (!sorted)
		return ENOMEM;
	rc = add_sorted(tx, changes, sorted, is_deleted, deepest_first,
			add_delete);
	if (!rc)
		rc = add_sorted(tx, changes, sorted, is_created, parents_first,
				add_create);
	if (!rc)
		rc = add_sorted(tx, changes, sorted, is_written, NULL,
				add_write);
	talloc_free(sorted);
	return rc ? rc : change_prepare(changes);
}
