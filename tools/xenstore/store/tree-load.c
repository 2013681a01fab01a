/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree-load: many nodes at once, for a restore; see tree.h.  What would cost
 * a look somewhere else for every node (index, digest) is done for all of
 * them afterwards.
 */
#include <string.h>
#include <talloc.h>

#include "store/path.h"
#include "store/tree-internal.h"

void tree_load_begin(struct tree *t, uint32_t nodes)
{
	tree_index_presize(t, nodes);
	t->unindexed = t->nodes.next;
}

uint32_t tree_load_index(struct tree *t)
{
	uint32_t from = t->unindexed, to = t->nodes.next;

	t->unindexed = to;
	return from < to ? tree_index_insert_many(t, from, to) : NODE_NONE;
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

void tree_load_done(struct tree *t)
{
	uint64_t up[PATH_ABS_MAX / 2 + 1];
	uint32_t id = NODE_ROOT, depth = 0, i;

	for (i = 1; i < t->perms->next; i++)
		if (t->perms->by_id[i])
			t->perms->by_id[i]->path_sum = 0;
	t->perms->digest = 0;
	t->digest = 0;
	up[0] = 1;
	for (;;) {
		const struct node *n = tree_node(t, id);

		t->digest +=
			value_term(n, up[depth]) + children_term(n, up[depth]);
		if (id != NODE_ROOT)
			t->digest += order_term(t, n, up[depth]);
		perms_account(t->perms, node_perms(t, n), up[depth], true);
		if (n->first) {
			id = n->first;
			depth++;
		} else {
			while (id != NODE_ROOT && !tree_node(t, id)->next) {
				id = tree_node(t, id)->parent;
				depth--;
			}
			if (id == NODE_ROOT)
				return;
			id = tree_node(t, id)->next;
		}
		up[depth] = path_digest_below(up[depth - 1],
					      tree_node(t, id)->name);
	}
}
