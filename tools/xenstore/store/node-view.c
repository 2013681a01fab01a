/* SPDX-License-Identifier: GPL-2.0-or-later */
/* node-view: see node-view.h.  Called by node.c and node-list.c. */
#include <errno.h>
#include <string.h>

#include "store/node-view.h"
#include "store/path.h"
#include "store/tree.h"

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
	tx_ask(e);
	e->did |= did;
	memset(ret_view, 0, sizeof(*ret_view));
	ret_view->e = e;
	ret_view->perms = e->perms;
	ret_view->value = e->value;
	ret_view->value_len = e->value_len;
	return 0;
}

/*
 * The deepest entry on the way to *len bytes of path whose node exists, and the
 * length of its path; or NULL.  An entry without a node hides all below it:
 * *len is then cut before that.
 */
static const struct tx_node *nearest(const struct tx *tx, const char *path,
				     size_t *len, size_t *ret_at)
{
	const struct tx_node *n = tx->root, *e = NULL;
	size_t all = *len, at = 1, end;

	for (;;) {
		if (n && tx_touched(n) && n->perms) {
			e = n;
			*ret_at = at;
			*len = all;
		}
		if (!n || at == all)
			return e;
		end = path_next(path, all, at);
		n = tx_node_below_text(n, path + at + (path[at] == '/'),
				       end - at - (path[at] == '/'));
		if (n && tx_touched(n) && !n->perms && *len == all)
			*len = at;
		at = end;
		tx->store->work++;
	}
}

struct perms *node_above(const struct node_req *req, const char *path,
			 size_t len, size_t *ret_len)
{
	const struct tree *t = req->store->tree;
	size_t up = path_parent_len(path, len), shown = up, found, at = 0;
	const struct tx_node *e = NULL;
	uint32_t id;

	if (!up)
		return NULL;
	if (req->tx)
		e = nearest(req->tx, path, &shown, &at);
	id = tree_find_deepest(t, path, shown, &found);
	/* below a node that it created, committed nodes are hidden */
	if (e && ((e->did & TX_CREATED) || found < at)) {
		*ret_len = at;
		return e->perms;
	}
	*ret_len = found;
	return e && found == at ? e->perms : node_perms(t, tree_node(t, id));
}

static int view_need(struct node_req *req, const struct view *v,
		     const char *path, size_t len, unsigned int want)
{
	const struct cred *cred = &req->client->cred;
	const struct perms *p;
	size_t up;

	if (v->perms)
		return (perms_for(v->perms, cred) & want) == want ? 0 : EACCES;
	p = node_above(req, path, len, &up);
	if (p && !(perms_for(p, cred) & want))
		return EACCES;
	return ENOENT;
}

int node_view(struct node_req *req, const char *path, size_t len, uint32_t did,
	      unsigned int want, struct view *ret_view)
{
	int rc = view_get(req, path, len, did, ret_view);

	return rc ? rc : view_need(req, ret_view, path, len, want);
}
