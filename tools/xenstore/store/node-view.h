/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * node-view: a node as one client sees it.  For node.c and node-list.c.
 */
#ifndef STORE_NODE_VIEW_H
#define STORE_NODE_VIEW_H

#include "store/node.h"

/* A node in the overlay or in the tree, or a missing one. */
struct view {
	struct perms *perms; /* NULL: there is no node */
	const uint8_t *value;
	size_t value_len;
	size_t child_bytes; /* outside a transaction */
	uint32_t id;	    /* the node, outside a transaction */
	struct tx_node *e;  /* the entry, inside one */
};

/*
 * Looks up a node and checks that the client has all of the PERM_ bits in want
 * on it.  In a transaction this touches the node: the TX_ bits of did say how
 * the transaction depends on it from now on, and a parent that it created
 * implicitly loses TX_IMPLIED.
 *
 * Returns 0; EACCES; ENOENT for a missing node, or EACCES if the client has
 * none of these bits on the nearest existing parent; ENOSPC over the quota of
 * transaction-nodes or memory; ENOMEM.
 */
int __must_check node_view(struct node_req *req, const char *path, size_t len,
			   uint32_t did, unsigned int want,
			   struct view *ret_view);
/*
 * The permissions of the nearest node above path that exists for the client,
 * and the length of its path.  Does not touch it in the transaction.
 */
struct perms *node_above(const struct node_req *req, const char *path,
			 size_t len, size_t *ret_len);

#endif
