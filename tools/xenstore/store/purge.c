/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * purge: see purge.h.  Found through the permission lists that name the
 * domain as owner, so that the cost is that of its own nodes.
 */
#include "store/purge.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "store/path.h"
#include "store/tree.h"

/* The topmost node on the way from id to the root that domid owns. */
static uint32_t owned_top(const struct tree *t, uint32_t id, uint16_t domid)
{
	uint32_t top = id;

	for (; id && id != NODE_ROOT; id = tree_node(t, id)->parent)
		if (perms_owner(node_perms(t, tree_node(t, id))) == domid)
			top = id;
	return top;
}

struct top {
	uint32_t id;
	char *path;
};

struct purge {
	struct store *store;
	struct top *top;
	uint32_t size, n, next;
};

static int by_path(const void *a, const void *b)
{
	const struct top *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static int add_top(struct purge *p, uint32_t id)
{
	char path[PATH_SIZE];

	/* what lies together comes together: most repeat the last one */
	if (p->n && p->top[p->n - 1].id == id)
		return 0;
	assert(p->n < p->size); /* the account counts what it owns */
	tree_path(p->store->tree, id, path);
	p->top[p->n].id = id;
	p->top[p->n].path = talloc_strdup(p->top, path);
	return p->top[p->n++].path ? 0 : ENOMEM;
}

static int add_tops(struct purge *p, uint16_t domid)
{
	const struct perms_table *t = p->store->perms;
	const struct tree *tree = p->store->tree;
	uint32_t i, id;

	for (i = 1; i < t->next; i++) {
		if (!t->by_id[i] || perms_owner(t->by_id[i]) != domid)
			continue;
		for (id = t->by_id[i]->nodes; id;
		     id = tree_node(tree, id)->perms_next)
			if (add_top(p, owned_top(tree, id, domid)))
				return ENOMEM;
	}
	return 0;
}

struct purge *purge_new(const void *ctx, struct store *s, uint16_t domid)
{
	const struct account *a = account_find(s->accounts, domid);
	struct purge *p = talloc_zero(ctx, struct purge);

	if (!p)
		return NULL;
	p->store = s;
	if (!a || !a->nodes || domid == s->priv_domid)
		return p;
	p->size = a->nodes;
	p->top = talloc_array(p, struct top, p->size);
	if (!p->top || add_tops(p, domid)) {
		talloc_free(p);
		return NULL;
	}
	qsort(p->top, p->n, sizeof(*p->top), by_path);
	return p;
}

/* The same, owned by the privileged domain; NULL without memory. */
static struct perms *given_back(struct store *s, const struct perms *old)
{
	struct perm *p = talloc_memdup(s, old->p, old->n * sizeof(*old->p));
	struct perms *perms;

	if (!p)
		return NULL;
	p[0].domid = s->priv_domid;
	perms = perms_intern(s->perms, p, old->n);
	talloc_free(p);
	return perms;
}

int purge_specials(struct store *s, uint16_t domid)
{
	struct perms *perms;
	size_t i;

	for (i = 0; i < SPECIAL_COUNT; i++) {
		struct special *special = &s->special[i];

		if (domid == s->priv_domid ||
		    perms_owner(special->perms) != domid)
			continue;
		perms = given_back(s, special->perms);
		if (!perms)
			return ENOMEM;
		perms_unref(s->perms, special->perms);
		special->perms = perms;
		special->generation = ++s->generation;
	}
	return 0;
}

static int give_back_root(struct store *s, struct change_list *changes)
{
	struct perms *perms = given_back(
		s, node_perms(s->tree, tree_node(s->tree, NODE_ROOT)));
	struct change *c;

	if (!perms)
		return ENOMEM;
	c = change_perms(changes, "/", 1, NODE_ROOT, perms);
	perms_unref(s->perms, perms);
	return c ? change_prepare(changes) : ENOMEM;
}

int purge_next(struct purge *p, struct change_list *changes)
{
	uint32_t id;
	int rc;

	if (p->next == p->n)
		return ENOENT;
	id = p->top[p->next].id;
	while (p->next < p->n && p->top[p->next].id == id)
		p->next++;
	if (id == NODE_ROOT)
		return give_back_root(p->store, changes);
	rc = change_delete_subtree(changes, id);
	return rc ? rc : change_prepare(changes);
}
