/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * node-size: what the node-size quota counts, which is what the stock daemon
 * keeps in its database for a node.  Called by node.c and commit.c.
 */
#include "store/node-size.h"

#include <string.h>

#include "store/path.h"
#include "store/tree.h"

#define RECORD_HEADER 24u
#define RECORD_PERM   8u

size_t node_size(size_t nperms, size_t value_len, size_t child_bytes)
{
	return RECORD_HEADER + nperms * RECORD_PERM + value_len + child_bytes;
}

/* now: without those that others have made, too, which are committed. */
static size_t created_bytes(const struct tx_node *e, bool now)
{
	const struct tx_node *n;
	size_t size = 0;

	list_for_each (n, &e->created, sibling)
		if (!now || !tx_merges(n))
			size += path_name_size(n->path, n->path_len);
	return size;
}

/* Children that are committed and that the transaction has deleted. */
static size_t deleted_bytes(const struct tx *tx, const char *path, size_t len)
{
	const struct tx_node *n;
	size_t size = 0;

	list_for_each (n, &tx->nodes, order)
		if (n->base_perms && (n->did & (TX_DELETED | TX_CREATED)) &&
		    path_parent_len(n->path, n->path_len) == len &&
		    !memcmp(n->path, path, len))
			size += path_name_size(n->path, n->path_len);
	return size;
}

size_t node_size_now(const struct node_req *req, const char *path, size_t len)
{
	const struct tree *t = req->store->tree;
	const struct tx_node *e =
		req->tx ? tx_node_find(req->tx, path, len) : NULL;
	const struct node *n;
	size_t size, gone = 0;
	uint32_t id;

	/* a transaction of dom0's may be large, and nobody limits it */
	if (req->client->cred.privileged)
		return 0;
	if (e && (!e->base_perms || (e->did & TX_CREATED)))
		return node_size(e->perms ? e->perms->n : 0, e->value_len,
				 created_bytes(e, false));
	id = tree_find(t, path, len);
	n = id ? tree_node(t, id) : NULL;
	size = n ? n->child_bytes : 0;
	if (req->tx)
		gone = deleted_bytes(req->tx, path, len);
	/* others may have taken some of them away meanwhile */
	size = size > gone ? size - gone : 0;
	if (e)
		return node_size(e->perms ? e->perms->n : 0, e->value_len,
				 size + created_bytes(e, true));
	return n ? node_size(node_perms(t, n)->n, n->value_len, size) : 0;
}

size_t node_size_committed(const struct tx *tx, const struct tx_node *e)
{
	const struct tree *t = tx->store->tree;
	uint32_t id = tree_find(t, e->path, e->path_len);
	const struct node *n = id ? tree_node(t, id) : NULL;
	size_t size, gone;

	if (!e->perms)
		return 0;
	if (!n || ((e->did & TX_CREATED) && !(e->did & TX_IMPLIED)))
		return node_size(e->perms->n, e->value_len,
				 created_bytes(e, false));
	gone = deleted_bytes(tx, e->path, e->path_len);
	/* others may have taken some of them away: then it is a conflict */
	size = n->child_bytes > gone ? n->child_bytes - gone : 0;
	size += created_bytes(e, true);
	if (e->did & TX_WRITTEN)
		return node_size(e->perms->n, e->value_len, size);
	return node_size(node_perms(t, n)->n, n->value_len, size);
}
