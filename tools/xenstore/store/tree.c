/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree: see tree.h.  Knows permission lists but none of their rules; knows no
 * transaction, watch or quota.
 */
#include "store/tree.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "store/path.h"
#include "store/tree-internal.h"

_Static_assert(sizeof(struct node) == 72, "a node has grown: see DESIGN");

/* ---- names and values ---- */

static struct name *find_hashed(const struct tree *t, const char *s, size_t len,
				uint32_t hash)
{
	struct hlink *l = htab_chain(t->names, hash);

	for (; l; l = l->next) {
		struct name *n = (struct name *)(void *)l;

		if (l->hash == hash && n->len == len && !memcmp(n->s, s, len))
			return n;
	}
	return NULL;
}

struct name *name_find(const struct tree *t, const char *s, size_t len)
{
	return find_hashed(t, s, len, (uint32_t)hash_keyed(&t->key, s, len));
}

struct name *name_intern(struct tree *t, const char *s, size_t len)
{
	uint32_t hash = (uint32_t)hash_keyed(&t->key, s, len);
	struct name *n = find_hashed(t, s, len, hash);

	if (!n) {
		n = pool_alloc(&t->pool, sizeof(*n) + len + 1);
		if (!n)
			return NULL;
		n->link.hash = hash;
		n->refs = 0;
		n->len = (uint16_t)len;
		n->digest = hash_bytes(s, len);
		memcpy(n->s, s, len);
		n->s[len] = '\0';
		htab_insert(t->names, &n->link);
	}
	n->refs++;
	return n;
}

void name_unref(struct tree *t, struct name *n)
{
	if (!n || --n->refs)
		return;
	htab_remove(t->names, &n->link);
	pool_free(&t->pool, n, sizeof(*n) + n->len + 1u);
}

uint8_t *value_alloc(struct tree *t, size_t len)
{
	return len > VALUE_INLINE ? pool_alloc(&t->pool, len) : NULL;
}

void value_free(struct tree *t, uint8_t *block, size_t len)
{
	if (len > VALUE_INLINE)
		pool_free(&t->pool, block, len);
}

/* ---- digest ---- */

uint64_t tree_path_digest(const struct tree *t, uint32_t id)
{
	const struct name *up[PATH_ABS_MAX / 2];
	size_t depth = 0;
	uint64_t d = 1;

	for (; id != NODE_ROOT && id != t->near; id = tree_node(t, id)->parent)
		up[depth++] = tree_node(t, id)->name;
	if (id != NODE_ROOT)
		d = t->near_path;
	while (depth)
		d = path_digest_below(d, up[--depth]);
	return d;
}

/*
 * The same with a cache, since the next change is mostly near the last one.  A
 * node's path never changes, and freeing the node clears the cache.
 */
static uint64_t path_of_changed(struct tree *t, uint32_t id)
{
	uint32_t parent = tree_node(t, id)->parent;

	if (id == NODE_ROOT || id == t->near)
		return tree_path_digest(t, id);
	t->near_path = tree_path_digest(t, parent);
	t->near = parent;
	return path_digest_below(t->near_path, tree_node(t, id)->name);
}

uint64_t tree_digest(const struct tree *t)
{
	return hash_mix(t->digest, t->perms->digest);
}

/* ---- looking ---- */

uint32_t tree_child(const struct tree *t, uint32_t parent, const char *name,
		    size_t len)
{
	const struct name *s = name_find(t, name, len);

	return s ? tree_child_named(t, parent, s) : NODE_NONE;
}

uint32_t tree_find_deepest(const struct tree *t, const char *path, size_t len,
			   size_t *ret_len)
{
	uint32_t id = NODE_ROOT, child;
	size_t pos = 1, found = 1;

	while (pos < len) {
		const char *end = memchr(path + pos, '/', len - pos);
		size_t n = end ? (size_t)(end - path) - pos : len - pos;

		child = tree_child(t, id, path + pos, n);
		if (!child)
			break;
		id = child;
		pos += n;
		found = pos++;
	}
	*ret_len = found;
	return id;
}

uint32_t tree_find(const struct tree *t, const char *path, size_t len)
{
	size_t found;
	uint32_t id = tree_find_deepest(t, path, len, &found);

	return found == len ? id : NODE_NONE;
}

uint32_t tree_next(const struct tree *t, uint32_t root, uint32_t id)
{
	const struct node *n = tree_node(t, id);

	if (n->first)
		return n->first;
	while (id != root) {
		if (n->next)
			return n->next;
		id = n->parent;
		n = tree_node(t, id);
	}
	return NODE_NONE;
}

size_t tree_path(const struct tree *t, uint32_t id, char *buf)
{
	size_t len = 0, at;
	uint32_t i;

	if (id == NODE_ROOT) {
		memcpy(buf, "/", 2);
		return 1;
	}
	for (i = id; i != NODE_ROOT; i = tree_node(t, i)->parent)
		len += tree_node(t, i)->name->len + 1u;
	assert(len <= PATH_ABS_MAX);
	at = len;
	for (i = id; i != NODE_ROOT; i = tree_node(t, i)->parent) {
		const struct name *n = tree_node(t, i)->name;

		at -= n->len;
		memcpy(buf + at, n->s, n->len);
		buf[--at] = '/';
	}
	buf[len] = '\0';
	return len;
}

/* ---- changing ---- */

void tree_perms_link(struct tree *t, uint32_t id, struct perms *p)
{
	struct node *n = tree_node(t, id);

	n->perms = p->id;
	n->perms_prev = NODE_NONE;
	n->perms_next = p->nodes;
	if (p->nodes)
		tree_node(t, p->nodes)->perms_prev = id;
	p->nodes = id;
}

static void perms_attach(struct tree *t, uint32_t id, struct perms *p,
			 uint64_t path)
{
	tree_perms_link(t, id, p);
	perms_account(t->perms, p, path, true);
}

void tree_perms_detach(struct tree *t, uint32_t id, uint64_t path)
{
	struct node *n = tree_node(t, id);
	struct perms *p = node_perms(t, n);

	if (p->collect == id)
		p->collect = n->perms_next;
	if (n->perms_prev)
		tree_node(t, n->perms_prev)->perms_next = n->perms_next;
	else
		p->nodes = n->perms_next;
	if (n->perms_next)
		tree_node(t, n->perms_next)->perms_prev = n->perms_prev;
	perms_account(t->perms, p, path, false);
	perms_unref(t->perms, p);
}

/* Replaces the value; the node may have none yet. */
void tree_value_put(struct tree *t, struct node *n, const uint8_t *value,
		    uint8_t *block, uint16_t len)
{
	if (n->value_len > VALUE_INLINE)
		value_free(t, n->value.p, n->value_len);
	memset(&n->value, 0, sizeof(n->value));
	n->value_len = len;
	if (len > VALUE_INLINE)
		n->value.p = block;
	else if (len)
		memcpy(n->value.inl, value, len);
}

struct tree *tree_new(const void *ctx, const struct hash_key *key,
		      struct perms_table *perms, const struct perm *root_perm)
{
	struct tree *t = talloc_zero(ctx, struct tree);
	struct perms *p = NULL;
	struct node *root;

	if (!t)
		return NULL;
	t->key = *key;
	t->perms = perms;
	slab_init(&t->nodes, t, sizeof(struct node));
	pool_init(&t->pool, t);
	t->names = htab_new(t);
	if (!t->names || tree_index_init(t) ||
	    slab_alloc(&t->nodes) != NODE_ROOT)
		goto fail;
	p = perms_intern(perms, root_perm, 1);
	if (!p)
		goto fail;
	root = tree_node(t, NODE_ROOT);
	root->name = name_intern(t, "", 0);
	if (!root->name)
		goto fail;
	perms_attach(t, NODE_ROOT, p, 1);
	t->count = 1;
	t->digest = value_term(root, 1) + children_term(root, 1);
	return t;
fail:
	perms_unref(perms, p);
	talloc_free(t);
	return NULL;
}

int tree_reserve(struct tree *t, uint32_t nodes)
{
	return slab_reserve(&t->nodes, nodes);
}

struct node *tree_link(struct tree *t, uint32_t id, uint32_t parent,
		       struct name *name, uint64_t gen)
{
	struct node *n = tree_node(t, id), *up = tree_node(t, parent);

	n->parent = parent;
	n->name = name;
	n->value_gen = gen;
	n->children_gen = gen;
	if (up->first) {
		struct node *first = tree_node(t, up->first);

		n->prev = first->prev;
		tree_node(t, first->prev)->next = id;
		first->prev = id;
	} else {
		up->first = id;
		n->prev = id;
	}
	up->child_bytes += name->len + 1u;
	t->count++;
	return n;
}

uint32_t tree_add(struct tree *t, uint32_t parent, struct name *name,
		  struct perms *perms, const uint8_t *value, uint8_t *block,
		  uint16_t value_len, uint64_t gen)
{
	uint32_t id = slab_alloc(&t->nodes);
	struct node *n;
	uint64_t path;

	assert(id);
	n = tree_link(t, id, parent, name, gen);
	tree_index_insert(t, id);
	tree_value_put(t, n, value, block, value_len);
	path = path_of_changed(t, id);
	perms_attach(t, id, perms, path);
	t->digest += value_term(n, path) + children_term(n, path) +
		     order_term(t, n, path);
	return id;
}

void tree_free(struct tree *t, uint32_t id, uint64_t path)
{
	struct node *n = tree_node(t, id);

	tree_index_remove(t, id);
	tree_perms_detach(t, id, path);
	if (n->value_len > VALUE_INLINE)
		value_free(t, n->value.p, n->value_len);
	name_unref(t, n->name);
	if (t->near == id)
		t->near = NODE_NONE;
	slab_free(&t->nodes, id);
	t->count--;
}

void tree_remove(struct tree *t, uint32_t id)
{
	struct node *n = tree_node(t, id), *up = tree_node(t, n->parent);
	struct node *next = n->next ? tree_node(t, n->next) : NULL;
	uint64_t above = tree_path_digest(t, n->parent), next_path = 0;
	uint64_t path = path_digest_below(above, n->name);

	assert(!n->first && id != NODE_ROOT);
	t->digest -= value_term(n, path) + children_term(n, path) +
		     order_term(t, n, path);
	if (next) {
		next_path = path_digest_below(above, next->name);
		t->digest -= order_term(t, next, next_path);
	}
	if (up->first == id)
		up->first = n->next;
	else
		tree_node(t, n->prev)->next = n->next;
	if (next)
		next->prev = n->prev;
	else if (up->first)
		tree_node(t, up->first)->prev = n->prev;
	up->child_bytes -= n->name->len + 1u;
	if (next)
		t->digest += order_term(t, next, next_path);
	tree_free(t, id, path);
}

void tree_set_value(struct tree *t, uint32_t id, const uint8_t *value,
		    uint8_t *block, uint16_t value_len, uint64_t gen)
{
	struct node *n = tree_node(t, id);
	uint64_t path = path_of_changed(t, id);

	t->digest -= value_term(n, path);
	tree_value_put(t, n, value, block, value_len);
	n->value_gen = gen;
	t->digest += value_term(n, path);
}

void tree_set_perms(struct tree *t, uint32_t id, struct perms *perms,
		    uint64_t gen)
{
	uint64_t path = path_of_changed(t, id);

	tree_perms_detach(t, id, path);
	perms_attach(t, id, perms, path);
	tree_set_gens(t, id, gen, tree_node(t, id)->children_gen);
}

void tree_set_gens(struct tree *t, uint32_t id, uint64_t value_gen,
		   uint64_t children_gen)
{
	struct node *n = tree_node(t, id);
	uint64_t path = path_of_changed(t, id);

	if (n->value_gen != value_gen) {
		t->digest -= value_term(n, path);
		n->value_gen = value_gen;
		t->digest += value_term(n, path);
	}
	if (n->children_gen != children_gen) {
		t->digest -= children_term(n, path);
		n->children_gen = children_gen;
		t->digest += children_term(n, path);
	}
}

bool tree_unmark(struct tree *t, uint32_t *id, uint32_t n)
{
	for (; *id < t->nodes.next && n; ++*id, n--)
		if (slab_has_been(&t->nodes, *id))
			tree_node(t, *id)->flags &= NODE_TOP | NODE_SEEN;
	return *id < t->nodes.next;
}

size_t tree_memory(const struct tree *t)
{
	return slab_memory(&t->nodes) + t->pool.taken + tree_index_memory(t) +
	       talloc_total_size(t->names) + talloc_total_size(t->perms);
}
