/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * node-size: see node-size.h.  The size is what the stock C daemon stores in its
 * database for a node.  Called by node.c, commit.c and migrate/.
 */
#include "store/node-size.h"

#include "store/tree.h"

#define RECORD_HEADER 24u
#define RECORD_PERM   8u

size_t node_size(size_t nperms, size_t value_len, size_t child_bytes)
{
	return RECORD_HEADER + nperms * RECORD_PERM + value_len + child_bytes;
}

/* now: leaves out nodes that others have created, too. */
static size_t created_bytes(struct tx_node *e, bool now)
{
	struct tx_node *n;
	size_t size = 0;

	list_for_each (n, &e->created, sibling) {
		if (!now || !tx_merges(n))
			size += n->name->len + 1u;
		n->tx->store->work++;
	}
	return size;
}

/* The committed node's listing without names that the transaction deleted. */
static size_t left_bytes(const struct node *n, const struct tx_node *e)
{
	size_t gone = e ? e->gone_bytes : 0;

	/* others may have deleted some of them meanwhile */
	return n && n->child_bytes > gone ? n->child_bytes - gone : 0;
}

size_t node_size_now(const struct node_req *req, const char *path, size_t len)
{
	const struct tree *t = req->store->tree;
	const struct node *n;
	struct tx_node *e;
	size_t size;
	uint32_t id;

	/* dom0's transactions can be large, and have no limit */
	if (req->client->cred.privileged)
		return 0;
	e = req->tx ? tx_node_at(req->tx, path, len) : NULL;
	if (e && tx_touched(e) && (!e->base_perms || (e->did & TX_CREATED)))
		return node_size(e->perms ? e->perms->n : 0, e->value_len,
				 created_bytes(e, false));
	id = tree_find(t, path, len);
	n = id ? tree_node(t, id) : NULL;
	size = left_bytes(n, e);
	if (e && tx_touched(e))
		return node_size(e->perms ? e->perms->n : 0, e->value_len,
				 size + created_bytes(e, true));
	return n ? node_size(node_perms(t, n)->n, n->value_len, size) : 0;
}

size_t node_size_committed(struct tx_node *e)
{
	const struct tree *t = e->tx->store->tree;
	uint32_t id = tx_node_committed(e);
	const struct node *n = id ? tree_node(t, id) : NULL;
	size_t size;

	if (!e->perms)
		return 0;
	if (!n || ((e->did & TX_CREATED) && !(e->did & TX_IMPLIED)))
		return node_size(e->perms->n, e->value_len,
				 created_bytes(e, false));
	/* if others have deleted some of them, that is a conflict */
	size = left_bytes(n, e) + created_bytes(e, true);
	if (e->did & TX_WRITTEN)
		return node_size(e->perms->n, e->value_len, size);
	return node_size(node_perms(t, n)->n, n->value_len, size);
}
