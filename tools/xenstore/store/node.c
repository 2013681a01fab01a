/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * node: see node.h.  Knows neither connections nor events.  Called by ops/ and daemon.c.
 */
#include "store/node.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "store/memory.h"
#include "store/node-size.h"
#include "store/node-view.h"
#include "store/path.h"
#include "store/tree.h"

static bool over(const struct node_req *req, enum quota q, uint64_t n)
{
	return client_over(req->store, req->client, q, n);
}

/* A size equal to the limit is too big, as in the stock C daemon. */
static bool node_too_big(const struct node_req *req, size_t size)
{
	return over(req, QUOTA_NODE_SIZE, size + 1ull);
}

static int apply(struct node_req *req)
{
	int rc = change_prepare(req->changes);

	if (!rc)
		change_apply(req->changes);
	return rc;
}

int node_read(struct node_req *req, const char *path, size_t len,
	      const uint8_t **ret_value, size_t *ret_len)
{
	struct view v;
	int rc = node_view(req, path, len, TX_VALUE, PERM_READ, &v);

	if (rc)
		return rc;
	*ret_value = v.value;
	*ret_len = v.value_len;
	return 0;
}

/* ---- creating ---- */

/*
 * A new node inherits its parent's permissions; an unprivileged client becomes
 * its owner (xenstore.txt, "Permissions").
 */
static struct perms *inherit(struct node_req *req, struct perms *up)
{
	struct perm *own;
	struct perms *p;
	size_t size = up->n * sizeof(*own);

	if (req->client->cred.privileged)
		return perms_ref(up);
	own = talloc_memdup(req->changes, up->p, size);
	if (!own)
		return NULL;
	own[0].domid = req->client->cred.domid;
	p = perms_intern(req->store->perms, own, up->n);
	talloc_free(own);
	return p;
}

static int create_tree(struct node_req *req, const char *path, size_t len,
		       size_t at, struct perms *perms, const uint8_t *value,
		       size_t value_len)
{
	uint32_t parent = tree_find(req->store->tree, path, at);
	struct change *c, *up = NULL;

	while (at < len) {
		at = path_next(path, len, at);
		c = change_create(req->changes, path, at, parent, perms,
				  at == len ? value : NULL,
				  at == len ? value_len : 0);
		if (!c)
			return ENOMEM;
		c->fires = at == len; /* reaches all watches above */
		c->maker = up;
		up = c;
		parent = NODE_NONE;
	}
	return apply(req);
}

static int create_tx(struct node_req *req, const char *path, size_t len,
		     size_t at, struct perms *perms, const uint8_t *value,
		     size_t value_len)
{
	struct tx_node *e, *up;
	uint32_t entries;
	size_t name;
	int rc;

	rc = tx_touch(req->tx, path, at, &e);
	while (!rc && at < len) {
		name = at == 1 ? 1 : at + 1;
		at = path_next(path, len, at);
		entries = req->tx->nnodes;
		up = e;
		rc = tx_touch_below(up, path + name, at - name, &e);
		if (!rc)
			rc = tx_create(req->tx, e, perms_ref(perms),
				       at == len ? value : NULL,
				       at == len ? value_len : 0);
		/* an older entry may have been used otherwise before */
		if (!rc && at < len && req->tx->nnodes > entries)
			tx_imply(e);
	}
	if (!rc)
		tx_mark_fires(e, false);
	return rc;
}

/* A node to create, or the one that gets a child, is over node-size. */
static bool create_too_big(const struct node_req *req, const char *path,
			   size_t len, size_t at, size_t nperms,
			   size_t value_len)
{
	size_t size = node_size_now(req, path, at), end;

	for (; at < len; at = end) {
		end = path_next(path, len, at);
		if (node_too_big(req, size + end - (at == 1 ? 0 : at)))
			return true;
		size = node_size(nperms, end == len ? value_len : 0, 0);
	}
	return node_too_big(req, size);
}

/*
 * The nodes to create or, in a transaction, the entries that it needs for them
 * (the parent's included) exceed the client's quota of memory or
 * transaction-nodes.  Checked before the first one, so that a refusal leaves
 * nothing.
 */
static bool create_too_much(const struct node_req *req, const char *path,
			    size_t len, size_t at, size_t value_len)
{
	size_t memory = value_len, end = at;
	uint64_t entries = 0;

	if (req->tx)
		memory += tx_node_room(req->tx, path, len, at, &entries);
	for (; !req->tx && at < len; at = end) {
		end = path_next(path, len, at);
		memory += memory_node(end - at + (at == 1), 0);
	}
	if (entries && over(req, QUOTA_TX_NODES, req->tx->nnodes + entries))
		return true;
	return client_over_memory(req->store, req->client, memory);
}

/* n: the nodes the client has and wants, without those of its transaction. */
static bool over_own(const struct node_req *req, int64_t n)
{
	struct tx *tx = req->tx;

	if (tx && n + tx->own_nodes > 0 &&
	    over(req, QUOTA_NODES, (uint64_t)(n + tx->own_nodes)))
		n += tx_own_nodes(tx); /* not those that others have created */
	else if (tx)
		return false;
	return n > 0 && over(req, QUOTA_NODES, (uint64_t)n);
}

static int create(struct node_req *req, const char *path, size_t len,
		  const uint8_t *value, size_t value_len)
{
	struct client *c = req->client;
	struct perms *up, *perms;
	size_t at = 1;
	int64_t n;
	int rc;

	up = node_above(req, path, len, &at);
	if (!up)
		return ENOENT;
	n = c->account->nodes + (path_depth(path, len) - path_depth(path, at));
	if (over_own(req, n))
		return ENOSPC;
	/* privileged clients have no limits */
	if (!c->cred.privileged &&
	    (create_too_big(req, path, len, at, up->n, value_len) ||
	     create_too_much(req, path, len, at, value_len)))
		return ENOSPC;
	perms = inherit(req, up);
	if (!perms)
		return ENOMEM;
	if (req->tx)
		rc = create_tx(req, path, len, at, perms, value, value_len);
	else
		rc = create_tree(req, path, len, at, perms, value, value_len);
	perms_unref(req->store->perms, perms);
	return rc;
}

int node_write(struct node_req *req, const char *path, size_t len,
	       const uint8_t *value, size_t value_len)
{
	struct view v;
	int rc = node_view(req, path, len, 0, PERM_WRITE, &v);

	if (rc == ENOENT)
		return create(req, path, len, value, value_len);
	if (rc)
		return rc;
	if (node_too_big(req, node_size_now(req, path, len) - v.value_len +
				      value_len) ||
	    (value_len > v.value_len &&
	     client_over_memory(req->store, req->client,
				value_len - v.value_len)))
		return ENOSPC;
	if (req->tx)
		return tx_set_value(req->tx, v.e, value, value_len);
	if (!change_value(req->changes, path, len, v.id, value, value_len))
		return ENOMEM;
	return apply(req);
}

int node_mkdir(struct node_req *req, const char *path, size_t len)
{
	struct view v;
	int rc = node_view(req, path, len, TX_VALUE, PERM_WRITE, &v);

	if (rc == ENOENT)
		return create(req, path, len, NULL, 0);
	return rc;
}

int node_rm(struct node_req *req, const char *path, size_t len)
{
	struct view v;
	size_t up;
	int rc;

	rc = node_view(req, path, len, 0, PERM_WRITE, &v);
	if (!rc && len == 1)
		rc = EINVAL;
	if (rc == ENOENT && node_above(req, path, len, &up) &&
	    up == path_parent_len(path, len))
		return 0;
	if (rc)
		return rc;
	if (req->tx)
		return tx_delete(req->tx, v.e);
	rc = change_delete_subtree(req->changes, v.id);
	return rc ? rc : apply(req);
}

/* ---- permissions ---- */

int node_get_perms(struct node_req *req, const char *path, size_t len,
		   const struct perms **ret_perms)
{
	struct special *special = special_find(req->store, path);
	struct view v;
	int rc;

	if (special) {
		if (!(perms_for(special->perms, &req->client->cred) &
		      PERM_READ))
			return EACCES;
		*ret_perms = special->perms;
		return 0;
	}
	rc = node_view(req, path, len, TX_VALUE, PERM_READ, &v);
	if (!rc)
		*ret_perms = v.perms;
	return rc;
}

static int set_special(struct node_req *req, struct special *special,
		       struct perms *perms)
{
	unsigned int have = perms_for(special->perms, &req->client->cred);

	if (!(have & PERM_OWNER)) {
		perms_unref(req->store->perms, perms);
		return EACCES;
	}
	perms_unref(req->store->perms, special->perms);
	special->perms = perms;
	special->generation = ++req->store->generation;
	return 0;
}

static int set_checked(struct node_req *req, const char *path, size_t len,
		       const struct view *v, struct perms *perms)
{
	struct change *c;

	if (req->tx) {
		tx_set_perms(req->tx, v->e, perms);
		return 0;
	}
	c = change_perms(req->changes, path, len, v->id, perms);
	perms_unref(req->store->perms, perms);
	return c ? apply(req) : ENOMEM;
}

int node_set_perms(struct node_req *req, const char *path, size_t len,
		   const struct perm *p, uint32_t n)
{
	struct special *special = special_find(req->store, path);
	struct perms *perms;
	struct view v = {0};
	int rc;

	if (!special) {
		rc = node_view(req, path, len, 0, PERM_WRITE | PERM_OWNER, &v);
		if (rc)
			return rc;
	}
	if (!req->client->cred.privileged &&
	    p[0].domid != perms_owner(special ? special->perms : v.perms))
		return EPERM;
	if (!special && node_too_big(req, node_size_now(req, path, len) -
						  node_size(v.perms->n, 0, 0) +
						  node_size(n, 0, 0)))
		return ENOSPC;
	perms = perms_intern(req->store->perms, p, n);
	if (!perms)
		return ENOMEM;
	if (special)
		return set_special(req, special, perms);
	return set_checked(req, path, len, &v, perms);
}
