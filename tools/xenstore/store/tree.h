/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree: the committed nodes.
 *
 * A node is 72 bytes in a slab.  It shares its name and permission list with
 * all nodes that have the same ones, and holds a value of up to eight bytes
 * itself.  Children keep the order in which they were added.  One hash table
 * over (parent, name) finds a child in constant time.
 *
 * Only change.c and the restore in state/ call the functions that change the
 * tree.  Other code may read a struct node, also outside store/ (state/,
 * migrate/), but keeps no pointer to one beyond the next change.
 *
 * A node has two generations: value_gen changes with its value or permissions,
 * children_gen when a child is added or removed.  A new node gets the number of
 * the change that created it for both, so that a node that was deleted and
 * created again is never taken for the old one.
 *
 * Every function here keeps the digest, a sum over all nodes, up to date: see
 * tree_digest().
 */
#ifndef STORE_TREE_H
#define STORE_TREE_H

#include "base/err.h"
#include "base/hash.h"
#include "base/slab.h"
#include "store/perms.h"

#define NODE_NONE    0u
#define NODE_ROOT    1u
#define VALUE_INLINE 8u
/* flags of purge.c, on nodes that it will remove */
#define NODE_TOP  0x1u /* will be removed, with all below */
#define NODE_SEEN 0x2u /* the node or one above it has NODE_TOP */
/* flags of state/copy.c */
#define NODE_SENT 0x4u /* the walk has sent it */
#define NODE_OPEN 0x8u /* ... but not all of its children yet */

struct big;

struct name {
	struct hlink link;
	uint32_t refs;
	uint16_t len; /* without a NUL */
	uint64_t digest;
	char s[]; /* with a NUL */
};

struct node {
	uint32_t parent;
	uint32_t next,
		prev;	/* siblings, circular in prev: first->prev = last */
	uint32_t first; /* child */
	uint32_t chain; /* next in its bucket of the child index */
	uint32_t perms_next, perms_prev; /* nodes with the same list */
	uint32_t child_bytes; /* of the listing: names with their NULs */
	uint32_t perms;	      /* id of the list */
	uint16_t value_len;
	uint16_t flags;
	struct name *name;
	uint64_t value_gen;
	uint64_t children_gen;
	union {
		uint8_t inl[VALUE_INLINE];
		uint8_t *p;
	} value;
};

struct tree {
	struct hash_key key;
	struct slab nodes;
	struct pool pool; /* names and values */
	struct htab *names;
	struct perms_table *perms;
	uint32_t **index;	/* child index: segments of bucket heads */
	struct big **index_big; /* memory of segments, if in big pieces */
	uint32_t nsegs, index_size, nbuckets, mask;
	uint32_t unindexed; /* loading: the first node not in the index */
	bool marked;	    /* nodes may have flags of state/copy.c */
	uint32_t count;	    /* nodes, including the root */
	uint64_t digest;    /* of everything but permissions */
	uint32_t near;	    /* a node whose path digest is ... */
	uint64_t near_path; /* ... this; or NODE_NONE */
};

/*
 * A new tree with "/" only, with the given permission and both generations 0.
 * NULL without memory.
 */
struct tree *tree_new(const void *ctx, const struct hash_key *key,
		      struct perms_table *perms, const struct perm *root_perm);

static inline struct node *tree_node(const struct tree *t, uint32_t id)
{
	return slab_at(&t->nodes, id);
}
static inline const uint8_t *node_value(const struct node *n)
{
	return n->value_len > VALUE_INLINE ? n->value.p : n->value.inl;
}
static inline struct perms *node_perms(const struct tree *t,
				       const struct node *n)
{
	return perms_by_id(t->perms, n->perms);
}

/* The node at an absolute path, or NODE_NONE. */
uint32_t tree_find(const struct tree *t, const char *path, size_t len);
/*
 * The deepest existing node on the way to path, at least the root, and the
 * length of its path.
 */
uint32_t tree_find_deepest(const struct tree *t, const char *path, size_t len,
			   size_t *ret_len);
/* The child of that name, or NODE_NONE. */
uint32_t tree_child(const struct tree *t, uint32_t parent, const char *name,
		    size_t len);
/* The next node in preorder below root, after id; NODE_NONE at the end. */
uint32_t tree_next(const struct tree *t, uint32_t root, uint32_t id);
/* Writes the node's path into buf (PATH_SIZE bytes); returns its length. */
size_t tree_path(const struct tree *t, uint32_t id, char *buf);
/* The digest of the node's path. */
uint64_t tree_path_digest(const struct tree *t, uint32_t id);
/*
 * The digest of the whole tree: paths, values, permissions, both generations
 * and the order of children.  The same for the same content in every build.
 */
uint64_t tree_digest(const struct tree *t);

/* ---- changing: for change.c and the restore ---- */

/* The name, without a reference; NULL if it is not in use. */
struct name *name_find(const struct tree *t, const char *s, size_t len);
/* The name, created when missing, with a reference; NULL without memory. */
struct name *name_intern(struct tree *t, const char *s, size_t len);
void name_unref(struct tree *t, struct name *n);
/*
 * Memory for a value, which tree_set_value() or tree_add() takes over.  NULL
 * without memory, and for at most VALUE_INLINE bytes, which need none.
 */
uint8_t *value_alloc(struct tree *t, size_t len);
void value_free(struct tree *t, uint8_t *block, size_t len);
/* Makes sure that tree_add() succeeds for so many nodes.  0 or ENOMEM. */
int tree_reserve(struct tree *t, uint32_t nodes);

/*
 * Adds a child after the others and returns its id.  Takes over the caller's
 * references to name and perms, and the block with the value; if value_len is
 * at most VALUE_INLINE, block is NULL and value is copied.  Never fails after
 * tree_reserve().
 */
uint32_t tree_add(struct tree *t, uint32_t parent, struct name *name,
		  struct perms *perms, const uint8_t *value, uint8_t *block,
		  uint16_t value_len, uint64_t gen);
/* Removes a node without children. */
void tree_remove(struct tree *t, uint32_t id);
/*
 * Removes a node and everything below it, children first, but at most max
 * nodes, in time proportional to their number.  Calls gone() for each node just
 * before it is removed.  Each removal adds one to *generation; the nodes that
 * stay and lost a child, including the parent, get the last number as
 * children_gen.  Returns the number of nodes removed.
 */
typedef void tree_gone_fn(void *arg, const struct tree *t,
			  const struct node *n);
uint32_t tree_remove_below(struct tree *t, uint32_t id, uint32_t max,
			   uint64_t *generation, tree_gone_fn *gone, void *arg);
/* Takes over block, as tree_add(). */
void tree_set_value(struct tree *t, uint32_t id, const uint8_t *value,
		    uint8_t *block, uint16_t value_len, uint64_t gen);
/* Takes over the reference to perms. */
void tree_set_perms(struct tree *t, uint32_t id, struct perms *perms,
		    uint64_t gen);
void tree_set_gens(struct tree *t, uint32_t id, uint64_t value_gen,
		   uint64_t children_gen);

/*
 * Bulk loading into a tree with "/" only: begin, load, done.  A loaded node is
 * found by name only after tree_load_index(), and counts for the digest only
 * after tree_load_done(), which walks the tree once.  nodes: how many to
 * expect, roughly.
 */
void tree_load_begin(struct tree *t, uint32_t nodes);
/* As tree_add(); NODE_NONE without memory, and then takes nothing over. */
uint32_t tree_load_node(struct tree *t, uint32_t parent, struct name *name,
			struct perms *perms, const uint8_t *value,
			size_t value_len, uint64_t gen);
void tree_load_gens(struct tree *t, uint32_t id, uint64_t value_gen,
		    uint64_t children_gen);
/* Puts the nodes loaded so far into the index. */
void tree_load_index(struct tree *t);
/*
 * Returns 0, ENOMEM, or EEXIST with a node that has the same name as a sibling;
 * after EEXIST the tree can only be used for tree_path() of that node.
 */
int __must_check tree_load_done(struct tree *t, uint32_t *ret_twice);
/*
 * Takes state/copy.c's flags from up to n nodes, from number *id on, which it
 * moves.  Returns true if there are more.
 */
bool tree_unmark(struct tree *t, uint32_t *id, uint32_t n);
/* The bytes of memory that the tree uses. */
size_t tree_memory(const struct tree *t);
/* As tree_child(), for an interned name. */
uint32_t tree_child_named(const struct tree *t, uint32_t parent,
			  const struct name *name);

#endif
