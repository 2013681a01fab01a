/* SPDX-License-Identifier: GPL-2.0-or-later */
/* node-list: DIRECTORY and DIRECTORY_PART; see node.h. */
#include <errno.h>
#include <string.h>

#include "store/node-view.h"
#include "store/path.h"
#include "store/tree.h"

/* Walks the names of a node's children. */
struct name_iter {
	const struct node_req *req;
	const struct tx_node *e;
	const char *seen;      /* in a transaction: the next one seen */
	const struct list *at; /* in a transaction: the next one created */
	uint32_t id;	       /* outside: the next child */
};

static void name_iter_init(struct name_iter *it, const struct node_req *req,
			   const struct view *v)
{
	struct tx_node *n;

	it->req = req;
	it->e = v->e;
	it->id = v->e ? NODE_NONE : tree_node(req->store->tree, v->id)->first;
	if (!v->e)
		return;
	it->seen = v->e->seen;
	it->at = v->e->created.next;
	list_for_each (n, &v->e->created, sibling)
		n->mark = 0;
}

/*
 * The next name that was seen and that the transaction has not deleted since.  A
 * parent that others have created, too, is listed at their place, which it
 * keeps after the commit.
 */
static const char *next_seen(struct name_iter *it, size_t *ret_len)
{
	const struct tx_node *e = it->e;
	struct tx_node *child;
	const char *name;

	while (it->seen && it->seen < e->seen + e->seen_len) {
		name = it->seen;
		*ret_len = strlen(name);
		it->seen += *ret_len + 1;
		it->req->store->work++;
		child = tx_node_below_text(e, name, *ret_len);
		if (child)
			child->mark = 1;
		if (!child || !(child->did & (TX_DELETED | TX_CREATED)) ||
		    (child->did & TX_IMPLIED))
			return name;
	}
	return NULL;
}

/* next_seen(), which is through, has listed this child. */
static bool was_seen(const struct tx_node *child)
{
	return (child->did & TX_IMPLIED) && child->mark;
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
		it->req->store->work++;
		it->id = n->next;
		*ret_len = n->name->len;
		return n->name->s;
	}
	name = next_seen(it, ret_len);
	while (!name && it->at != &it->e->created) {
		child = list_entry(it->at, const struct tx_node, sibling);
		it->at = it->at->next;
		it->req->store->work++;
		name = was_seen(child) ? NULL : child->name->s;
		*ret_len = child->name->len;
	}
	return name;
}

static int view_listing(struct node_req *req, const char *path, size_t len,
			struct view *v)
{
	int rc = node_view(req, path, len, 0, PERM_READ, v);

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
		/* the offset counts bytes and may be inside a name */
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
