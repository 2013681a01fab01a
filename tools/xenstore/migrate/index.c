/* SPDX-License-Identifier: GPL-2.0-or-later */
/* index: see index.h. */
#include "migrate/index.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/array.h"
#include "migrate/relate.h"
#include "store/path.h"
#include "store/store.h"
#include "store/tree.h"

#define SIBLINGS 16384u /* steps to find out which sibling comes first */

struct finding {
	struct migrate_index *x;
	const struct tree *t;
	uint16_t domid;
	char id[8]; /* its digits */
	uint32_t home;
};

static uint32_t depth_of(const struct tree *t, uint32_t id)
{
	uint32_t depth = 0;

	for (; id != NODE_ROOT; id = tree_node(t, id)->parent)
		depth++;
	return depth;
}

/* id may be NODE_NONE. */
static int add_top(struct finding *f, uint32_t id, bool alone)
{
	struct migrate_index *x = f->x;

	if (!id || id == NODE_ROOT)
		return 0;
	if (!array_room(x, x->top, x->n, x->size))
		return ENOMEM;
	x->top[x->n++] = (struct migrate_top){id, depth_of(f->t, id), alone};
	return 0;
}

static int add_path(struct finding *f, const char *path)
{
	return add_top(f, tree_find(f->t, path, strlen(path)), false);
}

/* ---- nodes that the rule must learn ---- */

static int learn(struct finding *f, uint32_t id)
{
	const struct node *n = tree_node(f->t, id);
	char path[PATH_SIZE];

	if (!id)
		return 0;
	tree_path(f->t, id, path);
	return relate_learn(f->x->relate, path, node_value(n), n->value_len);
}

/* A frontend of the domain names an area: learns what that area names. */
static int learn_named(struct finding *f, const struct node *n)
{
	char path[PATH_SIZE + 16];
	int len, rc;

	if (!n->value_len || n->value_len >= PATH_SIZE ||
	    !path_valid((const char *)node_value(n), n->value_len))
		return 0;
	len = snprintf(path, sizeof(path), "%.*s/frontend", n->value_len,
		       (const char *)node_value(n));
	rc = learn(f, tree_find(f->t, path, (size_t)len));
	strcat(path, "-id");
	return rc ? rc : learn(f, tree_find(f->t, path, (size_t)len + 3));
}

static int learn_home(struct finding *f)
{
	char path[PATH_SIZE];
	uint32_t id;
	int rc = 0;

	f->home = tree_find(f->t, path, path_home(f->domid, path));
	for (id = f->home; id && !rc; id = tree_next(f->t, f->home, id)) {
		const struct node *n = tree_node(f->t, id);

		if (!strcmp(n->name->s, "backend"))
			rc = learn_named(f, n);
		if (!rc && (!strcmp(n->name->s, "backend") ||
			    !strcmp(n->name->s, "vm")))
			rc = learn(f, id);
	}
	return rc;
}

static bool at_home(const struct finding *f, uint32_t id)
{
	while (id != NODE_ROOT && id != f->home)
		id = tree_node(f->t, id)->parent;
	return id == f->home;
}

/* Adds the nodes that have this permission list. */
static int each_with(struct finding *f, const struct perms *p)
{
	bool own = perms_owner(p) == f->domid;
	const struct node *n;
	uint32_t id;
	int rc = 0;

	for (id = p->nodes; id && !rc; id = n->perms_next) {
		n = tree_node(f->t, id);
		if (own && !at_home(f, id))
			rc = add_top(f, id, true);
		if (!rc && n->name &&
		    (!strcmp(n->name->s, "frontend") ||
		     !strcmp(n->name->s, "frontend-id")))
			rc = learn(f, id);
	}
	return rc;
}

static int by_permissions(struct finding *f)
{
	const struct perms_table *t = f->t->perms;
	uint32_t i;
	int rc = 0;

	for (i = 1; i < t->next && !rc; i++)
		if (t->by_id[i] && perms_name(t->by_id[i], f->domid))
			rc = each_with(f, t->by_id[i]);
	return rc;
}

/* ---- nodes that relate by path ---- */

/* /local/domain/B/backend/T/D of every B */
static int add_backends(struct finding *f)
{
	uint32_t b = tree_find(f->t, "/local/domain", 13), type;
	int rc = 0;

	for (b = b ? tree_node(f->t, b)->first : 0; b && !rc;
	     b = tree_node(f->t, b)->next) {
		type = tree_child(f->t, b, "backend", 7);
		for (type = type ? tree_node(f->t, type)->first : 0;
		     type && !rc; type = tree_node(f->t, type)->next)
			rc = add_top(
				f, tree_child(f->t, type, f->id, strlen(f->id)),
				false);
	}
	return rc;
}

static int add_paths(struct finding *f, const char *const *add,
		     unsigned int nadd)
{
	char path[PATH_SIZE];
	const char *root;
	unsigned int i;
	int rc;

	path_home(f->domid, path);
	rc = add_path(f, path);
	snprintf(path, sizeof(path), "/libxl/%s", f->id);
	if (!rc)
		rc = add_path(f, path);
	if (!rc)
		rc = add_backends(f);
	for (i = 0; !rc && (root = relate_root(f->x->relate, i)); i++)
		rc = add_path(f, root);
	for (i = 0; i < nadd && !rc; i++)
		rc = add_path(f, add[i]);
	return rc;
}

/* ---- in order ---- */

static uint32_t climb(const struct tree *t, uint32_t id, uint32_t by)
{
	while (by--)
		id = tree_node(t, id)->parent;
	return id;
}

/* True when x is y or below it. */
static bool below(const struct tree *t, const struct migrate_top *x,
		  const struct migrate_top *y)
{
	return x->depth >= y->depth &&
	       climb(t, x->id, x->depth - y->depth) == y->id;
}

/*
 * Whether sibling i comes before j.  Follows the list from both, so the cost is
 * the distance between them.  Above SIBLINGS it compares names: the order of
 * nodes that far apart does not matter.
 */
static bool before(const struct tree *t, uint32_t i, uint32_t j)
{
	uint32_t a = i, b = j, steps;

	for (steps = 0; steps < SIBLINGS; steps++) {
		a = tree_node(t, a)->next;
		b = tree_node(t, b)->next;
		if (a == j || !b)
			return true;
		if (b == i || !a)
			return false;
	}
	return strcmp(tree_node(t, i)->name->s, tree_node(t, j)->name->s) < 0;
}

static int compare(const void *a, const void *b, void *arg)
{
	const struct migrate_top *x = a, *y = b;
	const struct tree *t = arg;
	uint32_t depth = x->depth < y->depth ? x->depth : y->depth;
	uint32_t i = climb(t, x->id, x->depth - depth);
	uint32_t j = climb(t, y->id, y->depth - depth);

	if (i == j && x->depth != y->depth)
		return x->depth < y->depth ? -1 : 1;
	if (i == j)
		return (int)x->alone - (int)y->alone;
	while (tree_node(t, i)->parent != tree_node(t, j)->parent) {
		i = tree_node(t, i)->parent;
		j = tree_node(t, j)->parent;
	}
	return before(t, i, j) ? -1 : 1;
}

/* Drops entries that equal or lie below another one. */
static void sort(struct migrate_index *x, const struct tree *t)
{
	const struct migrate_top *whole = NULL, *last = NULL;
	size_t i, n = 0;

	if (x->n)
		qsort_r(x->top, x->n, sizeof(*x->top), compare,
			(void *)(uintptr_t)t);
	for (i = 0; i < x->n; i++) {
		const struct migrate_top now = x->top[i];

		if ((last && last->id == now.id) ||
		    (whole && below(t, &now, whole)))
			continue;
		last = &x->top[n];
		x->top[n++] = now;
		if (!now.alone)
			whole = last;
	}
	x->n = n;
}

struct migrate_index *migrate_index_new(const void *ctx, const struct daemon *d,
					uint16_t domid, const char *const *add,
					unsigned int nadd)
{
	struct migrate_index *x = talloc_zero(ctx, struct migrate_index);
	struct finding f = {.x = x, .t = d->store->tree, .domid = domid};
	int rc = ENOMEM;

	snprintf(f.id, sizeof(f.id), "%u", domid);
	if (x)
		x->relate = relate_new(x, domid);
	if (x && x->relate)
		rc = learn_home(&f);
	if (!rc)
		rc = by_permissions(&f);
	if (!rc)
		rc = relate_learned(x->relate);
	if (!rc)
		rc = add_paths(&f, add, nadd);
	if (rc) {
		talloc_free(x);
		return NULL;
	}
	sort(x, f.t);
	return x;
}
