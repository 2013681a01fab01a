/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tx-node: the entries of transactions, and how they are found.
 *
 * An entry is identified by its parent's entry and a name, so that no cost
 * depends on the length of paths, and children share what is known of their
 * parent.  An untouched node above an entry has an entry, too, which is only on
 * the way to others: it is not in tx->nodes, depends on nothing, and exists as
 * long as there is an entry below it.  A transaction has a table of its entries
 * by parent and name; names are those of the tree.
 *
 * An entry remembers the committed node at its path, which is valid while
 * store->generation does not change.
 *
 * transaction.h defines what an entry means.  Outside store/, state/, migrate/
 * and the digest read entries.
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
	struct tx_node *up;   /* NULL: it is "/" */
	struct name *name;    /* NULL: it is "/" */
	struct list order;    /* in tx->nodes, by first touch */
	struct list sibling;  /* in the parent's created list */
	struct list created;  /* children created here, in that order */
	uint64_t known_at;    /* 1 + the generation for which `node` is valid */
	uint32_t node;	      /* the committed node */
	uint32_t below;	      /* number of entries directly below */
	uint32_t did;	      /* TX_ bits */
	uint32_t created_seq; /* 0: not created */
	uint64_t value_gen;   /* committed when first touched */
	uint64_t children_gen;
	struct perms *perms;	  /* as seen; NULL: there is no node */
	struct perms *base_perms; /* committed when first touched */
	uint8_t *value;		  /* as seen */
	char *seen;		  /* TX_LISTED: names, each with its NUL */
	struct change *change;	  /* during a commit: that creates it */
	uint32_t seen_len;
	uint32_t event_order;
	uint32_t gone_bytes; /* listing bytes of children deleted here */
	uint32_t mark;	     /* scratch: users clear it first */
	uint16_t value_len;
	uint16_t path_len;
	uint16_t depth; /* names in its path */
};

/* A transaction's entries by parent and name, except that of "/". */
struct tx_tab {
	struct tx_node **bucket;
	uint32_t size; /* a power of two, or 0 */
	uint32_t count;
};

/* False: the entry is only on the way to others. */
static inline bool tx_touched(const struct tx_node *n)
{
	return !list_empty(&n->order);
}

/* A path; the next one is cheaper if it has the same parent. */
struct tx_path {
	const struct tx_node *up; /* NULL at first */
	char s[PATH_SIZE];
};

/* Writes the entry's path into p->s, with a NUL; returns its length. */
size_t tx_node_path(struct tx_path *p, const struct tx_node *n);
/* The entry of path, touched or not; or NULL. */
struct tx_node *tx_node_at(const struct tx *tx, const char *path, size_t len);
/* The entry of path if it is touched; or NULL. */
struct tx_node *tx_node_find(const struct tx *tx, const char *path, size_t len);
/* The entry of that name below up, by interned name or by text; or NULL. */
struct tx_node *tx_node_below(const struct tx_node *up,
			      const struct name *name);
struct tx_node *tx_node_below_text(const struct tx_node *up, const char *name,
				   size_t len);
/*
 * Finds or creates the entry of path, or of a name below up.  A new one is
 * untouched; the caller must touch it or prune it.  NULL without memory.
 */
struct tx_node *tx_node_reach(struct tx *tx, const char *path, size_t len);
struct tx_node *tx_node_reach_below(struct tx_node *up, struct name *name);
/* Creates the entry of "/" of a new transaction; NULL without memory. */
struct tx_node *tx_node_root(struct tx *tx);
/* Makes an entry touched, the last one in tx->nodes. */
void tx_node_enter(struct tx_node *n);
/* Makes an entry untouched and frees its content; _leave also prunes it. */
void tx_node_exit(struct tx_node *n);
void tx_node_leave(struct tx_node *n);
/* Frees an entry if nothing needs it, and those above it likewise. */
void tx_node_prune(struct tx_node *n);
/* Frees all entries of the transaction. */
void tx_node_free_all(struct tx *tx);

/* The committed node at the entry's path, or NODE_NONE. */
uint32_t tx_node_committed(struct tx_node *n);
/* Tells the entry that this is `node`. */
void tx_node_committed_is(struct tx_node *n, uint32_t node);

/*
 * The cost of touching path and all its prefixes of at least `from` bytes: sets
 * the number of new entries and returns the bytes for the memory quota,
 * including the value of the committed node at the prefix of `from` bytes.
 */
size_t tx_node_room(const struct tx *tx, const char *path, size_t len,
		    size_t from, uint64_t *ret_entries);
/* Charges `by` bytes more (or less) to the transaction and its client. */
void tx_charge(struct tx *tx, int64_t by);

#endif
