/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * change-delete: deletion of subtrees; see change_delete_some() in change.h.
 *
 * Only a node that is watched itself gets a change of its own.  All others are
 * removed together with the nearest such node above them; no client can see in
 * which order.  So the walk here goes no deeper than somebody watches.
 */
#include "store/change.h"

#include <errno.h>
#include <string.h>

#include "store/disturb.h"
#include "store/path.h"
#include "store/tree.h"
#include "store/watch-path.h"

/* A walk below a node, with the path of the current node. */
struct walk {
	const struct tree *t;
	uint32_t id;
	size_t len;
	char path[PATH_SIZE];
};

static void walk_begin(struct walk *w, const struct tree *t, uint32_t id)
{
	w->t = t;
	w->id = id;
	w->len = tree_path(t, id, w->path);
}

static void walk_down(struct walk *w, uint32_t child)
{
	const struct name *name = tree_node(w->t, child)->name;

	w->id = child;
	if (w->len > 1)
		w->path[w->len++] = '/';
	memcpy(w->path + w->len, name->s, name->len);
	w->len += name->len;
}

static void walk_up(struct walk *w)
{
	const struct node *n = tree_node(w->t, w->id);

	w->id = n->parent;
	w->len -= n->name->len;
	if (w->len > 1)
		w->len--;
}

/* ---- collecting the changes ---- */

/* A node on the way down to the current one. */
struct step {
	struct watch_path *at; /* somebody watches it, or below it */
	uint32_t pending;      /* of struct some, when it was entered */
};

/* The deletion of at most `most` nodes of a subtree. */
struct some {
	struct change_list *l;
	struct walk w;
	uint32_t top;
	uint32_t most;
	uint32_t n;	  /* nodes so far ... */
	uint32_t pending; /* ... of which these are in no change yet */
	uint32_t depth;
	struct step step[PATH_ABS_MAX / 2 + 1];
};

/* Counts the nodes of a subtree, up to max. */
static uint32_t count(struct some *d, uint32_t node, uint32_t max)
{
	uint32_t n = 0, id;

	for (id = node; id && n < max; id = tree_next(d->w.t, node, id))
		n++;
	d->l->store->work += n / 4;
	return n;
}

/* Skips a subtree that nobody watches: a change above it removes it. */
static void pass(struct some *d, uint32_t node)
{
	uint32_t n;

	if (d->most == UINT32_MAX)
		return; /* no limit: no need to count */
	n = count(d, node, d->most - d->n);
	d->n += n;
	d->pending += n;
}

/* Deletes the current node with all that is still below it. */
static int add_delete(struct some *d)
{
	const struct tree *t = d->w.t;
	struct change *c = change_delete(d->l, d->w.path, d->w.len, d->w.id);

	if (!c)
		return ENOMEM;
	c->below = true;
	c->exact = d->w.id != d->top;
	if (c->exact) /* the parent is gone, too, when watches are matched */
		c->up = perms_ref(node_perms(
			t, tree_node(t, tree_node(t, d->w.id)->parent)));
	d->l->store->work += 1 + d->w.len / 256;
	d->pending = d->step[d->depth].pending;
	return 0;
}

/*
 * Among the children of the current node, from id on, finds the first one that
 * is watched or has watches below it, and makes it the current node.  Returns
 * false if there is none, or when enough nodes are counted.
 */
static bool next_watched(struct some *d, uint32_t id)
{
	struct store *s = d->l->store;
	struct watch_path *at = d->step[d->depth].at, *p;
	const struct node *n;

	for (; id && d->n < d->most; id = n->next) {
		n = tree_node(d->w.t, id);
		s->work++;
		p = watch_path_step(s->watches, at, n->name->s, n->name->len);
		if (p) {
			walk_down(&d->w, id);
			d->depth++;
			d->step[d->depth].at = p;
			d->step[d->depth].pending = d->pending;
			return true;
		}
		pass(d, id);
	}
	return false;
}

/* Deletes a subtree in which somebody watches.  Returns 0 or ENOMEM. */
static int delete_watched(struct some *d, bool *ret_all)
{
	uint32_t next = tree_node(d->w.t, d->top)->first;

	for (;;) {
		while (next_watched(d, next))
			next = tree_node(d->w.t, d->w.id)->first;
		if (d->n >= d->most)
			break;
		if (d->most != UINT32_MAX) {
			d->n++;
			d->pending++;
		}
		if ((!d->depth || d->step[d->depth].at->ngroups) &&
		    add_delete(d))
			return ENOMEM;
		*ret_all = !d->depth;
		if (!d->depth)
			return 0;
		next = tree_node(d->w.t, d->w.id)->next;
		walk_up(&d->w);
		d->depth--;
	}
	if (d->pending && !change_sweep(d->l, d->top, d->pending))
		return ENOMEM;
	return 0;
}

int change_delete_some(struct change_list *l, uint32_t node, uint32_t most,
		       bool *ret_all)
{
	struct store *s = l->store;
	struct some d;
	bool all;

	d.l = l;
	d.top = node;
	d.most = most;
	d.n = d.pending = d.depth = d.step[0].pending = 0;
	walk_begin(&d.w, s->tree, node);
	d.step[0].at = watch_path_walk(s->watches, d.w.path, d.w.len, &all);
	s->work += 1 + d.w.len / 64;
	*ret_all = false;
	if (all && (d.step[0].at->ngroups || d.step[0].at->nsteps))
		return delete_watched(&d, ret_all);
	*ret_all = most == UINT32_MAX || count(&d, node, most + 1) <= most;
	if (*ret_all)
		return add_delete(&d);
	return change_sweep(l, node, most) ? 0 : ENOMEM;
}

int change_delete_subtree(struct change_list *l, uint32_t node)
{
	bool all;

	return change_delete_some(l, node, UINT32_MAX, &all);
}

/* ---- conflicts that the deletion causes ---- */

void change_look_below(struct store *s, uint32_t node, struct account *by)
{
	/* of the nodes on the way down, from the top's parent on */
	uint32_t hash[PATH_ABS_MAX / 2 + 2], depth = 1, id = node;
	struct walk w;

	if (!s->touched->count)
		return;
	walk_begin(&w, s->tree, node);
	if (!disturb_hash_of(s, w.path, w.len, &hash[0], &hash[1]))
		return;
	while (!by->disturbed) {
		disturb_look_gone(s, w.path, w.len, hash[depth - 1],
				  hash[depth], by);
		s->work++;
		id = tree_node(s->tree, w.id)->first;
		while (!id && w.id != node) {
			id = tree_node(s->tree, w.id)->next;
			walk_up(&w);
			depth--;
		}
		if (!id)
			return;
		walk_down(&w, id);
		hash[depth + 1] =
			disturb_hash(hash[depth], tree_node(s->tree, id)->name);
		depth++;
	}
}
