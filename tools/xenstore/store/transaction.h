/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transaction: an overlay of the nodes that it touched.
 *
 * A transaction keeps seeing what it has read, and only it sees what it has
 * written.  Each touched path has one entry, which says what was done and which
 * generations that was based on.  The commit checks exactly those:
 *
 *   value or permissions read, written, deleted	the node is there with the
 *							same value generation
 *   children listed, deleted				same children generation
 *   absence seen, created				still not there
 *   created below a parent				the parent is there
 *							with the same permissions
 *   created implicitly as a missing parent,		still not there, or there
 *   and never named by a request			with the same permissions
 *
 * So transactions that touch different nodes never conflict.  That includes
 * adding different children to one directory, also if it did not exist and each
 * transaction created it.  On success the entries become one change list; a
 * failed commit changes nothing.
 *
 * In the last case the commit merges with a parent that others have created.
 * That is still equivalent to doing all requests at the moment of the commit:
 * creating a node creates missing parents, and of existing parents it only uses
 * the permissions, which decide whether it is allowed and what the new node
 * inherits.  The permissions are the same.  No reply has told the client that
 * the parent was missing, or shown its value or children, because any request
 * for the parent's own path clears TX_IMPLIED; and paths below it that were
 * seen have entries of their own, which say that nothing is there.  So the
 * parent keeps the value and children that others gave it, and no watch fires
 * for a second creation.
 */
#ifndef STORE_TRANSACTION_H
#define STORE_TRANSACTION_H

#include "store/change.h"
#include "store/store.h"
#include "store/tx-node.h"

/* What a transaction did with a node: tx_node.did */
#define TX_VALUE   0x0001u /* read its value or permissions */
#define TX_LISTED  0x0002u /* listed its children */
#define TX_ABSENT  0x0004u /* it did not exist when first touched */
#define TX_WRITTEN 0x0008u /* changed its value or permissions */
#define TX_CREATED 0x0010u /* created it, and it still exists */
#define TX_DELETED 0x0020u /* deleted it, and it is still deleted */
#define TX_PARENT  0x0040u /* created a child */
#define TX_FIRES   0x0080u /* the commit fires watches here and above ... */
#define TX_EXACT   0x0100u /* ... or, if set too, on just this path */
#define TX_WAS_OWN 0x0200u /* the client's domain owned it when first touched */
#define TX_IMPLIED 0x0400u /* created it as a missing parent only */
/* restore: written or deleted, and what that was based on is unknown */
#define TX_UNPROVEN 0x8000u
/* restore: what it was based on is known, even if no other bit is set */
#define TX_BASED 0x4000u

struct tx {
	struct list of_client;
	struct store *store;
	struct client *client;
	uint32_t id;
	uint64_t started_ms;
	struct tx_tab tab;
	struct list all;      /* struct tx_node, touched or not */
	struct tx_node *root; /* of "/", touched or not */
	struct list nodes;    /* struct tx_node, those touched */
	uint32_t nnodes;      /* in `nodes` */
	uint64_t memory;      /* charged for it: memory.h */
	uint32_t next_seq;    /* created_seq of the next creation, from 1 */
	uint32_t next_event;  /* event_order of the next event, from 1 */
	int64_t own_nodes;    /* nodes that the client's domain has gained */
	int64_t merged;	      /* of them, those that others have created ... */
	uint64_t merged_at;   /* ... when store->generation + 1 was this */
	bool doomed;	      /* will end in EAGAIN */
	bool failed;	      /* memory ran out: will end in ENOMEM */
};

/*
 * Opens a transaction with the client's next free id, from 1 to INT32_MAX and
 * then from 1 again.  Returns 0 or ENOMEM.
 */
int __must_check tx_start(struct store *s, struct client *c, uint64_t now_ms,
			  struct tx **ret_tx);
/* The same with a given id, for a restore.  EEXIST if it is in use. */
int __must_check tx_restore(struct store *s, struct client *c, uint32_t id,
			    struct tx **ret_tx);
/* The client's open transaction with this id, or NULL. */
struct tx *tx_find(const struct client *c, uint32_t id);
/* Ends a transaction without a commit, or after it. */
void tx_free(struct tx *tx);
/*
 * True when a privileged client's transaction has written or created a node
 * owned by a domain for which is_gone() is true.
 */
bool tx_gives_to(const struct tx *tx,
		 bool (*is_gone)(const void *arg, uint16_t domid),
		 const void *arg);
/*
 * Checks the transaction and fills and prepares `changes` (empty), which the
 * caller applies.  Returns 0, EAGAIN on a conflict, ENOSPC over quota, or
 * ENOMEM.  The caller frees the transaction in any case.
 */
int __must_check tx_commit(struct tx *tx, struct change_list *changes);

/*
 * True when the entry created a parent implicitly and a node with these
 * permissions (NULL: no node) does not conflict with that.
 */
static inline bool tx_made_alike(const struct tx_node *n,
				 const struct perms *now)
{
	return (n->did & TX_IMPLIED) && (!now || perms_equal(now, n->perms));
}
/* True when others have created that parent, so the commit will not. */
bool tx_merges(struct tx_node *n);
/* How many nodes a commit now would add to those of the client's domain. */
int64_t tx_own_nodes(struct tx *tx);
/* True when what the entry was based on still holds. */
bool tx_entry_holds(struct tx_node *n);
/*
 * Called after a change of n, or a creation below it.  If others have changed n
 * meanwhile, the entry has outdated permissions: the transaction is doomed now,
 * not at its commit, when they could mean another domain.
 */
void tx_doom_if_lost(struct tx *tx, struct tx_node *n);

/* ---- the overlay, for node.c and the restore ---- */

/*
 * The touched entry of path.  A new one is made from the committed node, unless
 * the transaction has deleted or created an ancestor; its did is 0 or, if there
 * is no node, TX_ABSENT.  Returns 0, ENOSPC over the quota of transaction-nodes
 * or memory, or ENOMEM.
 */
int __must_check tx_touch(struct tx *tx, const char *path, size_t len,
			  struct tx_node **ret_node);
/* The same for a child of an entry. */
int __must_check tx_touch_below(struct tx_node *up, const char *name,
				size_t len, struct tx_node **ret_node);
/* Sets TX_LISTED and keeps the children's names.  0, ENOSPC or ENOMEM. */
int __must_check tx_list(struct tx *tx, struct tx_node *n);
/*
 * Each changes the node as the transaction sees it.  tx_create and tx_set_perms
 * take over the reference to perms.  Returns 0 or an errno, as tx_touch().
 */
int __must_check tx_create(struct tx *tx, struct tx_node *n,
			   struct perms *perms, const uint8_t *value,
			   size_t value_len);
int __must_check tx_set_value(struct tx *tx, struct tx_node *n,
			      const uint8_t *value, size_t value_len);
void tx_set_perms(struct tx *tx, struct tx_node *n, struct perms *perms);
/*
 * The commit will fire watches on the path of n and above or, with exact, on
 * its path only.  Events come in the order of these calls.
 */
void tx_mark_fires(struct tx_node *n, bool exact);
/* Sets TX_IMPLIED; clears it, when a request names the node's own path. */
void tx_imply(struct tx_node *n);
void tx_ask(struct tx_node *n);
/* Deletes the node and all below it.  Returns 0, ENOSPC or ENOMEM. */
int __must_check tx_delete(struct tx *tx, struct tx_node *n);
/* Sets the value, or the listing, that the transaction sees.  0 or ENOMEM. */
int __must_check tx_put_value(struct tx *tx, struct tx_node *n,
			      const uint8_t *value, size_t len);
int __must_check tx_put_seen(struct tx *tx, struct tx_node *n,
			     const char *names, size_t len);
/* The commit will delete, or replace, the committed node at its path. */
static inline bool tx_deletes(const struct tx_node *n)
{
	return n->base_perms && (n->did & (TX_DELETED | TX_CREATED));
}

/* ---- for tx-delete.c and the restore ---- */

/*
 * As tx_touch(), for an existing entry; after an error it stays untouched.
 * bare: leaves out the value, for an entry that is deleted next.
 */
int __must_check tx_touch_entry(struct tx_node *n, bool bare);
/* Takes over the reference to perms; NULL: the node does not exist any more. */
void tx_put_perms(struct tx_node *n, struct perms *perms);
/* Sets did and updates the parent's gone_bytes. */
void tx_put_did(struct tx_node *n, uint32_t did);
/* An entry without any content, for a restore.  Returns 0 or ENOMEM. */
int __must_check tx_node_new(struct tx *tx, const char *path, size_t len,
			     struct tx_node **ret_node);
/*
 * Last step of a restore, when all committed nodes and all entries are there:
 * derives what is not in the image.  For an entry without TX_BASED nothing says
 * what it was based on: if it read a value that equals the committed one, that
 * is taken as proof that nothing changed; else the transaction will end in
 * EAGAIN.  Returns 0, EINVAL for an entry that no transaction can have, or
 * ENOMEM.
 */
int __must_check tx_restored(struct tx *tx);
/* Puts n at the end of its parent's created list.  Returns 0 or an errno. */
int __must_check tx_link_created(struct tx_node *n);

#endif
