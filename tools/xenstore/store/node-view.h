/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * node-view: a node as one client sees it, for the files of node.h's verbs.
 */
#ifndef STORE_NODE_VIEW_H
#define STORE_NODE_VIEW_H

#include "store/node.h"

/* A node as the client sees it: in the overlay, in the tree or not there. */
struct view {
	struct perms *perms; /* NULL: not there */
	const uint8_t *value;
	size_t value_len;
	size_t child_bytes; /* tree only */
	uint32_t id;	    /* tree: the node */
	struct tx_node *e;  /* transaction: the entry */
};

/*
 * Looks a node up.  In a transaction it is touched, and did says how the
 * transaction depends on it from now on (TX_ bits); one that it has made on
 * the way to another is asked for now.  Returns 0 also for one that is not
 * there; ENOSPC over the transaction-nodes quota, or ENOMEM.
 */
int __must_check node_view_get(struct node_req *req, const char *path,
			       size_t len, uint32_t did, struct view *ret_view);
/*
 * Returns 0 when the client has all of the wanted PERM_ bits on it, EACCES
 * when not, ENOENT or EACCES when it is not there.
 */
int __must_check node_view_need(struct node_req *req, const struct view *v,
				const char *path, size_t len,
				unsigned int want);
/*
 * The permissions of the nearest node above path that is there for the
 * client, and the length of its path; leaves no trace in the transaction.
 */
struct perms *node_above(const struct node_req *req, const char *path,
			 size_t len, size_t *ret_len);

#endif
