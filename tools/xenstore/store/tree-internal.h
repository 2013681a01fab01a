/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree-internal: shared by the files tree*.c, private to them.
 */
#ifndef STORE_TREE_INTERNAL_H
#define STORE_TREE_INTERNAL_H

#include "base/err.h"
#include "store/tree.h"

/* ---- tree-index.c: linear hashing over node numbers ---- */

/* Creates an empty index.  Returns 0 or ENOMEM. */
int __must_check tree_index_init(struct tree *t);
/* Grows an empty index for n nodes, as far as memory allows. */
void tree_index_presize(struct tree *t, uint32_t n);
void tree_index_insert(struct tree *t, uint32_t id);
void tree_index_remove(struct tree *t, uint32_t id);
/* Prefetches the node's bucket or, later, with `first`, its first entry. */
void tree_index_prefetch(const struct tree *t, const struct node *n,
			 bool first);
/* Inserts the nodes from..to-1, faster than one by one. */
void tree_index_insert_many(struct tree *t, uint32_t from, uint32_t to);

size_t tree_index_memory(const struct tree *t);

/* ---- tree.c ---- */

/* Makes id, which is zeroed, the last child of parent; does not index it. */
struct node *tree_link(struct tree *t, uint32_t id, uint32_t parent,
		       struct name *name, uint64_t gen);
void tree_perms_link(struct tree *t, uint32_t id, struct perms *p);
/* path: the digest of the node's path. */
void tree_perms_detach(struct tree *t, uint32_t id, uint64_t path);
/* Frees a node and all it refers to; does not unlink it from its siblings. */
void tree_free(struct tree *t, uint32_t id, uint64_t path);
void tree_value_put(struct tree *t, struct node *n, const uint8_t *value,
		    uint8_t *block, uint16_t len);

/* ---- the terms that a node adds to the digest ---- */

static inline uint64_t path_digest_below(uint64_t parent,
					 const struct name *name)
{
	return hash_mix(parent, name->digest);
}

/* The value and value_gen. */
static inline uint64_t value_term(const struct node *n, uint64_t path)
{
	uint64_t h = hash_bytes(node_value(n), n->value_len);

	return hash_mix(hash_mix(path, h), n->value_gen);
}

/* children_gen. */
static inline uint64_t children_term(const struct node *n, uint64_t path)
{
	return hash_mix(path ^ 0x6368696c6472656eULL, n->children_gen);
}

/* The sibling before it, as the digest of its name; 0: it is the first. */
static inline uint64_t order_term_of(uint64_t path, uint64_t before)
{
	return hash_mix(path ^ 0x6f72646572ULL, before);
}

static inline uint64_t order_term(const struct tree *t, const struct node *n,
				  uint64_t path)
{
	const struct node *parent = tree_node(t, n->parent);
	uint64_t before = 0;

	if (tree_node(t, parent->first) != n)
		before = tree_node(t, n->prev)->name->digest;
	return order_term_of(path, before);
}

#endif
