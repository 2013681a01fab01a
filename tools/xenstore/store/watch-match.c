/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch-match: whom a change list hits; see watch.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "store/path.h"
#include "store/tree.h"
#include "store/watch-path.h"

/* Steps, each a few ns, that are a unit of work; a hit is one. */
#define STEPS_A_UNIT 16

struct some {
	struct watch **watch;
	size_t n, size;
};

/* What is known while one change list is matched. */
struct match {
	struct store *s;
	const struct change_list *l;
	void *ctx;
	struct watch_hits *hits;
	uint64_t steps;
	uint32_t told; /* hits of unprivileged clients */
	/* the list's deletions, by the node; open addressing */
	const struct change **gone;
	uint32_t gone_mask;
	/* who may hear of the change that is matched: those to whom one says */
	bool asked;
	uint64_t question; /* its number; 0: none yet */
	const struct perms *before, *after, *parent;
	struct some found;
	/* of all changes: hit when their client had enough */
	struct some lost;
};

/* ---- who may hear ---- */

static bool may_read(const struct perms *p, const struct client *c)
{
	return p && (perms_for(p, &c->cred) & PERM_READ);
}

static uint32_t gone_slot(const struct match *m, uint32_t node)
{
	return hash_number(node) >> 7 & m->gone_mask;
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
	m->steps += 2 * m->l->n;
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

/*
 * What decides who may hear of the change.  The nodes that one request changes
 * have mostly the same permissions: what is found for one holds for the next.
 */
static void ask(struct match *m, const struct change *c)
{
	const struct perms *parent = NULL;

	if (c->kind != CHANGE_NOTHING && c->path_len > 1)
		parent = parent_perms(m, c);
	m->asked = true;
	m->steps++;
	if (m->question && c->before == m->before && c->after == m->after &&
	    parent == m->parent)
		return;
	m->before = c->before;
	m->after = c->after;
	m->parent = parent;
	m->question = ++m->s->watches->question;
}

/* Looked at once for each client and question. */
static bool may_hear(struct match *m, const struct change *c,
		     struct watcher *wr)
{
	const struct client *client = wr->client;

	if (!client || client->cred.privileged)
		return client;
	if (!m->asked)
		ask(m, c);
	if (wr->question != m->question) {
		m->steps += 2;
		wr->question = m->question;
		wr->may_hear = may_read(m->before, client) ||
			       may_read(m->after, client) ||
			       may_read(m->parent, client);
	}
	return wr->may_hear;
}

/* ---- one change ---- */

static int some_add(struct match *m, struct some *some, struct watch *w)
{
	size_t size = some->size ? some->size * 2 : 64;
	struct watch **more;

	if (some->n == some->size) {
		more = talloc_realloc_size(m->ctx, some->watch,
					   size * sizeof(*more));
		if (!more)
			return ENOMEM;
		some->watch = more;
		some->size = size;
	}
	some->watch[some->n++] = w;
	return 0;
}

/* Tells a watch of special nodes which domain, not only that there is one. */
static bool tells_which(const struct watch *w)
{
	return w->depth > 0;
}

/* below: how many names the change's path has below the watch's. */
static bool wants(const struct change *c, const struct watch *w,
		  unsigned int below)
{
	if (path_special(c->path))
		return !below || !c->again || tells_which(w);
	return w->depth == WATCH_NO_DEPTH || below <= (unsigned int)w->depth;
}

/*
 * All at that path, once: to ask each for its depth at each change would cost
 * more than a few that fire for nothing.
 */
static int lose_group(struct match *m, struct watch_group *g)
{
	struct watch *w;

	if (g->lost == m->s->watches->list)
		return 0;
	g->lost = m->s->watches->list;
	list_for_each (w, &g->watches, in_group) {
		m->steps++;
		if (some_add(m, &m->lost, w))
			return ENOMEM;
	}
	return 0;
}

static bool is_full(const struct match *m, struct watcher *wr)
{
	if (wr->list != m->s->watches->list) {
		wr->list = m->s->watches->list;
		wr->hits = 0;
	}
	if (wr->client->cred.privileged)
		return false;
	/* dom0 may take its time to tell everybody */
	if (m->l->by && m->told >= WATCH_HITS_ALL)
		return wr->hits >= WATCH_HITS_FEW;
	return wr->hits >= WATCH_HITS;
}

static int match_group(struct match *m, const struct change *c,
		       struct watch_group *g, unsigned int below)
{
	struct watch *w;

	if (is_full(m, g->watcher))
		return lose_group(m, g);
	list_for_each (w, &g->watches, in_group) {
		m->steps++;
		if (!wants(c, w, below))
			continue;
		if (is_full(m, g->watcher))
			return lose_group(m, g);
		if (some_add(m, &m->found, w))
			return ENOMEM;
		g->watcher->hits++;
		m->told += !g->watcher->client->cred.privileged;
	}
	return 0;
}

/* That nobody here may hear has been found for the same question. */
static bool is_deaf(struct match *m, const struct change *c,
		    const struct watch_path *p)
{
	if (!m->asked)
		ask(m, c);
	return p->deaf == m->question;
}

static int match_at(struct match *m, const struct change *c,
		    struct watch_path *p, unsigned int below)
{
	uint64_t list = m->s->watches->list;
	bool all_lost = p->ngroups, any = false;
	int rc = 0;
	uint32_t i;

	/* nothing is left to find here */
	if (p->lost == list || (p->ngroups > 1 && is_deaf(m, c, p)))
		return 0;
	m->steps += p->ngroups;
	for (i = 0; i < p->ngroups && !rc; i++) {
		if (may_hear(m, c, p->group[i]->watcher)) {
			any = true;
			rc = match_group(m, c, p->group[i], below);
		}
		all_lost &= p->group[i]->lost == list;
	}
	if (all_lost)
		p->lost = list;
	if (!any && m->asked)
		p->deaf = m->question;
	return rc;
}

static int match_path(struct match *m, const struct change *c)
{
	struct watch_path *p;
	unsigned int depth;
	bool all;
	int rc = 0;

	p = watch_path_walk(m->s->watches, c->path, c->path_len, &all);
	m->steps += p->depth + 2u;
	if (c->exact)
		return all ? match_at(m, c, p, 0) : 0;
	depth = all ? p->depth : path_depth(c->path, c->path_len);
	for (; p && !rc; p = p->parent)
		if (p->ngroups)
			rc = match_at(m, c, p, depth - p->depth);
	return rc;
}

/*
 * @releaseDomain/5: for those who watch just that, and for those who watch
 * @releaseDomain: one with depth is told which domain, one without only that
 * there was one, once for all that are found together.
 */
static int match_special(struct match *m, const struct change *c)
{
	bool slash = memchr(c->path, '/', c->path_len), all;
	struct watch_path *p =
		watch_path_walk(m->s->watches, c->path, c->path_len, &all);
	int rc = 0;

	if (p->depth == 2) {
		rc = match_at(m, c, p, 0);
		p = p->parent;
	}
	if (!rc && p->depth == 1)
		rc = match_at(m, c, p, slash);
	return rc;
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

static int add_hit(struct match *m, struct watch *w, const char *path)
{
	struct watch_hits *hits = m->hits;
	size_t size = hits->size ? hits->size * 2 : 64;
	struct watch_hit *hit;

	if (hits->n == hits->size) {
		hit = talloc_realloc_size(m->ctx, hits->hit,
					  size * sizeof(*hit));
		if (!hit)
			return ENOMEM;
		hits->hit = hit;
		hits->size = size;
	}
	hits->hit[hits->n].watch = w;
	hits->hit[hits->n++].path = path;
	return 0;
}

static int match_change(struct match *m, const struct change *c)
{
	size_t i;
	int rc;

	m->asked = false;
	m->found.n = 0;
	if (!m->gone && c->kind == CHANGE_DELETE && gone_collect(m))
		return ENOMEM;
	rc = path_special(c->path) ? match_special(m, c) : match_path(m, c);
	if (m->found.n > 1)
		sort_unless_sorted(m->found.watch, m->found.n,
				   sizeof(struct watch *), by_watch);
	for (i = 0; i < m->found.n && !rc; i++)
		rc = add_hit(m, m->found.watch[i],
			     hit_path(c, m->found.watch[i]));
	return rc;
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
	s->watches->list++;
	order = talloc_array(ctx, const struct change *, l->n);
	if (!order)
		return ENOMEM;
	list_for_each (c, &l->head, link)
		if (c->fires)
			order[n++] = c;
	m.steps = 2 * (uint64_t)l->n;
	sort_unless_sorted(order, n, sizeof(*order), by_order);
	for (i = 0; i < n && !rc; i++)
		rc = match_change(&m, order[i]);
	for (i = 0; i < m.lost.n && !rc; i++)
		rc = add_hit(&m, m.lost.watch[i], NULL);
	s->work += m.steps / STEPS_A_UNIT + ret_hits->n;
	talloc_free(order);
	talloc_free(m.found.watch);
	talloc_free(m.lost.watch);
	talloc_free(m.gone);
	return rc;
}
