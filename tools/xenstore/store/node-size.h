/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * node-size: the size of a node for the node-size quota.
 */
#ifndef STORE_NODE_SIZE_H
#define STORE_NODE_SIZE_H

#include "store/node.h"

/* The size in bytes; child_bytes is the length of the node's listing. */
size_t node_size(size_t nperms, size_t value_len, size_t child_bytes);
/*
 * The size of the node at path as the client sees it; 0 if there is no node,
 * or if the client is privileged, which has no such limit.
 */
size_t node_size_now(const struct node_req *req, const char *path, size_t len);
/*
 * The size of an entry's node if the transaction were committed now, including
 * what others have added meanwhile; 0 for a node that it deletes.
 */
size_t node_size_committed(struct tx_node *e);

#endif
