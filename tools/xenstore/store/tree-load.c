/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree-load: loads many nodes at once, for a restore; see tree.h.  The index
 * and the digest, which cost a cache miss for each node, are done for all nodes
 * afterwards.
 */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "store/path.h"
#include "store/tree-internal.h"

#define LEVEL_NAMES 30
#define LEVELS	    32u

void tree_load_begin(struct tree *t, uint32_t nodes)
{
	t->nodes.bulk = t->pool.bulk = true;
	tree_index_presize(t, nodes);
	t->unindexed = t->nodes.next;
}

void tree_load_index(struct tree *t)
{
	if (t->unindexed < t->nodes.next)
		tree_index_insert_many(t, t->unindexed, t->nodes.next);
	t->unindexed = t->nodes.next;
}

uint32_t tree_load_node(struct tree *t, uint32_t parent, struct name *name,
			struct perms *perms, const uint8_t *value,
			size_t value_len, uint64_t gen)
{
	uint8_t *block = value_alloc(t, value_len);
	uint32_t id = NODE_NONE;

	if (block || value_len <= VALUE_INLINE)
		id = slab_alloc(&t->nodes);
	if (!id) {
		value_free(t, block, block ? value_len : 0);
		return NODE_NONE;
	}
	if (block)
		memcpy(block, value, value_len);
	tree_value_put(t, tree_link(t, id, parent, name, gen), value, block,
		       (uint16_t)value_len);
	tree_perms_link(t, id, perms);
	return id;
}

void tree_load_gens(struct tree *t, uint32_t id, uint64_t value_gen,
		    uint64_t children_gen)
{
	struct node *n = tree_node(t, id);

	n->value_gen = value_gen;
	n->children_gen = children_gen;
}

/* ---- one walk over everything loaded ---- */

/* At one level of the walk: the names of the siblings so far. */
struct level {
	uint64_t path; /* digest */
	uint32_t n;
	const struct name *seen[LEVEL_NAMES];
};

/* True when a sibling before id has its name. */
static bool name_twice(const struct tree *t, struct level *l, uint32_t id)
{
	const struct node *n = tree_node(t, id);
	uint32_t i;

	for (i = 0; i < l->n; i++)
		if (l->seen[i] == n->name)
			return true;
	/* of two equal names beyond these, a look-up finds only one node */
	if (l->n == LEVEL_NAMES)
		return tree_child_named(t, n->parent, n->name) != id;
	l->seen[l->n++] = n->name;
	return false;
}

static void load_digest(struct tree *t, uint32_t id, uint64_t path)
{
	const struct node *n = tree_node(t, id);

	t->digest += value_term(n, path) + children_term(n, path);
	if (id != NODE_ROOT)
		t->digest += order_term(t, n, path);
	perms_account(t->perms, node_perms(t, n), path, true);
}

/* The next node in preorder; updates the depth. */
static uint32_t load_next(const struct tree *t, uint32_t id, uint32_t *depth)
{
	if (tree_node(t, id)->first) {
		++*depth;
		return tree_node(t, id)->first;
	}
	while (id != NODE_ROOT && !tree_node(t, id)->next) {
		id = tree_node(t, id)->parent;
		--*depth;
	}
	return id == NODE_ROOT ? NODE_NONE : tree_node(t, id)->next;
}

/* Makes room for one more level. */
static int need_level(struct tree *t, struct level **level, uint32_t depth,
		      uint32_t *size)
{
	struct level *more;

	if (depth < *size)
		return 0;
	more = talloc_realloc(t, *level, struct level, *size * 2);
	if (!more)
		return ENOMEM;
	*level = more;
	*size *= 2;
	return 0;
}

static int load_walk(struct tree *t, struct level **levels, uint32_t size,
		     uint32_t *ret_twice)
{
	uint32_t id = NODE_ROOT, depth = 0, before = 0;
	struct level *level = *levels;

	level[0].path = 1;
	for (;;) {
		load_digest(t, id, level[depth].path);
		before = depth;
		id = load_next(t, id, &depth);
		*ret_twice = NODE_NONE;
		if (!id)
			return 0;
		if (need_level(t, levels, depth, &size))
			return ENOMEM;
		level = *levels;
		if (depth > before)
			level[depth].n = 0;
		*ret_twice = id;
		if (name_twice(t, &level[depth], id))
			return EEXIST;
		level[depth].path = path_digest_below(level[depth - 1].path,
						      tree_node(t, id)->name);
	}
}

int tree_load_done(struct tree *t, uint32_t *ret_twice)
{
	struct level *level = talloc_array(t, struct level, LEVELS);
	uint32_t i;
	int rc;

	if (!level)
		return ENOMEM;
	tree_load_index(t);
	t->nodes.bulk = t->pool.bulk = false;
	for (i = 1; i < t->perms->next; i++)
		if (t->perms->by_id[i])
			t->perms->by_id[i]->path_sum = 0;
	t->perms->digest = 0;
	t->digest = 0;
	rc = load_walk(t, &level, LEVELS, ret_twice);
	talloc_free(level);
	return rc;
}
