/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tx-node: see tx-node.h.  Does not know what an entry means.  Called by the
 * files of transactions, node.c and the restore.
 */
#include "store/tx-node.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "store/disturb.h"
#include "store/memory.h"
#include "store/transaction.h"
#include "store/tree.h"

/* A pool larger than this is freed as a whole when all of it goes. */
#define POOL_KEPT (1u << 20)

void tx_charge(struct tx *tx, int64_t by)
{
	tx->memory += (uint64_t)by;
	tx->client->account->memory += (uint64_t)by;
}

static size_t name_size(const struct tx_node *n)
{
	return n->name->len + 1u;
}

/* ---- the table ---- */

#define TAB_FIRST 16u

static struct tx_node **bucket_of(const struct tx_tab *tab,
				  const struct tx_node *up,
				  const struct name *name)
{
	uint32_t hash = (uint32_t)hash_mix((uintptr_t)up, name->link.hash);

	return &tab->bucket[hash & (tab->size - 1)];
}

/* Returns 0 or ENOMEM; a table that cannot grow gets longer chains. */
static int tab_grow(struct tx *tx)
{
	struct pool *p = &tx->store->tx_pool;
	struct tx_tab *tab = &tx->tab, old = *tab;
	uint32_t size = old.size ? old.size * 2 : TAB_FIRST;
	struct tx_node **bucket = pool_zalloc(p, size * sizeof(*bucket));
	struct tx_node *n, *next, **to;
	uint32_t i;

	if (!bucket)
		return old.size ? 0 : ENOMEM;
	tab->bucket = bucket;
	tab->size = size;
	for (i = 0; i < old.size; i++) {
		for (n = old.bucket[i]; n; n = next) {
			next = n->chain;
			to = bucket_of(tab, n->up, n->name);
			n->chain = *to;
			*to = n;
		}
	}
	tx->store->work += old.size / 4;
	pool_free(p, old.bucket, old.size * sizeof(*bucket));
	return 0;
}

static void tab_insert(struct tx_node *n)
{
	struct tx_node **to = bucket_of(&n->tx->tab, n->up, n->name);

	n->chain = *to;
	*to = n;
	n->tx->tab.count++;
}

static void tab_remove(struct tx_node *n)
{
	struct tx_node **from = bucket_of(&n->tx->tab, n->up, n->name);

	while (*from != n)
		from = &(*from)->chain;
	*from = n->chain;
	n->tx->tab.count--;
}

/* ---- one entry ---- */

static struct tx_node *node_alloc(struct tx *tx)
{
	struct tx_node *n = pool_zalloc(&tx->store->tx_pool, sizeof(*n));

	if (!n)
		return NULL;
	n->tx = tx;
	list_add_tail(&tx->all, &n->all);
	list_init(&n->order);
	list_init(&n->sibling);
	list_init(&n->created);
	tx->store->tx_nodes++;
	return n;
}

static void node_free(struct tx_node *n)
{
	struct store *s = n->tx->store;

	list_del(&n->all);
	s->tx_nodes--;
	if (n->name)
		name_unref(s->tree, n->name);
	pool_free(&s->tx_pool, n, sizeof(*n));
}

struct tx_node *tx_node_root(struct tx *tx)
{
	struct tx_node *n = node_alloc(tx);

	if (!n)
		return NULL;
	n->touched.hash = DISTURB_ROOT;
	n->path_len = 1;
	return n;
}

struct tx_node *tx_node_reach_below(struct tx_node *up, struct name *name)
{
	struct tx *tx = up->tx;
	struct tx_node *n = tx_node_below(up, name);

	if (n)
		return n;
	if (tx->tab.count >= tx->tab.size && tab_grow(tx))
		return NULL;
	n = node_alloc(tx);
	if (!n)
		return NULL;
	n->up = up;
	n->name = name;
	name->refs++;
	n->depth = (uint16_t)(up->depth + 1);
	n->path_len = (uint16_t)((up->up ? up->path_len : 0) + name_size(n));
	n->touched.hash = disturb_hash(up->touched.hash, name);
	tab_insert(n);
	up->below++;
	tx_charge(tx, (int64_t)memory_tx_node(name_size(n), 0));
	return n;
}

void tx_node_prune(struct tx_node *n)
{
	struct tx_node *up;

	for (; n->up && !n->below && !tx_touched(n); n = up) {
		up = n->up;
		up->below--;
		tx_charge(n->tx, -(int64_t)memory_tx_node(name_size(n), 0));
		tab_remove(n);
		node_free(n);
	}
}

void tx_node_enter(struct tx_node *n)
{
	list_add_tail(&n->tx->nodes, &n->order);
	n->tx->nnodes++;
	disturb_add(n->tx->store, n);
}

/* Releases what an entry refers to outside the pool. */
static void content_unref(struct tx_node *n)
{
	struct store *s = n->tx->store;

	disturb_del(s, n);
	perms_unref(s->perms, n->perms);
	perms_unref(s->perms, n->base_perms);
}

void tx_node_exit(struct tx_node *n)
{
	if (!tx_touched(n))
		return;
	content_unref(n);
	pool_free(&n->tx->store->tx_pool, n->value, n->value_len);
	pool_free(&n->tx->store->tx_pool, n->seen, n->seen_len);
	tx_charge(n->tx, -(int64_t)(n->value_len + n->seen_len));
	list_del(&n->order);
	list_del(&n->sibling);
	n->tx->nnodes--;
	n->perms = n->base_perms = NULL;
	n->value = NULL;
	n->seen = NULL;
	n->value_len = 0;
	n->seen_len = 0;
	n->did = 0;
}

void tx_node_leave(struct tx_node *n)
{
	tx_node_exit(n);
	tx_node_prune(n);
}

void tx_node_free_all(struct tx *tx)
{
	struct store *s = tx->store;
	/* the pool has nothing else and can be freed as a whole */
	bool whole = s->tx_nodes == tx->tab.count + 1 &&
		     s->tx_pool.taken > POOL_KEPT;
	struct tx_node *n, *next;

	/* the lists and the table are freed, so nothing is unlinked */
	list_for_each_safe (n, next, &tx->all, all) {
		if (tx_touched(n))
			content_unref(n);
		if (n->name)
			name_unref(s->tree, n->name);
		s->tx_nodes--;
		if (whole)
			continue;
		pool_free(&s->tx_pool, n->value, n->value_len);
		pool_free(&s->tx_pool, n->seen, n->seen_len);
		pool_free(&s->tx_pool, n, sizeof(*n));
	}
	if (whole) {
		talloc_free_children(s->tx_memory);
		pool_init(&s->tx_pool, s->tx_memory);
		return;
	}
	pool_free(&s->tx_pool, tx->tab.bucket,
		  tx->tab.size * sizeof(*tx->tab.bucket));
}

/* ---- finding ---- */

struct tx_node *tx_node_below(const struct tx_node *up, const struct name *name)
{
	struct tx_node *n;

	if (!up->below)
		return NULL;
	n = *bucket_of(&up->tx->tab, up, name);
	while (n && (n->up != up || n->name != name))
		n = n->chain;
	return n;
}

struct tx_node *tx_node_below_text(const struct tx_node *up, const char *name,
				   size_t len)
{
	const struct name *known;

	if (!up->below)
		return NULL;
	known = name_find(up->tx->store->tree, name, len);
	return known ? tx_node_below(up, known) : NULL;
}

struct tx_node *tx_node_at(const struct tx *tx, const char *path, size_t len)
{
	struct tx_node *n = tx->root;
	size_t at = 1, end;

	for (; n && at < len; at = end) {
		end = path_next(path, len, at);
		at += path[at] == '/';
		n = tx_node_below_text(n, path + at, end - at);
		tx->store->work++;
	}
	return n;
}

struct tx_node *tx_node_find(const struct tx *tx, const char *path, size_t len)
{
	struct tx_node *n = tx_node_at(tx, path, len);

	return n && tx_touched(n) ? n : NULL;
}

struct tx_node *tx_node_reach(struct tx *tx, const char *path, size_t len)
{
	struct tx_node *n = tx->root, *child;
	struct tree *t = tx->store->tree;
	size_t at = 1, end;
	struct name *name;

	for (; at < len; at = end) {
		end = path_next(path, len, at);
		at += path[at] == '/';
		name = name_intern(t, path + at, end - at);
		child = name ? tx_node_reach_below(n, name) : NULL;
		name_unref(t, name);
		if (!child) {
			tx_node_prune(n);
			return NULL;
		}
		n = child;
		tx->store->work++;
	}
	return n;
}

size_t tx_node_room(const struct tx *tx, const char *path, size_t len,
		    size_t from, uint64_t *ret_entries)
{
	const struct tree *t = tx->store->tree;
	const struct tx_node *n = tx->root;
	size_t at = 1, end = 1, memory = 0;
	uint64_t entries = 0;
	bool touched;
	uint32_t id;

	for (;; at = end) {
		touched = n && tx_touched(n);
		if (end >= from && !touched)
			entries++;
		if (end == from && !touched) {
			id = tree_find(t, path, from);
			memory += id ? tree_node(t, id)->value_len : 0;
		}
		if (at == len)
			break;
		end = path_next(path, len, at);
		at += path[at] == '/';
		n = n ? tx_node_below_text(n, path + at, end - at) : NULL;
		if (!n)
			memory += memory_tx_node(end - at + 1, 0);
		tx->store->work++;
	}
	*ret_entries = entries;
	return memory;
}

/* ---- paths ---- */

/* Writes the path of n and returns its length; that of "/" is empty. */
static size_t path_of(char *s, const struct tx_node *n)
{
	size_t len = n->up ? n->path_len : 0, at = len;

	for (; n->up; n = n->up) {
		at -= n->name->len;
		memcpy(s + at, n->name->s, n->name->len);
		s[--at] = '/';
	}
	return len;
}

size_t tx_node_path(struct tx_path *p, const struct tx_node *n)
{
	size_t len;

	if (!n->up) {
		p->up = NULL;
		memcpy(p->s, "/", 2);
		return 1;
	}
	len = n->up->up ? n->up->path_len : 0;
	if (p->up != n->up)
		path_of(p->s, n->up);
	p->up = n->up;
	p->s[len++] = '/';
	memcpy(p->s + len, n->name->s, name_size(n));
	return len + n->name->len;
}

/* ---- the committed node ---- */

uint32_t tx_node_committed(struct tx_node *n)
{
	struct tx_node *chain[PATH_ABS_MAX / 2], *child;
	struct store *s = n->tx->store;
	uint64_t now = s->generation + 1;
	size_t k = 0;

	for (; n->up && n->known_at != now; n = n->up)
		chain[k++] = n;
	if (!n->up)
		tx_node_committed_is(n, NODE_ROOT);
	s->work += k;
	for (; k; n = child) {
		child = chain[--k];
		tx_node_committed_is(
			child, n->node ? tree_child_named(s->tree, n->node,
							  child->name)
				       : NODE_NONE);
	}
	return n->node;
}

void tx_node_committed_is(struct tx_node *n, uint32_t node)
{
	n->node = node;
	n->known_at = n->tx->store->generation + 1;
}
