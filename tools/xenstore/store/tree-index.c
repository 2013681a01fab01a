/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree-index: any child of any node in constant time.
 *
 * One hash table over (parent, name) for the whole tree, its chains running
 * through the nodes by number: four bytes of bucket a node.  It grows by one
 * bucket at a time.
 */
#include <assert.h>
#include <errno.h>
#include <talloc.h>

#include "base/big.h"
#include "store/tree-internal.h"

#define SEG_BITS 12
#define SEG_SIZE (1u << SEG_BITS)
#define BIG_SEGS (BIG_SIZE / sizeof(uint32_t) / SEG_SIZE)
#define AHEAD	 16u /* nodes whose memory is asked for in advance */

static inline uint32_t child_hash(uint32_t parent, const struct name *name)
{
	/* parents come in regular steps: all bits must count for the lowest */
	return (uint32_t)hash_mix(parent, name->link.hash);
}

static inline uint32_t *bucket(const struct tree *t, uint32_t hash)
{
	uint32_t i = hash & (t->mask << 1 | 1);

	if (i >= t->nbuckets)
		i &= t->mask;
	return &t->index[i >> SEG_BITS][i & (SEG_SIZE - 1)];
}

static bool index_add_segment(struct tree *t)
{
	uint32_t **index = t->index;

	if (!(t->nsegs & (t->nsegs - 1))) {
		index = talloc_realloc(t, index, uint32_t *,
				       t->nsegs ? t->nsegs * 2 : 1);
		if (!index)
			return false;
		t->index = index;
	}
	if (t->nsegs < BIG_SEGS)
		index[t->nsegs] = talloc_zero_array(t, uint32_t, SEG_SIZE);
	else if (t->nsegs % BIG_SEGS == 0)
		index[t->nsegs] = big_alloc(t);
	else
		index[t->nsegs] = index[t->nsegs - 1] + SEG_SIZE;
	if (!index[t->nsegs])
		return false;
	t->nsegs++;
	return true;
}

static bool index_split(struct tree *t)
{
	uint32_t new_i = t->nbuckets;
	uint32_t *from, *to, id;

	if (new_i >> SEG_BITS >= t->nsegs && !index_add_segment(t))
		return false;
	if (new_i > (t->mask << 1 | 1))
		t->mask = t->mask << 1 | 1;
	t->nbuckets++;
	from = &t->index[(new_i & t->mask) >> SEG_BITS]
			[new_i & t->mask & (SEG_SIZE - 1)];
	to = &t->index[new_i >> SEG_BITS][new_i & (SEG_SIZE - 1)];
	while ((id = *from)) {
		struct node *n = tree_node(t, id);

		if (bucket(t, child_hash(n->parent, n->name)) != to) {
			from = &n->chain;
			continue;
		}
		*from = n->chain;
		n->chain = *to;
		*to = id;
	}
	return true;
}

void tree_index_insert(struct tree *t, uint32_t id)
{
	struct node *n = tree_node(t, id);
	uint32_t *head;

	if (t->count >= t->nbuckets)
		index_split(t);
	head = bucket(t, child_hash(n->parent, n->name));
	n->chain = *head;
	*head = id;
}

void tree_index_remove(struct tree *t, uint32_t id)
{
	struct node *n = tree_node(t, id);
	uint32_t *pos = bucket(t, child_hash(n->parent, n->name));

	while (*pos && *pos != id)
		pos = &tree_node(t, *pos)->chain;
	assert(*pos == id);
	*pos = n->chain;
}

void tree_index_prefetch(const struct tree *t, const struct node *n, bool first)
{
	const uint32_t *head = bucket(t, child_hash(n->parent, n->name));

	if (!first)
		__builtin_prefetch(head);
	else if (*head)
		__builtin_prefetch(&tree_node(t, *head)->chain);
}

int tree_index_init(struct tree *t)
{
	t->mask = 15;
	t->nbuckets = 16;
	return index_add_segment(t) ? 0 : ENOMEM;
}

void tree_index_presize(struct tree *t, uint32_t n)
{
	while ((uint64_t)t->nsegs << SEG_BITS < n)
		if (!index_add_segment(t))
			return; /* chains are longer then */
	if (n <= t->nbuckets)
		return;
	t->nbuckets = n;
	while ((t->mask << 1 | 1) < n - 1)
		t->mask = t->mask << 1 | 1;
}

uint32_t tree_child_named(const struct tree *t, uint32_t parent,
			  const struct name *name)
{
	uint32_t id = *bucket(t, child_hash(parent, name));

	while (id) {
		const struct node *n = tree_node(t, id);

		if (n->name == name && n->parent == parent)
			return id;
		id = n->chain;
	}
	return NODE_NONE;
}

/*
 * The bucket of a later one is asked for in advance: a large store's buckets
 * are nowhere near a cache.
 */
void tree_index_insert_many(struct tree *t, uint32_t from, uint32_t to)
{
	uint32_t hash[AHEAD], id;

	for (id = from; id < to + AHEAD; id++) {
		if (id >= from + AHEAD) {
			struct node *n = tree_node(t, id - AHEAD);
			uint32_t *head = bucket(t, hash[id % AHEAD]);

			n->chain = *head;
			*head = id - AHEAD;
		}
		if (id < to) {
			const struct node *n = tree_node(t, id);

			while (t->nbuckets < t->count && index_split(t))
				;
			hash[id % AHEAD] = child_hash(n->parent, n->name);
			__builtin_prefetch(bucket(t, hash[id % AHEAD]));
		}
	}
}

size_t tree_index_memory(const struct tree *t)
{
	return (size_t)t->nsegs * SEG_SIZE * sizeof(uint32_t);
}
