/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * commit: checks a transaction's entries against the committed nodes and turns
 * them into one change list; transaction.h has the rules.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "store/node-size.h"
#include "store/transaction.h"
#include "store/tree.h"

bool tx_entry_holds(struct tx_node *n)
{
	const struct tree *t = n->tx->store->tree;
	uint32_t id = tx_node_committed(n);
	const struct node *base;

	n->tx->store->work++;
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
		return false; /* its new children have inherited them */
	}
	return !(n->did & TX_LISTED) || base->children_gen == n->children_gen;
}

bool tx_merges(struct tx_node *n)
{
	return (n->did & TX_IMPLIED) && tx_node_committed(n);
}

int64_t tx_own_nodes(struct tx *tx)
{
	uint64_t now = tx->store->generation + 1;
	struct tx_node *n;

	/* cached: called by every request of a client near its quota */
	if (tx->merged_at != now) {
		tx->merged = 0;
		list_for_each (n, &tx->nodes, order)
			tx->merged +=
				tx_merges(n) &&
				perms_owner(n->perms) == tx->client->cred.domid;
		tx->merged_at = now;
		tx->store->work += tx->nnodes;
	}
	return tx->own_nodes - tx->merged;
}

void tx_doom_if_lost(struct tx *tx, struct tx_node *n)
{
	if (!(n->did & TX_ABSENT) && !tx_entry_holds(n))
		tx->doomed = true;
}

/* A created node has a parent that was there before; an image might not. */
static bool has_parent(const struct tx_node *n)
{
	const struct tx_node *up = n->up;

	if (!(n->did & TX_CREATED))
		return true;
	return tx_touched(up) && up->perms &&
	       (!(up->did & TX_CREATED) || up->created_seq < n->created_seq);
}

/*
 * Children that it adds to a node and those that others have added are no
 * conflict, unless both together exceed node-size.  EAGAIN then makes the
 * client try again, and it gets the proper error.
 */
static bool outgrown(const struct tx *tx, struct tx_node *n)
{
	uint64_t size;

	if (tx->client->cred.privileged ||
	    (!(n->did & TX_WRITTEN) && list_empty(&n->created)))
		return false;
	size = node_size_committed(n);
	return size &&
	       client_over(tx->store, tx->client, QUOTA_NODE_SIZE, size + 1);
}

static bool is_deleted(struct tx_node *n)
{
	return tx_deletes(n);
}

static bool is_created(struct tx_node *n)
{
	return (n->did & TX_CREATED) && !tx_merges(n);
}

static bool is_written(struct tx_node *n)
{
	return (n->did & (TX_WRITTEN | TX_CREATED | TX_DELETED)) == TX_WRITTEN;
}

/* An entry and the key that it is sorted by. */
struct sorted {
	uint64_t key;
	struct tx_node *n;
};

struct committing {
	struct tx *tx;
	struct change_list *changes;
	size_t deletes, creates, writes; /* entries; one may be both */
	struct sorted *sorted;		 /* room for all entries */
	struct tx_path path;
};

static uint64_t deepest_first(const struct tx_node *n)
{
	return UINT64_MAX - n->depth;
}

static uint64_t in_order_made(const struct tx_node *n)
{
	return n->created_seq;
}

static int by_key(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

/* One of an entry's changes fires the watches. */
static void set_event(struct change *c, const struct tx_node *n)
{
	c->fires = n->did & TX_FIRES;
	c->exact = n->did & TX_EXACT;
	c->order = n->event_order;
}

/*
 * A deleted node must leave no child behind.  The listing that it was deleted
 * with makes sure of that, unless the entry comes from an image.
 */
static bool children_go_too(struct tx_node *n, uint32_t id)
{
	const struct tree *t = n->tx->store->tree;
	const struct tx_node *below;
	uint32_t child;

	for (child = tree_node(t, id)->first; child;
	     child = tree_node(t, child)->next) {
		below = tx_node_below(n, tree_node(t, child)->name);
		if (!below || !tx_deletes(below))
			return false;
	}
	return n->up != NULL;
}

static int add_delete(struct committing *m, struct tx_node *n)
{
	uint32_t id = tx_node_committed(n);
	struct change *c;

	if (!children_go_too(n, id))
		return EAGAIN;
	c = change_delete(m->changes, m->path.s, tx_node_path(&m->path, n), id);
	if (!c)
		return ENOMEM;
	set_event(c, n);
	if (n->did & TX_CREATED)
		c->fires = false; /* the creation fires */
	return 0;
}

static int add_create(struct committing *m, struct tx_node *n)
{
	bool new_up = is_created(n->up);
	struct change *c = change_create_named(
		m->changes, m->path.s, tx_node_path(&m->path, n),
		new_up ? NODE_NONE : tx_node_committed(n->up), n->name,
		n->perms, n->value, n->value_len);

	if (!c)
		return ENOMEM;
	if (new_up)
		c->maker = n->up->change;
	n->change = c;
	if (n->base_perms)
		c->before = perms_ref(n->base_perms);
	set_event(c, n);
	return 0;
}

static int add_write(struct committing *m, struct tx_node *n)
{
	struct perms_table *perms = m->tx->store->perms;
	uint32_t id = tx_node_committed(n);
	size_t len = tx_node_path(&m->path, n);
	struct change *c = change_value(m->changes, m->path.s, len, id,
					n->value, n->value_len);

	if (!c)
		return ENOMEM;
	set_event(c, n);
	if (perms_equal(n->perms, n->base_perms))
		return 0;
	perms_unref(perms, c->after);
	c->after = perms_ref(n->perms);
	c = change_perms(m->changes, m->path.s, len, id, n->perms);
	if (!c)
		return ENOMEM;
	c->fires = false;
	return 0;
}

/* Checks and counts all entries.  Returns 0, EAGAIN, ENOSPC or ENOMEM. */
static int check(struct committing *m)
{
	struct tx *tx = m->tx;
	const struct client *c = tx->client;
	struct tx_node *n;
	int64_t own;

	if (tx->failed)
		return ENOMEM;
	if (tx->doomed)
		return EAGAIN;
	list_for_each (n, &tx->nodes, order) {
		if (!tx_entry_holds(n) || !has_parent(n) || outgrown(tx, n))
			return EAGAIN;
		m->deletes += is_deleted(n);
		m->creates += is_created(n);
		m->writes += is_written(n);
	}
	if (c->cred.privileged)
		return 0;
	own = tx_own_nodes(tx);
	if (own > 0 && client_over(tx->store, c, QUOTA_NODES,
				   c->account->nodes + (uint64_t)own))
		return ENOSPC;
	return 0;
}

/* Sorts by key.  Most are in order, except leaves touched before parents. */
static void sort(struct sorted *s, size_t n)
{
	size_t moves = 0, i, at;
	struct sorted one;

	for (i = 1; i < n; i++) {
		one = s[i];
		for (at = i; at && s[at - 1].key > one.key; at--)
			s[at] = s[at - 1];
		s[at] = one;
		moves += i - at;
		if (moves > 8 * n) {
			qsort(s, n, sizeof(*s), by_key);
			return;
		}
	}
}

/* Turns the `count` wanted entries into changes, sorted by key. */
static int add_sorted(struct committing *m, size_t count,
		      bool (*want)(struct tx_node *),
		      uint64_t (*key)(const struct tx_node *),
		      int (*add)(struct committing *, struct tx_node *))
{
	/* deleted entries were mostly touched parents first */
	bool backward = key == deepest_first;
	const struct list *at = &m->tx->nodes;
	struct sorted *to = m->sorted;
	size_t i = 0;
	int rc = 0;

	while (i < count) {
		at = backward ? at->prev : at->next;
		to[i].n = list_entry(at, struct tx_node, order);
		if (!want(to[i].n))
			continue;
		to[i].key = key ? key(to[i].n) : 0;
		i++;
	}
	sort(to, count);
	m->tx->store->work += count;
	for (i = 0; i < count && !rc; i++)
		rc = add(m, to[i].n);
	return rc;
}

static int add_all(struct committing *m)
{
	int rc = add_sorted(m, m->deletes, is_deleted, deepest_first,
			    add_delete);

	if (!rc)
		rc = add_sorted(m, m->creates, is_created, in_order_made,
				add_create);
	if (!rc)
		rc = add_sorted(m, m->writes, is_written, NULL, add_write);
	return rc;
}

int tx_commit(struct tx *tx, struct change_list *changes)
{
	struct committing *m = talloc(changes, struct committing);
	int rc;

	if (!m)
		return ENOMEM;
	m->tx = tx;
	m->changes = changes;
	m->deletes = m->creates = m->writes = 0;
	m->path.up = NULL;
	rc = check(m);
	if (!rc) {
		m->sorted = talloc_array(m, struct sorted, tx->nnodes + 1);
		rc = m->sorted ? add_all(m) : ENOMEM;
	}
	talloc_free(m);
	return rc ? rc : change_prepare(changes);
}
