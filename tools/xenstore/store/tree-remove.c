/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree-remove: removes many nodes at once; see tree_remove_below().  The walk
 * keeps the digests of the paths, so that the cost of a node does not depend on
 * its depth, and it does not update siblings that are removed next.  Called by
 * change.c.
 */
#include "store/path.h"
#include "store/tree-internal.h"

/* How many siblings ahead buckets are prefetched, and then their entries. */
#define FAR  10u
#define NEAR 5u

/* The current node at one depth below the top. */
struct level {
	uint32_t id;
	uint32_t far, near; /* siblings after it to prefetch; or none */
	bool shed;	    /* it has lost children */
	bool lost;	    /* siblings before it were removed ... */
	uint64_t before;    /* ... the digest of the last one's name */
	uint64_t path;	    /* digest */
};

struct removal {
	struct tree *t;
	uint32_t depth;
	struct level level[PATH_ABS_MAX / 2 + 1];
};

static void enter(struct removal *r, uint32_t id)
{
	struct level *l = &r->level[r->depth];

	l->id = id;
	l->shed = false;
	if (r->depth)
		l->path = path_digest_below(l[-1].path,
					    tree_node(r->t, id)->name);
}

/* Prefetches for sibling *id and goes to the next; a large store is in no cache. */
static void look(const struct tree *t, uint32_t *id, bool first)
{
	const struct node *n;

	if (!*id)
		return;
	n = tree_node(t, *id);
	tree_index_prefetch(t, n, first);
	htab_prefetch(t->names, n->name->link.hash, first);
	*id = n->next;
}

static void look_ahead(const struct tree *t, struct level *l, uint32_t first)
{
	uint32_t i;

	l->far = l->near = first;
	for (i = 0; i < FAR && l->far; i++)
		look(t, &l->far, false);
	for (i = 0; i < NEAR && l->near; i++)
		look(t, &l->near, true);
}

/* Goes down to the first node without children. */
static void descend(struct removal *r)
{
	uint32_t id;

	while ((id = tree_node(r->t, r->level[r->depth].id)->first)) {
		r->depth++;
		r->level[r->depth].lost = false;
		look_ahead(r->t, &r->level[r->depth], id);
		enter(r, id);
	}
}

/*
 * Removes the current node, which is the first of its siblings, and goes on to
 * the next sibling or the parent.
 */
static void remove_first(struct removal *r)
{
	struct level *l = &r->level[r->depth];
	struct tree *t = r->t;
	struct node *n = tree_node(t, l->id), *up = tree_node(t, l[-1].id);
	uint32_t id = l->id, next = n->next;
	uint64_t path = l->path;

	t->digest -= value_term(n, l->path) + children_term(n, l->path) +
		     order_term_of(l->path, l->lost ? l->before : 0);
	up->first = next;
	up->child_bytes -= n->name->len + 1u;
	l[-1].shed = true;
	if (next) {
		tree_node(t, next)->prev = n->prev;
		l->before = n->name->digest;
		l->lost = true;
		look(t, &l->far, false);
		look(t, &l->near, true);
		enter(r, next);
	} else {
		r->depth--;
	}
	tree_free(t, id, path);
}

/* Updates the nodes that stay and have lost children or siblings. */
static void settle(struct removal *r, uint64_t gen)
{
	struct tree *t = r->t;
	struct level *l;

	for (l = r->level; l <= r->level + r->depth; l++) {
		struct node *n = tree_node(t, l->id);

		if (l->shed) {
			t->digest -= children_term(n, l->path);
			n->children_gen = gen;
			t->digest += children_term(n, l->path);
		}
		if (l->lost)
			t->digest += order_term_of(l->path, 0) -
				     order_term_of(l->path, l->before);
	}
}

uint32_t tree_remove_below(struct tree *t, uint32_t id, uint32_t max,
			   uint64_t *generation, tree_gone_fn *gone, void *arg)
{
	uint32_t n = 0, parent = tree_node(t, id)->parent;
	struct removal r;

	r.t = t;
	r.depth = 0;
	r.level[0].lost = false;
	r.level[0].path = tree_path_digest(t, id);
	enter(&r, id);
	for (; n < max; n++) {
		descend(&r);
		gone(arg, t, tree_node(t, r.level[r.depth].id));
		if (!r.depth) {
			*generation += n + 1ull;
			tree_remove(t, id);
			tree_set_gens(t, parent,
				      tree_node(t, parent)->value_gen,
				      *generation);
			return n + 1;
		}
		remove_first(&r);
	}
	*generation += n;
	settle(&r, *generation);
	return n;
}
