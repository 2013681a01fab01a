/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * node: see node.h.  Knows neither how a request came in nor who will be
 * told; called by ops/.
 */
#include "store/node.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "store/node-size.h"
#include "store/path.h"
#include "store/tree.h"

/* A node as the client sees it: in the overlay, in the tree or not there. */
struct view {
	struct perms *perms; /* NULL: not there */
	const uint8_t *value;
	size_t value_len;
	size_t child_bytes; /* tree only */
	uint32_t id;	    /* tree: the node */
	struct tx_node *e;  /* transaction: the entry */
};

static void view_tree(const struct store *s, uint32_t id, struct view *v)
{
	const struct node *n;

	memset(v, 0, sizeof(*v));
	if (!id)
		return;
	n = tree_node(s->tree, id);
	v->id = id;
	v->perms = node_perms(s->tree, n);
	v->value = node_value(n);
	v->value_len = n->value_len;
	v->child_bytes = n->child_bytes;
}

/* did: how the transaction depends on it from now on. */
static int view_get(struct node_req *req, const char *path, size_t len,
		    uint32_t did, struct view *ret_view)
{
	struct tx_node *e;
	int rc;

	if (!req->tx) {
		view_tree(req->store, tree_find(req->store->tree, path, len),
			  ret_view);
		return 0;
	}
	rc = tx_touch(req->tx, path, len, &e);
	if (rc)
		return rc;
	e->did |= did;
	memset(ret_view, 0, sizeof(*ret_view));
	ret_view->e = e;
	ret_view->perms = e->perms;
	ret_view->value = e->value;
	ret_view->value_len = e->value_len;
	return 0;
}

/*
 * The nearest node above path that is there for the client, looked at without
 * leaving a trace in the transaction.
 */
static struct perms *above(const struct node_req *req, const char *path,
			   size_t len, size_t *ret_len)
{
	const struct tree *t = req->store->tree;
	const struct tx_node *e = NULL;
	size_t up = path_parent_len(path, len), found, at = up;
	uint32_t id;

	if (!up)
		return NULL;
	/* the nearest entry that is there; what is not hides all below it */
	while (req->tx && at) {
		e = tx_node_find(req->tx, path, at);
		if (e && e->perms)
			break;
		if (e)
			up = path_parent_len(path, at);
		at = path_parent_len(path, at);
	}
	id = tree_find_deepest(t, path, up ? up : 1, &found);
	/* below what it made itself nothing committed shows */
	if (e && e->perms && ((e->did & TX_CREATED) || found < at)) {
		*ret_len = at;
		return e->perms;
	}
	*ret_len = found;
	return e && e->perms && found == at ? e->perms
					    : node_perms(t, tree_node(t, id));
}

/* 0 when the client has any of the wanted bits on it, else why not. */
static int view_need(struct node_req *req, const struct view *v,
		     const char *path, size_t len, unsigned int want)
{
	const struct cred *cred = &req->client->cred;
	const struct perms *p;
	size_t up;

	if (v->perms)
		return (perms_for(v->perms, cred) & want) == want ? 0 : EACCES;
	p = above(req, path, len, &up);
	if (p && !(perms_for(p, cred) & want))
		return EACCES;
	return ENOENT;
}

static bool over(const struct node_req *req, enum quota q, uint64_t n)
{
	return client_over(req->store, req->client, q, n);
}

/* From the limit on, as the stock daemon has it. */
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
	int rc = view_get(req, path, len, TX_VALUE, &v);

	if (!rc)
		rc = view_need(req, &v, path, len, PERM_READ);
	if (rc)
		return rc;
	*ret_value = v.value;
	*ret_len = v.value_len;
	return 0;
}

/* ---- creating ---- */

/*
 * New nodes have their parent's permissions; an unprivileged client owns what
 * it makes (xenstore.txt, "Permissions").
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

/* The end of the component of path that begins behind len bytes. */
static size_t next_component(const char *path, size_t len, size_t at)
{
	const char *end;

	at = at == 1 ? 1 : at + 1;
	end = memchr(path + at, '/', len - at);
	return end ? (size_t)(end - path) : len;
}

static int create_tree(struct node_req *req, const char *path, size_t len,
		       size_t at, struct perms *perms, const uint8_t *value,
		       size_t value_len)
{
	uint32_t parent = tree_find(req->store->tree, path, at);
	struct change *c;

	while (at < len) {
		at = next_component(path, len, at);
		c = change_create(req->changes, path, at, parent, perms,
				  at == len ? value : NULL,
				  at == len ? value_len : 0);
		if (!c)
			return ENOMEM;
		c->fires = at == len; /* that reaches all watches above */
		parent = NODE_NONE;
	}
	return apply(req);
}

static int create_tx(struct node_req *req, const char *path, size_t len,
		     size_t at, struct perms *perms, const uint8_t *value,
		     size_t value_len)
{
	struct tx_node *e = NULL;
	int rc;

	while (at < len) {
		at = next_component(path, len, at);
		rc = tx_touch(req->tx, path, at, &e);
		if (!rc)
			rc = tx_create(req->tx, e, perms_ref(perms),
				       at == len ? value : NULL,
				       at == len ? value_len : 0);
		if (rc)
			return rc;
	}
	if (e)
		tx_fires(req->tx, e);
	return 0;
}

/* The nodes to be made, or the one that gets a child, exceed the quota. */
static bool create_too_big(const struct node_req *req, const char *path,
			   size_t len, size_t at, size_t nperms,
			   size_t value_len)
{
	size_t size = node_size_now(req, path, at), end;

	for (; at < len; at = end) {
		end = next_component(path, len, at);
		if (node_too_big(req, size + end - (at == 1 ? 0 : at)))
			return true;
		size = node_size(nperms, end == len ? value_len : 0, 0);
	}
	return node_too_big(req, size);
}

static int create(struct node_req *req, const char *path, size_t len,
		  const uint8_t *value, size_t value_len)
{
	struct client *c = req->client;
	int64_t own = req->tx ? req->tx->own_nodes : 0;
	struct perms *up, *perms;
	size_t at = 1;
	int64_t n;
	int rc;

	up = above(req, path, len, &at);
	if (!up)
		return ENOENT;
	n = c->account->nodes + own +
	    (path_depth(path, len) - path_depth(path, at));
	if (n > 0 && over(req, QUOTA_NODES, (uint64_t)n))
		return ENOSPC;
	if (create_too_big(req, path, len, at, up->n, value_len))
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
	int rc = view_get(req, path, len, 0, &v);

	if (!rc)
		rc = view_need(req, &v, path, len, PERM_WRITE);
	if (rc == ENOENT)
		return create(req, path, len, value, value_len);
	if (rc)
		return rc;
	if (node_too_big(req, node_size_now(req, path, len) - v.value_len +
				      value_len))
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
	int rc = view_get(req, path, len, TX_VALUE, &v);

	if (!rc)
		rc = view_need(req, &v, path, len, PERM_WRITE);
	if (rc == ENOENT)
		return create(req, path, len, NULL, 0);
	return rc;
}

int node_rm(struct node_req *req, const char *path, size_t len)
{
	struct view v;
	size_t up;
	int rc;

	rc = view_get(req, path, len, 0, &v);
	if (!rc)
		rc = view_need(req, &v, path, len, PERM_WRITE);
	if (!rc && len == 1)
		rc = EINVAL;
	if (rc == ENOENT && above(req, path, len, &up) &&
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
	rc = view_get(req, path, len, TX_VALUE, &v);
	if (!rc)
		rc = view_need(req, &v, path, len, PERM_READ);
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
		rc = view_get(req, path, len, 0, &v);
		if (!rc)
			rc = view_need(req, &v, path, len,
				       PERM_WRITE | PERM_OWNER);
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

/* ---- listing ---- */

/* Walks the children's names of a view, one after the other. */
struct name_iter {
	const struct node_req *req;
	const struct tx_node *e;
	const char *seen;      /* transaction: next of those seen */
	const struct list *at; /* transaction: next of those created */
	uint32_t id;	       /* tree: next */
	char path[PATH_SIZE];
	size_t path_len;
};

static void name_iter_init(struct name_iter *it, const struct node_req *req,
			   const struct view *v)
{
	it->req = req;
	it->e = v->e;
	it->id = v->e ? NODE_NONE : tree_node(req->store->tree, v->id)->first;
	if (!v->e)
		return;
	it->seen = v->e->seen;
	it->at = v->e->created.next;
	it->path_len = v->e->path_len == 1 ? 0 : v->e->path_len;
	memcpy(it->path, v->e->path, it->path_len);
	it->path[it->path_len++] = '/';
}

/* A name that was seen and that the transaction has not deleted since. */
static const char *next_seen(struct name_iter *it, size_t *ret_len)
{
	const struct tx_node *e = it->e, *child;
	const char *name;

	while (it->seen && it->seen < e->seen + e->seen_len) {
		name = it->seen;
		*ret_len = strlen(name);
		it->seen += *ret_len + 1;
		if (it->path_len + *ret_len > PATH_ABS_MAX)
			return name;
		memcpy(it->path + it->path_len, name, *ret_len);
		child = tx_node_find(it->req->tx, it->path,
				     it->path_len + *ret_len);
		if (!child || !(child->did & (TX_DELETED | TX_CREATED)))
			return name;
	}
	return NULL;
}

static const char *next_name(struct name_iter *it, size_t *ret_len)
{
	const struct tree *t = it->req->store->tree;
	const struct tx_node *child;
	const char *name;

	if (!it->e) {
		const struct node *n;

		if (!it->id)
			return NULL;
		n = tree_node(t, it->id);
		it->id = n->next;
		*ret_len = n->name->len;
		return n->name->s;
	}
	name = next_seen(it, ret_len);
	if (name || it->at == &it->e->created)
		return name;
	child = list_entry(it->at, const struct tx_node, sibling);
	it->at = it->at->next;
	name = child->path + it->path_len;
	*ret_len = child->path_len - it->path_len;
	return name;
}

static int view_listing(struct node_req *req, const char *path, size_t len,
			struct view *v)
{
	int rc = view_get(req, path, len, 0, v);

	if (!rc)
		rc = view_need(req, v, path, len, PERM_READ);
	if (!rc && v->e)
		rc = tx_list(req->tx, v->e);
	return rc;
}

int node_list(struct node_req *req, const char *path, size_t len, size_t max,
	      struct wbuf *out)
{
	struct name_iter it;
	const char *name;
	struct view v;
	size_t n, total = 0;
	int rc = view_listing(req, path, len, &v);

	if (rc)
		return rc;
	if (v.child_bytes > max)
		return E2BIG;
	name_iter_init(&it, req, &v);
	while ((name = next_name(&it, &n))) {
		total += n + 1;
		if (total > max)
			return E2BIG;
		wbuf_bytes(out, name, n);
		wbuf_u8(out, 0);
	}
	return out->failed ? ENOMEM : 0;
}

int node_list_part(struct node_req *req, const char *path, size_t len,
		   size_t offset, size_t max, struct wbuf *out,
		   uint64_t *ret_gen, bool *ret_end)
{
	struct name_iter it;
	const char *name;
	size_t n, at = 0, skip;
	struct view v;
	int rc = view_listing(req, path, len, &v);

	if (rc)
		return rc;
	*ret_end = true;
	*ret_gen = v.e ? v.e->children_gen + req->tx->next_seq - 1
		       : tree_node(req->store->tree, v.id)->children_gen;
	name_iter_init(&it, req, &v);
	while ((name = next_name(&it, &n))) {
		/* an offset counts bytes and may lie inside a name */
		skip = at < offset ? offset - at : 0;
		at += n + 1;
		if (skip > n)
			continue;
		if (out->len + n - skip + 1 > max) {
			*ret_end = false;
			break;
		}
		wbuf_bytes(out, name + skip, n - skip);
		wbuf_u8(out, 0);
	}
	return out->failed ? ENOMEM : 0;
}
