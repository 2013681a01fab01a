/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree: the committed nodes.
 *
 * A node is 72 bytes in a slab; its name and permission list are shared with
 * every other node that has the same, and a value of up to eight bytes sits
 * inside.  Children keep the order in which they were added.  One hash table
 * over (parent, name) finds any child in constant time.
 *
 * Only change.c and the bulk restore call the functions that change
 * something; nothing outside store/ sees a struct node.
 *
 * Two generations: value_gen changes with the value or permissions of a node,
 * children_gen when a child is added or removed.  A new node has both set to
 * the number of the change that made it, so that one which was deleted and
 * created again is never taken for the old one.
 *
 * The digest is a sum over all nodes, kept up to date by every function here:
 * see tree_digest().
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
/* flags of purge.c, on what it will remove */
#define NODE_TOP  0x1u /* noted to be removed, with all below */
#define NODE_SEEN 0x2u /* what stands above it, or it itself, is noted */

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
	uint32_t perms_next, perms_prev; /* others with the same list */
	uint32_t child_bytes; /* length of a listing: names with their NULs */
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
	struct big **index_big; /* where those of a big piece lie */
	uint32_t nsegs, index_size, nbuckets, mask;
	uint32_t unindexed; /* loading: the first node not in the index */
	uint32_t count;	    /* nodes, the root among them */
	uint64_t digest;    /* of all but the permissions */
	uint32_t near;	    /* a node of which the path's digest is known ... */
	uint64_t near_path; /* ... or NODE_NONE */
};

/*
 * An empty tree that has only "/", with the given permissions and both
 * generations 0.  NULL without memory.
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
 * The deepest node on the way to path that exists (at least the root), and
 * how many bytes of path name it.
 */
uint32_t tree_find_deepest(const struct tree *t, const char *path, size_t len,
			   size_t *ret_len);
uint32_t tree_child(const struct tree *t, uint32_t parent, const char *name,
		    size_t len);
/* The next node in preorder below root, after id; NODE_NONE at the end. */
uint32_t tree_next(const struct tree *t, uint32_t root, uint32_t id);
/* The node's absolute path into buf (PATH_SIZE) with a NUL; its length. */
size_t tree_path(const struct tree *t, uint32_t id, char *buf);
/* What a node's path adds to digests. */
uint64_t tree_path_digest(const struct tree *t, uint32_t id);
/*
 * The digest of the whole tree: paths, values, permissions, both generations
 * and the order of children.  The same in every build for the same contents.
 */
uint64_t tree_digest(const struct tree *t);

/* ---- changing; see above for who may ---- */

/* The name if anything has it, without a reference; or NULL. */
struct name *name_find(const struct tree *t, const char *s, size_t len);
struct name *name_intern(struct tree *t, const char *s, size_t len);
void name_unref(struct tree *t, struct name *n);
/*
 * Memory for a value that tree_set_value or tree_add will take over; NULL
 * also for a length of at most VALUE_INLINE, which needs none.
 */
uint8_t *value_alloc(struct tree *t, size_t len);
void value_free(struct tree *t, uint8_t *block, size_t len);
int tree_reserve(struct tree *t, uint32_t nodes);

/*
 * Adds a last child.  Takes over the caller's references to name and perms
 * and the block (NULL if value_len is at most VALUE_INLINE; value is then
 * copied).  Cannot fail after tree_reserve().  Returns its id.
 */
uint32_t tree_add(struct tree *t, uint32_t parent, struct name *name,
		  struct perms *perms, const uint8_t *value, uint8_t *block,
		  uint16_t value_len, uint64_t gen);
/* Removes a node that has no children. */
void tree_remove(struct tree *t, uint32_t id);
/*
 * Removes a node and all below it, children first and at most max nodes of
 * them in that order, in time proportional to their number.  gone hears of
 * each just before it goes.  Every node counts one generation; what has lost
 * a child and stays, the node's parent included, has the last one as its
 * children_gen.  Returns how many went.
 */
typedef void tree_gone_fn(void *arg, const struct tree *t,
			  const struct node *n);
uint32_t tree_remove_below(struct tree *t, uint32_t id, uint32_t max,
			   uint64_t *generation, tree_gone_fn *gone, void *arg);
void tree_set_value(struct tree *t, uint32_t id, const uint8_t *value,
		    uint8_t *block, uint16_t value_len, uint64_t gen);
/* Takes over the reference to perms. */
void tree_set_perms(struct tree *t, uint32_t id, struct perms *perms,
		    uint64_t gen);
void tree_set_gens(struct tree *t, uint32_t id, uint64_t value_gen,
		   uint64_t children_gen);

/*
 * Loading many nodes into a tree that has only "/": begin (nodes: about how
 * many to expect), load, done.  As tree_add, but a loaded node is found by
 * name only after tree_load_index(), and counts for the digest only after
 * tree_load_done(), which makes up for it in one walk.
 */
void tree_load_begin(struct tree *t, uint32_t nodes);
/* NODE_NONE without memory; it then takes nothing over. */
uint32_t tree_load_node(struct tree *t, uint32_t parent, struct name *name,
			struct perms *perms, const uint8_t *value,
			size_t value_len, uint64_t gen);
void tree_load_gens(struct tree *t, uint32_t id, uint64_t value_gen,
		    uint64_t children_gen);
/* Makes the nodes loaded so far known by name. */
void tree_load_index(struct tree *t);
/*
 * Returns 0, ENOMEM, or EEXIST and a node that has the name of a sibling: the
 * tree is then good for nothing but tree_path() of that node.
 */
int __must_check tree_load_done(struct tree *t, uint32_t *ret_twice);
/* The bytes that it takes in all. */
size_t tree_memory(const struct tree *t);
/* As tree_child, for a name that is interned already. */
uint32_t tree_child_named(const struct tree *t, uint32_t parent,
			  const struct name *name);

#endif
