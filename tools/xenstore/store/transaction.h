/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transaction: an overlay of the nodes that it touched.
 *
 * What a transaction has read stays as read; what it writes is seen by itself
 * alone.  Each touched path has one entry that says what was done with it and
 * the generations which that was based on.  The commit checks exactly those:
 *
 *   value or permissions read, written, deleted	the node is there with the
 *							same value generation
 *   children listed, deleted				same children generation
 *   absence seen, created				still not there
 *   created below a parent				the parent is there
 *							with the same permissions
 *   created on the way to another, and not		still not there, or there
 *   asked for by itself				with the same permissions
 *
 * So transactions that touch different nodes never conflict, siblings that
 * are added under one directory included, also when the directory was missing
 * and each of them has made it.  On success the entries become one change
 * list; a failed commit has changed nothing.
 *
 * Why a commit that merges with a parent made by others is still the same as
 * all its requests at that instant: who creates a node makes what is missing
 * above it and takes no notice of what is there but for its permissions, which
 * say whether he may and what the new node gets.  Those are the same.  No
 * answer has said that the parent was missing or shown its value or its
 * children, for any request about its own path takes TX_IMPLIED away; and what
 * was seen below it has entries of its own, which hold that nothing is there.
 * So the parent's value and its other children stay as others made them, and
 * nobody is told of a second creation.
 */
#ifndef STORE_TRANSACTION_H
#define STORE_TRANSACTION_H

#include "store/change.h"
#include "store/store.h"
#include "store/tx-node.h"

#define TX_VALUE   0x0001u
#define TX_LISTED  0x0002u
#define TX_ABSENT  0x0004u
#define TX_WRITTEN 0x0008u
#define TX_CREATED 0x0010u
#define TX_DELETED 0x0020u
#define TX_PARENT  0x0040u
#define TX_FIRES   0x0080u
#define TX_EXACT   0x0100u
#define TX_WAS_OWN 0x0200u /* its client's domain owned it when first touched */
#define TX_IMPLIED 0x0400u /* created on the way to another, never asked for */
/* restore: written or deleted, and nothing says what that was based on */
#define TX_UNPROVEN 0x8000u
/* restore: what it was based on is known, also when no other bit is set */
#define TX_BASED 0x4000u

struct tx {
	struct list of_client;
	struct store *store;
	struct client *client;
	uint32_t id;
	uint64_t started_ms;
	struct tx_tab tab;
	struct list all;      /* struct tx_node, also those on the way */
	struct tx_node *root; /* of "/", touched or not */
	struct list nodes;    /* struct tx_node, those touched */
	uint32_t nnodes;
	uint64_t memory;     /* for the quota */
	uint32_t next_seq;   /* of created nodes, from 1 */
	uint32_t next_event; /* likewise */
	int64_t own_nodes;   /* nodes of the client's domain gained so far */
	int64_t merged;	     /* of them, those that are there by now ... */
	uint64_t merged_at;  /* ... at so much less 1 of store->generation */
	bool doomed;	     /* will end in EAGAIN */
	bool failed;	     /* memory ran out: will end in ENOMEM */
};

/*
 * Opens a transaction with the client's next id (from 1 to INT32_MAX and
 * round again, skipping ids in use).  Returns 0 or ENOMEM.
 */
int __must_check tx_start(struct store *s, struct client *c, uint64_t now_ms,
			  struct tx **ret_tx);
/* The same with a given id, for a restore.  EEXIST when it is in use. */
int __must_check tx_restore(struct store *s, struct client *c, uint32_t id,
			    struct tx **ret_tx);
struct tx *tx_find(const struct client *c, uint32_t id);
/* Throws it away. */
void tx_free(struct tx *tx);
/* True when it has written or made a node for a domain that is_gone. */
bool tx_gives_to(const struct tx *tx,
		 bool (*is_gone)(const void *arg, uint16_t domid),
		 const void *arg);
/*
 * Checks the transaction and fills `changes` (an empty list, prepared when
 * this returns 0).  Returns 0, EAGAIN on a conflict, ENOSPC over quota, or
 * ENOMEM.  The transaction itself stays, to be freed.
 */
int __must_check tx_commit(struct tx *tx, struct change_list *changes);

/*
 * True when the entry takes a node with these permissions (NULL: none) for the
 * parent that it has made itself.
 */
static inline bool tx_made_alike(const struct tx_node *n,
				 const struct perms *now)
{
	return (n->did & TX_IMPLIED) && (!now || perms_equal(now, n->perms));
}
/* True when others have made that parent: a commit would not create it. */
bool tx_merges(struct tx_node *n);
/* The nodes that a commit now would add to those of the client's domain. */
int64_t tx_own_nodes(struct tx *tx);
/* True when what the entry was based on still holds. */
bool tx_entry_holds(struct tx_node *n);
/*
 * For what was just done to n, or made below it: when others have changed n
 * it has the permissions of a time that is over.  It cannot be committed, and
 * must not wait for one in which they mean somebody else.
 */
void tx_doom_if_lost(struct tx *tx, struct tx_node *n);

/* ---- for node.c and the restore: the overlay ---- */

/*
 * The entry of path, made from what is committed (or from a deleted or
 * created ancestor of the transaction's own) when there is none.  A new one
 * has did 0 or, if the node is not there, TX_ABSENT.  Returns 0, ENOSPC over
 * the quota of transaction-nodes or memory, or ENOMEM.
 */
int __must_check tx_touch(struct tx *tx, const char *path, size_t len,
			  struct tx_node **ret_node);
/* The same for a child of an entry. */
int __must_check tx_touch_below(struct tx_node *up, const char *name,
				size_t len, struct tx_node **ret_node);
/* Marks the children as listed and remembers them.  0, ENOSPC or ENOMEM. */
int __must_check tx_list(struct tx *tx, struct tx_node *n);
/* Takes over the reference to perms. */
int __must_check tx_create(struct tx *tx, struct tx_node *n,
			   struct perms *perms, const uint8_t *value,
			   size_t value_len);
int __must_check tx_set_value(struct tx *tx, struct tx_node *n,
			      const uint8_t *value, size_t value_len);
void tx_set_perms(struct tx *tx, struct tx_node *n, struct perms *perms);
/*
 * Its commit will fire watches upward from n or, exact, on its path only; in
 * the order of the calls.
 */
void tx_mark_fires(struct tx_node *n, bool exact);
/*
 * It was made on the way to another (see TX_IMPLIED); it was asked for by
 * itself after all.
 */
void tx_imply(struct tx_node *n);
void tx_ask(struct tx_node *n);
/* The node with all below it. */
int __must_check tx_delete(struct tx *tx, struct tx_node *n);
/* What of the value and of the listing the transaction sees.  0 or ENOMEM. */
int __must_check tx_put_value(struct tx *tx, struct tx_node *n,
			      const uint8_t *value, size_t len);
int __must_check tx_put_seen(struct tx *tx, struct tx_node *n,
			     const char *names, size_t len);
/* A committed node at its path will not be there any more, or another one. */
static inline bool tx_deletes(const struct tx_node *n)
{
	return n->base_perms && (n->did & (TX_DELETED | TX_CREATED));
}

/* ---- for tx-delete.c ---- */

/*
 * As tx_touch, for an entry that may be on the way only; with bare its value
 * is left out: it is deleted next.  An error leaves it on the way.
 */
int __must_check tx_touch_entry(struct tx_node *n, bool bare);
/* Takes over the reference to perms; NULL: it is not there any more. */
void tx_put_perms(struct tx_node *n, struct perms *perms);
/* What was done; keeps what the parent counts. */
void tx_put_did(struct tx_node *n, uint32_t did);
/* An entry without any content, for a restore.  Returns 0 or ENOMEM. */
int __must_check tx_node_new(struct tx *tx, const char *path, size_t len,
			     struct tx_node **ret_node);
/*
 * For a restore, when all entries have their content and the committed nodes
 * are there: fills in what follows from the rest.  An entry without TX_BASED
 * came without its base: a value read that equals the committed one proves
 * that nothing has changed, anything else ends the transaction in EAGAIN.
 * Returns 0, EINVAL for an entry that no transaction could have, or ENOMEM.
 */
int __must_check tx_restored(struct tx *tx);
/* Puts n at the end of its parent's created ones.  Returns 0 or an errno. */
int __must_check tx_link_created(struct tx_node *n);

#endif
