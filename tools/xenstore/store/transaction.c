/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transaction: the overlay itself; see transaction.h.  The commit stands in
 * commit.c.  Called by node.c and the restore.
 */
#include "store/transaction.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "store/disturb.h"
#include "store/path.h"
#include "store/tree.h"

/* Ids are positive in 32 signed bits: ocaml-xenstore cannot read others. */
#define TX_ID_MAX INT32_MAX

static int tx_drop(struct tx *tx)
{
	struct perms_table *pt = tx->store->perms;
	struct tx_node *n;

	list_for_each (n, &tx->nodes, order) {
		disturb_del(tx->store, n);
		perms_unref(pt, n->perms);
		perms_unref(pt, n->base_perms);
	}
	list_del(&tx->of_client);
	tx->client->ntxs--;
	tx->client->account->transactions--;
	tx->client->account->memory -= tx->memory;
	return 0;
}

static void charge(struct tx *tx, int64_t by)
{
	tx->memory += (uint64_t)by;
	tx->client->account->memory += (uint64_t)by;
}

static int tx_new(struct store *s, struct client *c, uint32_t id,
		  struct tx **ret_tx)
{
	struct tx *tx = talloc_zero(s, struct tx);

	if (!tx)
		return ENOMEM;
	tx->tab = htab_new(tx);
	if (!tx->tab) {
		talloc_free(tx);
		return ENOMEM;
	}
	tx->store = s;
	tx->client = c;
	tx->id = id;
	tx->next_seq = 1;
	tx->next_event = 1;
	list_init(&tx->nodes);
	list_add_tail(&c->txs, &tx->of_client);
	c->ntxs++;
	c->account->transactions++;
	charge(tx, MEMORY_TX);
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

bool tx_gives_to(const struct tx *tx, uint16_t domid)
{
	const struct tx_node *n;

	list_for_each (n, &tx->nodes, order)
		if ((n->did & (TX_WRITTEN | TX_CREATED)) && n->perms &&
		    perms_owner(n->perms) == domid)
			return true;
	return false;
}

/* ---- entries ---- */

static uint32_t tx_hash(const struct tx *tx, const char *path, size_t len)
{
	return (uint32_t)hash_keyed(&tx->store->key, path, len);
}

struct tx_node *tx_node_find(const struct tx *tx, const char *path, size_t len)
{
	uint32_t hash = tx_hash(tx, path, len);
	struct hlink *l = htab_chain(tx->tab, hash);

	for (; l; l = l->next) {
		struct tx_node *n = (struct tx_node *)(void *)l;

		if (l->hash == hash && n->path_len == len &&
		    !memcmp(n->path, path, len))
			return n;
	}
	return NULL;
}

int tx_node_new(struct tx *tx, const char *path, size_t len,
		struct tx_node **ret_node)
{
	struct tx_node *n = talloc_zero_size(tx, sizeof(*n) + len + 1);

	if (!n)
		return ENOMEM;
	n->path_len = (uint16_t)len;
	memcpy(n->path, path, len);
	list_init(&n->sibling);
	list_init(&n->created);
	n->link.hash = tx_hash(tx, path, len);
	htab_insert(tx->tab, &n->link);
	n->tx = tx;
	disturb_add(tx->store, n);
	list_add_tail(&tx->nodes, &n->order);
	tx->nnodes++;
	charge(tx, (int64_t)tx_node_memory(len, 0));
	*ret_node = n;
	return 0;
}

/*
 * Whether what is committed at path can be seen: not when the transaction
 * deleted or made one of the nodes above it, or saw that it was not there.
 */
static bool base_visible(const struct tx *tx, const char *path, size_t len)
{
	while ((len = path_parent_len(path, len))) {
		const struct tx_node *n = tx_node_find(tx, path, len);

		if (n && (!n->perms || (n->did & TX_CREATED)))
			return false;
	}
	return true;
}

int tx_put_value(struct tx *tx, struct tx_node *n, const uint8_t *value,
		 size_t len)
{
	uint8_t *copy = NULL;

	if (len) {
		copy = talloc_memdup(n, value, len);
		if (!copy)
			return ENOMEM;
	}
	talloc_free(n->value);
	charge(tx, (int64_t)len - n->value_len);
	n->value = copy;
	n->value_len = (uint16_t)len;
	return 0;
}

int tx_put_seen(struct tx *tx, struct tx_node *n, const char *names, size_t len)
{
	char *copy = talloc_size(n, len + 1);

	if (!copy)
		return ENOMEM;
	if (names && len)
		memcpy(copy, names, len);
	talloc_free(n->seen);
	charge(tx, (int64_t)len - n->seen_len);
	n->seen = copy;
	n->seen_len = (uint32_t)len;
	return 0;
}

static int load_base(struct tx *tx, struct tx_node *n)
{
	struct tree *t = tx->store->tree;
	const struct node *base;
	uint32_t id = NODE_NONE;
	int rc;

	if (base_visible(tx, n->path, n->path_len))
		id = tree_find(t, n->path, n->path_len);
	if (!id) {
		n->did = TX_ABSENT;
		return 0;
	}
	base = tree_node(t, id);
	rc = tx_put_value(tx, n, node_value(base), base->value_len);
	if (rc)
		return rc;
	n->value_gen = base->value_gen;
	n->children_gen = base->children_gen;
	n->perms = perms_ref(node_perms(t, base));
	n->base_perms = perms_ref(n->perms);
	if (perms_owner(n->perms) == tx->client->cred.domid)
		n->did = TX_WAS_OWN;
	return 0;
}

size_t tx_touch_memory(const struct tx *tx, const char *path, size_t len)
{
	const struct tree *t = tx->store->tree;
	uint32_t id = tree_find(t, path, len);

	return tx_node_memory(len, id ? tree_node(t, id)->value_len : 0);
}

int tx_touch(struct tx *tx, const char *path, size_t len,
	     struct tx_node **ret_node)
{
	struct tx_node *n = tx_node_find(tx, path, len);
	int rc;

	if (!n) {
		if (client_over(tx->store, tx->client, QUOTA_TX_NODES,
				tx->nnodes + 1ull) ||
		    client_over_memory(tx->store, tx->client,
				       tx_touch_memory(tx, path, len)))
			return ENOSPC;
		rc = tx_node_new(tx, path, len, &n);
		if (!rc)
			rc = load_base(tx, n);
		if (rc) {
			tx->failed = true;
			return rc;
		}
	}
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
	id = tree_find(t, n->path, n->path_len);
	if (!id) {
		/* gone since it was first touched: this cannot commit */
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
	}
	n->children_gen = base->children_gen;
	n->did |= TX_LISTED;
	return 0;
}

int tx_link_created(struct tx *tx, struct tx_node *n)
{
	size_t up = path_parent_len(n->path, n->path_len);
	struct tx_node *parent;
	int rc;

	rc = tx_touch(tx, n->path, up, &parent);
	if (rc)
		return rc;
	parent->did |= TX_PARENT;
	list_del(&n->sibling);
	list_add_tail(&parent->created, &n->sibling);
	return 0;
}

static void count_own(struct tx *tx, const struct perms *p, int by)
{
	if (p && perms_owner(p) == tx->client->cred.domid)
		tx->own_nodes += by;
}

static void put_perms(struct tx *tx, struct tx_node *n, struct perms *perms)
{
	count_own(tx, n->perms, -1);
	count_own(tx, perms, 1);
	perms_unref(tx->store->perms, n->perms);
	n->perms = perms;
}

static void mark_fires(struct tx *tx, struct tx_node *n, bool exact)
{
	if (!(n->did & TX_FIRES)) {
		n->event_order = tx->next_event++;
		n->did |= TX_FIRES | (exact ? TX_EXACT : 0);
	} else if (!exact) {
		n->did &= ~TX_EXACT;
	}
}

void tx_fires(struct tx *tx, struct tx_node *n)
{
	mark_fires(tx, n, false);
}

int tx_create(struct tx *tx, struct tx_node *n, struct perms *perms,
	      const uint8_t *value, size_t value_len)
{
	int rc = tx_put_value(tx, n, value, value_len);

	if (!rc)
		rc = tx_link_created(tx, n);
	if (rc) {
		(void)!tx_put_value(tx, n, NULL, 0); /* less cannot fail */
		perms_unref(tx->store->perms, perms);
		tx->failed |= rc == ENOMEM;
		return rc;
	}
	put_perms(tx, n, perms);
	n->did = (n->did & ~TX_DELETED) | TX_CREATED;
	n->created_seq = tx->next_seq++;
	tx_doom_if_lost(tx,
			tx_node_find(tx, n->path,
				     path_parent_len(n->path, n->path_len)));
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
	mark_fires(tx, n, false);
	return 0;
}

void tx_set_perms(struct tx *tx, struct tx_node *n, struct perms *perms)
{
	put_perms(tx, n, perms);
	n->did |= TX_WRITTEN;
	tx_doom_if_lost(tx, n);
	mark_fires(tx, n, false);
}

/* ---- deleting ---- */

struct doomed {
	struct tx_node **node;
	size_t n, size;
};

static int doomed_add(struct tx *tx, struct doomed *d, struct tx_node *n)
{
	if (d->n == d->size) {
		size_t size = d->size ? d->size * 2 : 16;
		struct tx_node **node =
			talloc_realloc_size(tx, d->node, size * sizeof(*node));

		if (!node)
			return ENOMEM;
		d->node = node;
		d->size = size;
	}
	d->node[d->n++] = n;
	return 0;
}

static int doomed_add_name(struct tx *tx, struct doomed *d,
			   const struct tx_node *up, const char *name)
{
	size_t len = up->path_len == 1 ? 0 : up->path_len;
	size_t name_len = strlen(name);
	char path[PATH_SIZE];
	struct tx_node *n;
	int rc;

	if (len + 1 + name_len > PATH_ABS_MAX)
		return EINVAL;
	memcpy(path, up->path, len);
	path[len] = '/';
	memcpy(path + len + 1, name, name_len);
	rc = tx_touch(tx, path, len + 1 + name_len, &n);
	if (rc || !n->perms || (n->did & TX_CREATED))
		return rc; /* gone already, or on the created list */
	return doomed_add(tx, d, n);
}

/* All that the transaction sees below the entries in d, breadth first. */
static int doomed_collect(struct tx *tx, struct doomed *d)
{
	size_t i;
	int rc;

	for (i = 0; i < d->n; i++) {
		struct tx_node *up = d->node[i], *n;
		const char *name;

		rc = tx_list(tx, up);
		if (rc)
			return rc;
		for (name = up->seen; name && name < up->seen + up->seen_len;
		     name += strlen(name) + 1) {
			rc = doomed_add_name(tx, d, up, name);
			if (rc)
				return rc;
		}
		list_for_each (n, &up->created, sibling) {
			rc = doomed_add(tx, d, n);
			if (rc)
				return rc;
		}
	}
	return 0;
}

static void delete_entry(struct tx *tx, struct tx_node *n, bool top)
{
	list_del(&n->sibling);
	put_perms(tx, n, NULL);
	(void)!tx_put_value(tx, n, NULL, 0); /* less cannot fail */
	n->created_seq = 0;
	n->did &= ~(TX_CREATED | TX_WRITTEN | TX_IMPLIED);
	if (n->base_perms) {
		n->did |= TX_DELETED;
		mark_fires(tx, n, !top);
	} else {
		/* came and went inside: nobody else ever saw it */
		n->did &= ~(TX_FIRES | TX_EXACT);
	}
}

int tx_delete(struct tx *tx, struct tx_node *n)
{
	struct doomed d = {0};
	size_t i;
	int rc;

	rc = doomed_add(tx, &d, n);
	if (!rc)
		rc = doomed_collect(tx, &d);
	if (!rc)
		for (i = 0; i < d.n; i++)
			delete_entry(tx, d.node[i], i == 0);
	else if (rc == ENOMEM)
		tx->failed = true;
	talloc_free(d.node);
	return rc;
}
