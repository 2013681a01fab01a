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

static uint32_t owned_node(const struct store *s, uint16_t domid)
{
	const struct perms_table *t = s->perms;
	const struct account *a = account_find(s->accounts, domid);
	uint32_t id;

	if (!a || !a->nodes)
		return NODE_NONE;
	for (id = 1; id < t->next; id++)
		if (t->by_id[id] && t->by_id[id]->nodes &&
		    perms_owner(t->by_id[id]) == domid)
			return t->by_id[id]->nodes;
	return NODE_NONE;
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
	uint32_t id = owned_node(s, domid), up, top = id;
	int rc;

	if (!id || domid == s->priv_domid)
		return ENOENT;
	for (up = id; up; up = tree_node(s->tree, up)->parent)
		if (up != NODE_ROOT &&
		    perms_owner(node_perms(s->tree, tree_node(s->tree, up))) ==
			    domid)
			top = up;
	if (top == NODE_ROOT)
		return give_back_root(s, changes);
	rc = change_delete_subtree(changes, top);
	return rc ? rc : change_prepare(changes);
}
