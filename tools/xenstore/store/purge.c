/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * purge: see purge.h.  Found through the permission lists that name the
 * domain as owner, so that the cost is that of its own nodes.
 */
#include "store/purge.h"

#include <errno.h>
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

/*
 * The first of them by path: in which order lists and their nodes stand in
 * memory is another one after a live update.
 */
static uint32_t first_owned(const struct store *s, uint16_t domid)
{
	const struct account *a = account_find(s->accounts, domid);
	const struct perms_table *t = s->perms;
	uint32_t i, id, top, best = NODE_NONE;
	char path[PATH_SIZE], first[PATH_SIZE];

	if (!a || !a->nodes)
		return NODE_NONE;
	for (i = 1; i < t->next; i++) {
		if (!t->by_id[i] || perms_owner(t->by_id[i]) != domid)
			continue;
		for (id = t->by_id[i]->nodes; id;
		     id = tree_node(s->tree, id)->perms_next) {
			top = owned_top(s->tree, id, domid);
			if (top == best)
				continue;
			tree_path(s->tree, top, path);
			if (best && strcmp(path, first) > 0)
				continue;
			best = top;
			strcpy(first, path);
		}
	}
	return best;
}

static int give_back_root(struct store *s, struct change_list *changes)
{
	struct perms *old = node_perms(s->tree, tree_node(s->tree, NODE_ROOT));
	struct perm *p =
		talloc_memdup(changes, old->p, old->n * sizeof(*old->p));
	struct perms *perms;
	struct change *c;

	if (!p)
		return ENOMEM;
	p[0].domid = s->priv_domid;
	perms = perms_intern(s->perms, p, old->n);
	if (!perms)
		return ENOMEM;
	c = change_perms(changes, "/", 1, NODE_ROOT, perms);
	perms_unref(s->perms, perms);
	return c ? change_prepare(changes) : ENOMEM;
}

int purge_next(struct store *s, uint16_t domid, struct change_list *changes)
{
	uint32_t top;
	int rc;

	if (domid == s->priv_domid)
		return ENOENT;
	top = first_owned(s, domid);
	if (!top)
		return ENOENT;
	if (top == NODE_ROOT)
		return give_back_root(s, changes);
	rc = change_delete_subtree(changes, top);
	return rc ? rc : change_prepare(changes);
}
