/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * purge: see purge.h.  Finds the nodes through the permission lists that the
 * domain owns, so that the cost depends on its own nodes only, and works in
 * pieces: first it collects the topmost nodes in a heap by path, then it removes
 * one after another.  Called by domain/.
 */
#include "store/purge.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "base/array.h"
#include "store/path.h"
#include "store/tree.h"

struct purge {
	struct store *store;
	struct account *account; /* referenced while it counts nodes; or NULL */
	struct list lists;	 /* retired lists with nodes to collect */
	struct list collected;	 /* the other retired lists */
	char **heap;		 /* paths of topmost nodes, the first on top */
	uint32_t n, size;
	char *path;	/* of the one being removed, or NULL */
	uint32_t steps; /* not yet counted as work */
	uint16_t domid;
};

static bool is_ours(const struct purge *p, uint32_t id)
{
	const struct tree *t = p->store->tree;
	const struct perms *perms = node_perms(t, tree_node(t, id));

	return perms->retired && perms_owner(perms) == p->domid;
}

/*
 * The topmost node from id up to the root that the domain owned; NODE_NONE if
 * it is in the heap already.
 */
static uint32_t owned_top(struct purge *p, uint32_t id)
{
	const struct tree *t = p->store->tree;
	uint32_t top = NODE_NONE;

	for (; id && id != NODE_ROOT; id = tree_node(t, id)->parent) {
		p->steps++;
		if (!is_ours(p, id))
			continue;
		if (tree_node(t, id)->flags & NODE_SEEN)
			return NODE_NONE;
		tree_node(t, id)->flags |= NODE_SEEN;
		top = id;
	}
	return top;
}

/* ---- the heap ---- */

static bool heap_before(const struct purge *p, uint32_t a, uint32_t b)
{
	return strcmp(p->heap[a], p->heap[b]) < 0;
}

static void heap_swap(struct purge *p, uint32_t a, uint32_t b)
{
	char *path = p->heap[a];

	p->heap[a] = p->heap[b];
	p->heap[b] = path;
}

static int heap_add(struct purge *p, const char *path, size_t len)
{
	uint32_t i = p->n;

	if (!array_room(p, p->heap, p->n, p->size))
		return ENOMEM;
	p->heap[i] = talloc_strndup(p, path, len);
	if (!p->heap[i])
		return ENOMEM;
	p->n++;
	for (; i && heap_before(p, i, (i - 1) / 2); i = (i - 1) / 2)
		heap_swap(p, i, (i - 1) / 2);
	return 0;
}

static char *heap_take(struct purge *p)
{
	uint32_t i = 0, child;
	char *path;

	if (!p->n)
		return NULL;
	path = p->heap[0];
	p->heap[0] = p->heap[--p->n];
	while ((child = 2 * i + 1) < p->n) {
		child += child + 1 < p->n && heap_before(p, child + 1, child);
		if (!heap_before(p, child, i))
			break;
		heap_swap(p, i, child);
		i = child;
	}
	p->store->work++;
	return path;
}

/* ---- collecting ---- */

static int add_top(struct purge *p, uint32_t id)
{
	char path[PATH_SIZE];
	size_t len = tree_path(p->store->tree, id, path);

	if (heap_add(p, path, len))
		return ENOMEM;
	tree_node(p->store->tree, id)->flags |= NODE_TOP;
	p->store->work += 2 + len / 64;
	return 0;
}

/* Adds the topmost node for a node of a list, unless the heap has it. */
static int collect_one(struct purge *p, uint32_t id)
{
	uint32_t top = id == NODE_ROOT ? id : owned_top(p, id);

	p->store->work += p->steps / 4;
	p->steps %= 4;
	return top ? add_top(p, top) : 0;
}

/* Sets *ret_all when all nodes are collected. */
static int collect(struct purge *p, uint64_t until, bool *ret_all)
{
	struct perms_use *u;
	uint32_t id;

	while ((u = list_first(&p->lists, struct perms_use, link))) {
		while ((id = u->perms->collect)) {
			if (p->store->work >= until)
				return 0;
			u->perms->collect =
				tree_node(p->store->tree, id)->perms_next;
			if (collect_one(p, id))
				return ENOMEM;
		}
		list_del(&u->link);
		list_add_tail(&p->collected, &u->link);
	}
	*ret_all = true;
	return 0;
}

static int purge_drop(struct purge *p)
{
	struct perms_table *t = p->store->perms;

	perms_reinstate(t, &p->lists);
	perms_reinstate(t, &p->collected);
	if (p->account)
		account_unref(p->store->accounts, p->account);
	return 0;
}

struct purge *purge_new(const void *ctx, struct store *s, uint16_t domid)
{
	struct account *a = account_find(s->accounts, domid);
	struct purge *p = talloc_zero(ctx, struct purge);

	if (!p)
		return NULL;
	p->store = s;
	p->domid = domid;
	list_init(&p->lists);
	list_init(&p->collected);
	talloc_set_destructor(p, purge_drop);
	if (domid == s->priv_domid)
		return p;
	perms_retire(s->perms, domid, &p->lists);
	p->account = a;
	if (a)
		account_ref(a);
	return p;
}

uint16_t purge_domid(const struct purge *p)
{
	return p->domid;
}

bool purge_concerns(const struct store *s, const char *path, size_t len,
		    uint16_t *ret_domid)
{
	size_t found;
	uint32_t id = tree_find_deepest(s->tree, path, len, &found);
	const struct perms *perms;

	for (; id; id = tree_node(s->tree, id)->parent) {
		perms = node_perms(s->tree, tree_node(s->tree, id));
		if (perms->retired) {
			*ret_domid = perms_owner(perms);
			return true;
		}
	}
	return false;
}

/* ---- removing ---- */

/* The same list, owned by the privileged domain; NULL without memory. */
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

/* The next topmost node that still exists, or NODE_NONE. */
static uint32_t next_top(struct purge *p)
{
	const struct tree *t = p->store->tree;
	uint32_t id;

	for (;;) {
		if (!p->path)
			p->path = heap_take(p);
		if (!p->path)
			return NODE_NONE;
		id = tree_find(t, p->path, strlen(p->path));
		/* it may be gone, and another node may have its path */
		if (id && (tree_node(t, id)->flags & NODE_TOP) &&
		    is_ours(p, id))
			return id;
		TALLOC_FREE(p->path);
	}
}

int purge_next(struct purge *p, struct change_list *changes, uint32_t most)
{
	uint64_t until =
		most == UINT32_MAX ? UINT64_MAX : p->store->work + most;
	bool all = false;
	uint32_t id;
	int rc = collect(p, until, &all);

	if (rc || !all)
		return rc;
	id = next_top(p);
	if (!id)
		return ENOENT;
	if (id == NODE_ROOT) {
		TALLOC_FREE(p->path);
		tree_node(p->store->tree, id)->flags &= NODE_SENT | NODE_OPEN;
		return give_back_root(p->store, changes);
	}
	rc = change_delete_some(changes, id, most < 2 ? 2 : most, &all);
	if (!rc && all)
		TALLOC_FREE(p->path);
	return rc ? rc : change_prepare(changes);
}
