/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree-index: finds a child of a node in constant time.
 *
 * One hash table over (parent, name) for the whole tree.  A bucket is the
 * number of its first node, four bytes, and struct node has the next one.  The
 * table grows and shrinks by one bucket at a time.
 */
#include <assert.h>
#include <errno.h>
#include <talloc.h>

#include "base/big.h"
#include "store/tree-internal.h"

#define SEG_BITS 12
#define SEG_SIZE (1u << SEG_BITS)
#define BIG_SEGS (BIG_SIZE / sizeof(uint32_t) / SEG_SIZE)
#define AHEAD	 16u /* nodes to prefetch for */

static inline uint32_t child_hash(uint32_t parent, const struct name *name)
{
	/* parents are regular numbers: mixes all bits into the lowest ones */
	return (uint32_t)hash_mix(parent, name->link.hash);
}

static inline uint32_t *bucket(const struct tree *t, uint32_t hash)
{
	uint32_t i = hash & (t->mask << 1 | 1);

	if (i >= t->nbuckets)
		i &= t->mask;
	return &t->index[i >> SEG_BITS][i & (SEG_SIZE - 1)];
}

/* Makes room for twice as many segments. */
static bool more_segments(struct tree *t)
{
	uint32_t size = t->nsegs ? t->nsegs * 2 : 1;
	uint32_t **index = talloc_realloc(t, t->index, uint32_t *, size);
	struct big **big;

	if (!index)
		return false;
	t->index = index;
	big = talloc_realloc(t, t->index_big, struct big *,
			     size / BIG_SEGS + 1);
	if (!big)
		return false;
	t->index_big = big;
	t->index_size = size;
	return true;
}

static bool index_add_segment(struct tree *t)
{
	uint32_t n = t->nsegs;
	struct big *big;

	if (n == t->index_size && !more_segments(t))
		return false;
	if (n < BIG_SEGS) {
		t->index[n] = talloc_zero_array(t, uint32_t, SEG_SIZE);
	} else if (n % BIG_SEGS == 0) {
		if (n > BIG_SEGS)
			big_settled(t->index_big[n / BIG_SEGS - 1]->p);
		big = big_new(t, t->nodes.bulk);
		t->index_big[n / BIG_SEGS] = big;
		t->index[n] = big ? big->p : NULL;
	} else {
		t->index[n] = t->index[n - 1] + SEG_SIZE;
	}
	if (!t->index[n])
		return false;
	t->nsegs++;
	return true;
}

/* Frees the last segment, whose buckets are empty. */
static void index_drop_segment(struct tree *t)
{
	uint32_t n = --t->nsegs;

	if (n < BIG_SEGS)
		talloc_free(t->index[n]);
	else if (n % BIG_SEGS == 0)
		talloc_free(t->index_big[n / BIG_SEGS]);
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

/* Removes the last bucket and moves its nodes back. */
static void index_merge(struct tree *t)
{
	uint32_t last = --t->nbuckets, id, *from, *to;
	struct node *n;

	if (last == t->mask + 1)
		t->mask >>= 1;
	from = &t->index[last >> SEG_BITS][last & (SEG_SIZE - 1)];
	while ((id = *from)) {
		n = tree_node(t, id);
		*from = n->chain;
		to = bucket(t, child_hash(n->parent, n->name));
		n->chain = *to;
		*to = id;
	}
	/* keeps one in reserve, against freeing and allocating in turns */
	if ((last >> SEG_BITS) + 2 < t->nsegs)
		index_drop_segment(t);
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
	uint32_t i;

	while (*pos && *pos != id)
		pos = &tree_node(t, *pos)->chain;
	assert(*pos == id);
	*pos = n->chain;
	/* below a quarter in use, four buckets go with each node */
	for (i = 0;
	     i < 4 && t->count < t->nbuckets / 4 && t->nbuckets > SEG_SIZE; i++)
		index_merge(t);
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

/* Prefetches the buckets, since those of a large store are in no cache. */
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
