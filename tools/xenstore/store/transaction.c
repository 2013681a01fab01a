/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transaction: the overlay itself; see transaction.h.  Where entries are is
 * tx-node.c's, deleting stands in tx-delete.c, the commit in commit.c.  Called
 * by node.c and the restore.
 */
#include "store/transaction.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "store/disturb.h"
#include "store/path.h"
#include "store/memory.h"
#include "store/tree.h"

/* Ids are positive in 32 signed bits: ocaml-xenstore cannot read others. */
#define TX_ID_MAX INT32_MAX

static int tx_drop(struct tx *tx)
{
	tx->store->work += tx->nnodes;
	tx_node_free_all(tx);
	list_del(&tx->of_client);
	tx->client->ntxs--;
	tx->client->account->transactions--;
	tx->client->account->memory -= tx->memory;
	return 0;
}

static int tx_new(struct store *s, struct client *c, uint32_t id,
		  struct tx **ret_tx)
{
	struct tx *tx = talloc_zero(s, struct tx);

	if (!tx)
		return ENOMEM;
	tx->store = s;
	tx->client = c;
	tx->id = id;
	tx->next_seq = 1;
	tx->next_event = 1;
	list_init(&tx->all);
	list_init(&tx->nodes);
	tx->root = tx_node_root(tx);
	if (!tx->root) {
		talloc_free(tx);
		return ENOMEM;
	}
	list_add_tail(&c->txs, &tx->of_client);
	c->ntxs++;
	c->account->transactions++;
	tx_charge(tx, MEMORY_TX);
	talloc_set_destructor(tx, tx_drop);
	*ret_tx = tx;
	return 0;
}

struct tx *tx_find(const struct client *c, uint32_t id)
{
	struct tx *tx;

	list_for_each (tx, &c->txs, of_client)
		if (tx->id == id)
			return tx;
	return NULL;
}

int tx_start(struct store *s, struct client *c, uint64_t now_ms,
	     struct tx **ret_tx)
{
	uint32_t id = c->next_tx_id;
	int rc;

	while (!id || id > TX_ID_MAX || tx_find(c, id))
		id = id < TX_ID_MAX ? id + 1 : 1;
	rc = tx_new(s, c, id, ret_tx);
	if (rc)
		return rc;
	(*ret_tx)->started_ms = now_ms;
	c->next_tx_id = id + 1;
	return 0;
}

int tx_restore(struct store *s, struct client *c, uint32_t id,
	       struct tx **ret_tx)
{
	if (!id || tx_find(c, id))
		return EEXIST;
	return tx_new(s, c, id, ret_tx);
}

void tx_free(struct tx *tx)
{
	talloc_free(tx);
}

bool tx_gives_to(const struct tx *tx,
		 bool (*is_gone)(const void *arg, uint16_t domid),
		 const void *arg)
{
	const struct tx_node *n;

	/*
	 * An unprivileged client creates nodes only for itself.  A node that it
	 * writes can belong to the dead domain, but then the committed node
	 * does, too, and is gone at the commit.
	 */
	if (!tx->client->cred.privileged)
		return false;
	tx->store->work += tx->nnodes;
	list_for_each (n, &tx->nodes, order)
		if ((n->did & (TX_WRITTEN | TX_CREATED)) && n->perms &&
		    is_gone(arg, perms_owner(n->perms)))
			return true;
	return false;
}

/* ---- the content of an entry ---- */

/* Replaces *block with a copy of len bytes; cannot fail for len 0. */
static int put_bytes(struct tx *tx, void **block, size_t old_len,
		     const void *from, size_t len)
{
	struct pool *p = &tx->store->tx_pool;
	void *copy = NULL;

	if (len) {
		copy = pool_alloc(p, len);
		if (!copy)
			return ENOMEM;
		if (from)
			memcpy(copy, from, len);
	}
	pool_free(p, *block, old_len);
	*block = copy;
	tx_charge(tx, (int64_t)len - (int64_t)old_len);
	tx->store->work += len / 256;
	return 0;
}

int tx_put_value(struct tx *tx, struct tx_node *n, const uint8_t *value,
		 size_t len)
{
	void *block = n->value;
	int rc = put_bytes(tx, &block, n->value_len, value, len);

	if (rc)
		return rc;
	n->value = block;
	n->value_len = (uint16_t)len;
	return 0;
}

int tx_put_seen(struct tx *tx, struct tx_node *n, const char *names, size_t len)
{
	void *block = n->seen;
	int rc = put_bytes(tx, &block, n->seen_len, names, len);

	if (rc)
		return rc;
	n->seen = block;
	n->seen_len = (uint32_t)len;
	return 0;
}

static void count_own(struct tx *tx, const struct perms *p, int by)
{
	if (p && perms_owner(p) == tx->client->cred.domid)
		tx->own_nodes += by;
}

void tx_put_perms(struct tx_node *n, struct perms *perms)
{
	count_own(n->tx, n->perms, -1);
	count_own(n->tx, perms, 1);
	perms_unref(n->tx->store->perms, n->perms);
	n->perms = perms;
}

void tx_put_did(struct tx_node *n, uint32_t did)
{
	bool before = tx_deletes(n), now;

	n->did = did;
	now = tx_deletes(n);
	if (now && !before)
		n->up->gone_bytes += n->name->len + 1u;
	else if (before && !now)
		n->up->gone_bytes -= n->name->len + 1u;
}

void tx_imply(struct tx_node *n)
{
	n->did |= TX_IMPLIED;
	n->tx->merged_at = 0;
}

void tx_ask(struct tx_node *n)
{
	if (!(n->did & TX_IMPLIED))
		return;
	n->did &= ~TX_IMPLIED;
	n->tx->merged_at = 0;
}

/* ---- touching ---- */

/*
 * The committed node at the entry's path is visible unless the transaction
 * deleted or created a node above it, or saw that one was missing.  The nearest
 * touched entry above decides: all below a missing node is missing, and all
 * below a created node was created, too.
 */
static bool base_visible(const struct tx_node *n)
{
	const struct tx_node *up = n->up;

	while (up && !tx_touched(up))
		up = up->up;
	return !up || (up->perms && !(up->did & TX_CREATED));
}

static int load_base(struct tx_node *n, uint32_t id, bool bare)
{
	struct tree *t = n->tx->store->tree;
	const struct node *base;
	int rc;

	if (!id) {
		n->did = TX_ABSENT;
		return 0;
	}
	base = tree_node(t, id);
	if (!bare) {
		rc = tx_put_value(n->tx, n, node_value(base), base->value_len);
		if (rc)
			return rc;
	}
	n->value_gen = base->value_gen;
	n->children_gen = base->children_gen;
	n->perms = perms_ref(node_perms(t, base));
	n->base_perms = perms_ref(n->perms);
	if (perms_owner(n->perms) == n->tx->client->cred.domid)
		n->did = TX_WAS_OWN;
	return 0;
}

int tx_touch_entry(struct tx_node *n, bool bare)
{
	struct tx *tx = n->tx;
	struct store *s = tx->store;
	uint32_t id = NODE_NONE;
	size_t more = 0;
	int rc;

	if (tx_touched(n))
		return 0;
	if (base_visible(n))
		id = tx_node_committed(n);
	if (id && !bare)
		more = tree_node(s->tree, id)->value_len;
	if (client_over(s, tx->client, QUOTA_TX_NODES, tx->nnodes + 1ull) ||
	    client_over_memory(s, tx->client, more))
		return ENOSPC;
	s->work++;
	tx_node_enter(n);
	rc = load_base(n, id, bare);
	if (!rc)
		return 0;
	/* no incomplete entries */
	tx->failed = true;
	tx_node_exit(n);
	return rc;
}

/* Touches an entry that may be new; ENOMEM for NULL. */
static int touch_new(struct tx *tx, struct tx_node *n,
		     struct tx_node **ret_node)
{
	int rc;

	if (!n) {
		tx->failed = true;
		return ENOMEM;
	}
	rc = tx_touch_entry(n, false);
	if (rc)
		tx_node_prune(n);
	else
		*ret_node = n;
	return rc;
}

/* New entries are charged before tx_touch_entry() checks the quota. */
int tx_touch(struct tx *tx, const char *path, size_t len,
	     struct tx_node **ret_node)
{
	return touch_new(tx, tx_node_reach(tx, path, len), ret_node);
}

int tx_touch_below(struct tx_node *up, const char *name, size_t len,
		   struct tx_node **ret_node)
{
	struct tree *t = up->tx->store->tree;
	struct name *s = name_intern(t, name, len);
	struct tx_node *n = s ? tx_node_reach_below(up, s) : NULL;

	name_unref(t, s);
	return touch_new(up->tx, n, ret_node);
}

int tx_node_new(struct tx *tx, const char *path, size_t len,
		struct tx_node **ret_node)
{
	struct tx_node *n = tx_node_reach(tx, path, len);

	if (!n)
		return ENOMEM;
	tx_node_enter(n);
	*ret_node = n;
	return 0;
}

int tx_list(struct tx *tx, struct tx_node *n)
{
	struct tree *t = tx->store->tree;
	const struct node *base;
	uint32_t id;
	char *p;

	if ((n->did & TX_LISTED) || !n->base_perms || (n->did & TX_CREATED))
		return 0;
	id = tx_node_committed(n);
	if (!id) {
		/* deleted since it was first touched: cannot commit */
		tx->doomed = true;
		return 0;
	}
	base = tree_node(t, id);
	if (client_over_memory(tx->store, tx->client, base->child_bytes))
		return ENOSPC;
	if (tx_put_seen(tx, n, NULL, base->child_bytes)) {
		tx->failed = true;
		return ENOMEM;
	}
	p = n->seen;
	for (id = base->first; id; id = tree_node(t, id)->next) {
		const struct name *name = tree_node(t, id)->name;

		memcpy(p, name->s, name->len + 1u);
		p += name->len + 1u;
		tx->store->work++;
	}
	n->children_gen = base->children_gen;
	n->did |= TX_LISTED;
	return 0;
}

int tx_link_created(struct tx_node *n)
{
	int rc = tx_touch_entry(n->up, false);

	if (rc)
		return rc;
	n->up->did |= TX_PARENT;
	list_del(&n->sibling);
	list_add_tail(&n->up->created, &n->sibling);
	return 0;
}

void tx_mark_fires(struct tx_node *n, bool exact)
{
	if (!(n->did & TX_FIRES)) {
		n->event_order = n->tx->next_event++;
		n->did |= TX_FIRES | (exact ? TX_EXACT : 0);
	} else if (!exact) {
		n->did &= ~TX_EXACT;
	}
}

int tx_create(struct tx *tx, struct tx_node *n, struct perms *perms,
	      const uint8_t *value, size_t value_len)
{
	int rc = tx_put_value(tx, n, value, value_len);

	if (!rc)
		rc = tx_link_created(n);
	if (rc) {
		(void)!tx_put_value(tx, n, NULL, 0); /* cannot fail */
		perms_unref(tx->store->perms, perms);
		tx->failed |= rc == ENOMEM;
		return rc;
	}
	tx_put_perms(n, perms);
	tx_put_did(n, (n->did & ~TX_DELETED) | TX_CREATED);
	n->created_seq = tx->next_seq++;
	tx_doom_if_lost(tx, n->up);
	tx_doom_if_lost(tx, n);
	return 0;
}

int tx_set_value(struct tx *tx, struct tx_node *n, const uint8_t *value,
		 size_t value_len)
{
	int rc = tx_put_value(tx, n, value, value_len);

	if (rc) {
		tx->failed = true;
		return rc;
	}
	n->did |= TX_WRITTEN;
	tx_doom_if_lost(tx, n);
	tx_mark_fires(n, false);
	return 0;
}

void tx_set_perms(struct tx *tx, struct tx_node *n, struct perms *perms)
{
	tx_put_perms(n, perms);
	n->did |= TX_WRITTEN;
	tx_doom_if_lost(tx, n);
	tx_mark_fires(n, false);
}
