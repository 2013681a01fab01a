/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch-match: whom a change list hits; see watch.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "store/path.h"
#include "store/tree.h"
#include "store/watch-path.h"

/* What is known while one change list is matched. */
struct match {
	struct store *s;
	const struct change_list *l;
	void *ctx;
	struct watch_hits *hits;
	/* the list's deletions, by the node; open addressing */
	const struct change **gone;
	uint32_t gone_mask;
	/* of the change that is matched */
	const struct perms *parent; /* NULL: not yet asked for */
	struct watch **found;
	size_t nfound, size;
};

/* ---- who may hear ---- */

static bool may_read(const struct perms *p, const struct client *c)
{
	return p && (perms_for(p, &c->cred) & PERM_READ);
}

static uint32_t gone_slot(const struct match *m, uint32_t node)
{
	return node * 0x9e3779b1u >> 7 & m->gone_mask;
}

static int gone_collect(struct match *m)
{
	uint32_t size = 8, i;
	const struct change *c;

	while (size < 2 * m->l->n)
		size *= 2;
	m->gone = talloc_zero_array(m->ctx, const struct change *, size);
	if (!m->gone)
		return ENOMEM;
	m->gone_mask = size - 1;
	list_for_each (c, &m->l->head, link) {
		if (c->kind != CHANGE_DELETE)
			continue;
		for (i = gone_slot(m, c->node); m->gone[i];)
			i = (i + 1) & m->gone_mask;
		m->gone[i] = c;
	}
	m->s->work += m->l->n;
	return 0;
}

/* The change that deletes the node of that number, or NULL. */
static const struct change *gone_find(const struct match *m, uint32_t node)
{
	uint32_t i;

	for (i = gone_slot(m, node); m->gone[i]; i = (i + 1) & m->gone_mask)
		if (m->gone[i]->node == node)
			return m->gone[i];
	return NULL;
}

/*
 * The permissions of the node above a deleted one: of a parent that has gone
 * with it as they were, or nobody's secret would be safe from its removal; of
 * one that was made anew as they are.
 */
static const struct perms *parent_of_gone(const struct match *m,
					  const struct change *c)
{
	const struct tree *t = m->s->tree;
	const struct change *up;
	uint32_t id = c->parent;

	if (c->up)
		return c->up;
	up = gone_find(m, c->parent);
	if (up && !up->fires)
		id = tree_find(t, c->path,
			       path_parent_len(c->path, c->path_len));
	if (up && (up->fires || !id))
		return up->before;
	return node_perms(t, tree_node(t, id));
}

static const struct perms *parent_perms(struct match *m, const struct change *c)
{
	const struct tree *t = m->s->tree;

	if (c->kind == CHANGE_DELETE)
		return parent_of_gone(m, c);
	return node_perms(t, tree_node(t, tree_node(t, c->node)->parent));
}

static bool look_whether_may(struct match *m, const struct change *c,
			     const struct client *client)
{
	m->s->work++;
	if (may_read(c->before, client) || may_read(c->after, client))
		return true;
	if (c->kind == CHANGE_NOTHING || c->path_len == 1)
		return false;
	if (!m->parent)
		m->parent = parent_perms(m, c);
	return may_read(m->parent, client);
}

/* Looked at once for each client and change. */
static bool may_hear(struct match *m, const struct change *c,
		     struct watcher *wr)
{
	if (!wr->client || wr->client->cred.privileged)
		return wr->client;
	if (wr->change != m->s->watches->change) {
		wr->change = m->s->watches->change;
		wr->may_hear = look_whether_may(m, c, wr->client);
	}
	return wr->may_hear;
}

/* ---- one change ---- */

static int found(struct match *m, struct watch *w)
{
	struct watch **more;
	size_t size;

	if (m->nfound == m->size) {
		size = m->size ? m->size * 2 : 64;
		more = talloc_realloc_size(m->ctx, m->found,
					   size * sizeof(*more));
		if (!more)
			return ENOMEM;
		m->found = more;
		m->size = size;
	}
	m->found[m->nfound++] = w;
	return 0;
}

/* below: how many names the change's path has below the watch's. */
static bool depth_allows(const struct watch *w, unsigned int below)
{
	return w->depth == WATCH_NO_DEPTH || below <= (unsigned int)w->depth;
}

static int match_at(struct match *m, const struct change *c,
		    const struct watch_path *p, unsigned int below)
{
	struct watch *w;
	uint32_t i;

	m->s->work += p->ngroups;
	for (i = 0; i < p->ngroups; i++) {
		if (!may_hear(m, c, p->group[i]->watcher))
			continue;
		list_for_each (w, &p->group[i]->watches, in_group)
			if (depth_allows(w, below) && found(m, w))
				return ENOMEM;
	}
	return 0;
}

static int match_path(struct match *m, const struct change *c)
{
	const struct watch_path *p;
	unsigned int depth;
	bool all;
	int rc = 0;

	p = watch_path_walk(m->s->watches, c->path, c->path_len, &all);
	m->s->work += p->depth / 8 + 1;
	if (c->exact)
		return all ? match_at(m, c, p, 0) : 0;
	depth = all ? p->depth : path_depth(c->path, c->path_len);
	for (; p && !rc; p = p->parent)
		if (p->ngroups)
			rc = match_at(m, c, p, depth - p->depth);
	return rc;
}

/* Tells a watch of special nodes which domain, not only that there is one. */
static bool tells_which(const struct watch *w)
{
	return w->depth > 0;
}

/*
 * @releaseDomain/5: for those who watch just that, and for those who watch
 * @releaseDomain: one with depth is told which domain, one without only that
 * there was one, once for all that are found together.
 */
static int match_special(struct match *m, const struct change *c)
{
	bool slash = memchr(c->path, '/', c->path_len), all;
	const struct watch_path *p =
		watch_path_walk(m->s->watches, c->path, c->path_len, &all);
	struct watch *w;
	uint32_t i;

	if (slash && p->depth == 2 && match_at(m, c, p, 0))
		return ENOMEM;
	if (p->depth == 2)
		p = p->parent;
	if (p->depth != 1)
		return 0;
	m->s->work += p->ngroups;
	for (i = 0; i < p->ngroups; i++) {
		if (!may_hear(m, c, p->group[i]->watcher))
			continue;
		list_for_each (w, &p->group[i]->watches, in_group)
			if (!(c->again && !(slash && tells_which(w))) &&
			    found(m, w))
				return ENOMEM;
	}
	return 0;
}

/*
 * A client sees its watches fire in the order in which it set them.  Among
 * clients the order is one that a restored store has, too.
 */
static int by_watch(const void *a, const void *b)
{
	const struct watch *x = *(struct watch *const *)a;
	const struct watch *y = *(struct watch *const *)b;
	uint32_t id = x->client->id, other = y->client->id;

	if (id != other)
		return id < other ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* Most often they are in order: those of one path always are. */
static void sort_unless_sorted(void *base, size_t n, size_t size,
			       int (*cmp)(const void *, const void *))
{
	const char *p = base;
	size_t i;

	for (i = 1; i < n; i++)
		if (cmp(p + (i - 1) * size, p + i * size) > 0) {
			qsort(base, n, size, cmp);
			return;
		}
}

/* As the watcher names what has changed. */
static const char *hit_path(const struct change *c, const struct watch *w)
{
	if (path_special(c->path))
		return tells_which(w) ? c->path : w->wpath;
	return c->path + w->rel;
}

static int add_hits(struct match *m, const struct change *c)
{
	struct watch_hits *hits = m->hits;
	struct watch_hit *hit;
	size_t size = hits->size ? hits->size : 8, i;

	while (size < hits->n + m->nfound)
		size *= 2;
	if (size > hits->size) {
		hit = talloc_realloc_size(m->ctx, hits->hit,
					  size * sizeof(*hit));
		if (!hit)
			return ENOMEM;
		hits->hit = hit;
		hits->size = size;
	}
	for (i = 0; i < m->nfound; i++) {
		hits->hit[hits->n].watch = m->found[i];
		hits->hit[hits->n++].path = hit_path(c, m->found[i]);
	}
	m->s->work += m->nfound;
	return 0;
}

static int match_change(struct match *m, const struct change *c)
{
	int rc;

	m->s->watches->change++;
	m->parent = NULL;
	m->nfound = 0;
	if (!m->gone && c->kind == CHANGE_DELETE && gone_collect(m))
		return ENOMEM;
	rc = path_special(c->path) ? match_special(m, c) : match_path(m, c);
	if (!m->nfound)
		return rc;
	sort_unless_sorted(m->found, m->nfound, sizeof(*m->found), by_watch);
	return add_hits(m, c) ? ENOMEM : rc;
}

/* ---- all of them ---- */

static int by_order(const void *a, const void *b)
{
	const struct change *x = *(const struct change *const *)a;
	const struct change *y = *(const struct change *const *)b;

	return x->order < y->order ? -1 : x->order > y->order;
}

int watch_match(struct store *s, const struct change_list *l, void *ctx,
		struct watch_hits *ret_hits)
{
	struct match m = {.s = s, .l = l, .hits = ret_hits};
	const struct change **order;
	const struct change *c;
	size_t n = 0, i;
	int rc = 0;

	memset(ret_hits, 0, sizeof(*ret_hits));
	if (!s->watches->count || !l->n)
		return 0;
	m.ctx = ctx;
	order = talloc_array(ctx, const struct change *, l->n);
	if (!order)
		return ENOMEM;
	list_for_each (c, &l->head, link)
		if (c->fires)
			order[n++] = c;
	s->work += l->n / 8;
	sort_unless_sorted(order, n, sizeof(*order), by_order);
	for (i = 0; i < n && !rc; i++)
		rc = match_change(&m, order[i]);
	talloc_free(order);
	talloc_free(m.found);
	talloc_free(m.gone);
	return rc;
}
