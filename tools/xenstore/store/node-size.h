/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * node-size: what the node-size quota counts.
 */
#ifndef STORE_NODE_SIZE_H
#define STORE_NODE_SIZE_H

#include "store/node.h"

/* Bytes of a node; child_bytes is the length of its listing. */
size_t node_size(size_t nperms, size_t value_len, size_t child_bytes);
/*
 * Bytes of the node at path as the client sees it; 0 if it is not there, or
 * if the client is privileged and so not measured.
 */
size_t node_size_now(const struct node_req *req, const char *path, size_t len);
/*
 * Bytes of an entry's node if the transaction were committed now: what others
 * have added to it meanwhile counts, too.  0 for one that it deletes.
 */
size_t node_size_committed(struct tx_node *e);

#endif
