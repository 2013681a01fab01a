/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tx-node: the entries of transactions and where they are.
 *
 * An entry is its parent's entry and a name, so that nothing depends on how
 * long paths are and what is known of a parent holds for all its children.
 * What is above an entry and was not touched itself is an entry, too, which is
 * only on the way: it stands in no list, depends on nothing and lives as long
 * as there is something below it.  A transaction has a table of its entries
 * by parent and name; names are those of the tree.
 *
 * An entry remembers which committed node has its path, for as long as
 * store->generation stays what it was.
 *
 * What entries mean is transaction.h's; who else looks into one are the files
 * of the store, an update's and the digest.
 */
#ifndef STORE_TX_NODE_H
#define STORE_TX_NODE_H

#include "base/list.h"
#include "store/path.h"
#include "store/store.h"

struct change;
struct name;
struct tx;

struct tx_node {
	struct tx_node *chain; /* next in its bucket of tx->tab */
	struct list all;       /* in tx->all, parents first */
	struct hlink touched;  /* by its path; see disturb.h */
	struct tx *tx;
	struct tx_node *up;  /* NULL: it is "/" */
	struct name *name;   /* NULL: it is "/" */
	struct list order;   /* of first touch, in tx->nodes */
	struct list sibling; /* in the parent's created list */
	struct list created; /* children created here, in that order */
	uint64_t known_at;   /* 1 + the generation for which `node` holds */
	uint32_t node;	     /* committed */
	uint32_t below;	     /* entries whose parent it is */
	uint32_t did;
	uint32_t created_seq; /* 0: not created */
	uint64_t value_gen;   /* committed when first touched */
	uint64_t children_gen;
	struct perms *perms;	  /* as seen; NULL: not there */
	struct perms *base_perms; /* committed when first touched */
	uint8_t *value;		  /* as seen */
	char *seen;		  /* TX_LISTED: names, each with its NUL */
	struct change *change;	  /* commit: that makes it */
	uint32_t seen_len;
	uint32_t event_order;
	uint32_t gone_bytes; /* of names of committed children deleted here */
	uint32_t mark;	     /* scratch; who uses it clears it first */
	uint16_t value_len;
	uint16_t path_len;
	uint16_t depth; /* names in its path */
};

/* A transaction's entries by parent and name, but for that of "/". */
struct tx_tab {
	struct tx_node **bucket;
	uint32_t size; /* a power of two, or 0 */
	uint32_t count;
};

/* False: it is only on the way to others. */
static inline bool tx_touched(const struct tx_node *n)
{
	return !list_empty(&n->order);
}

/* A path, and what of it the next one may have in common with it. */
struct tx_path {
	const struct tx_node *up; /* NULL at first */
	char s[PATH_SIZE];
};

/* The entry's path into p->s, with a NUL; returns its length. */
size_t tx_node_path(struct tx_path *p, const struct tx_node *n);
/* The entry of path, also one that is only on the way; or NULL. */
struct tx_node *tx_node_at(const struct tx *tx, const char *path, size_t len);
/* The same, if it was touched. */
struct tx_node *tx_node_find(const struct tx *tx, const char *path, size_t len);
/* The child of that name; the same for a name as text. */
struct tx_node *tx_node_below(const struct tx_node *up,
			      const struct name *name);
struct tx_node *tx_node_below_text(const struct tx_node *up, const char *name,
				   size_t len);
/*
 * Finds or makes the entry of path, or the child of an entry; one that is new
 * is on the way only, and is for the caller to touch or to prune.  NULL
 * without memory.
 */
struct tx_node *tx_node_reach(struct tx *tx, const char *path, size_t len);
struct tx_node *tx_node_reach_below(struct tx_node *up, struct name *name);
/* The entry of "/", for a new transaction; NULL without memory. */
struct tx_node *tx_node_root(struct tx *tx);
/* It is touched now: the last one in tx->nodes. */
void tx_node_enter(struct tx_node *n);
/* Undoes that, with all its content; the same, and prunes it. */
void tx_node_exit(struct tx_node *n);
void tx_node_leave(struct tx_node *n);
/* Frees it, if nothing needs it, and those above it likewise. */
void tx_node_prune(struct tx_node *n);
/* All of the transaction's. */
void tx_node_free_all(struct tx *tx);

/* The committed node at its path, or NODE_NONE. */
uint32_t tx_node_committed(struct tx_node *n);
/* That is known to be `node`. */
void tx_node_committed_is(struct tx_node *n, uint32_t node);

/*
 * What must be added for entries of path and of its beginnings of at least
 * `from` bytes, with the value that the committed node of that beginning
 * shows: bytes for the memory quota, and how many entries.
 */
size_t tx_node_room(const struct tx *tx, const char *path, size_t len,
		    size_t from, uint64_t *ret_entries);
/* The transaction takes so much more of its client's memory quota. */
void tx_charge(struct tx *tx, int64_t by);

#endif
