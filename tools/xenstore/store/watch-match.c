/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch-match: finds the watches that a change list fires; see watch.h.
 *
 * A "question" is what decides whether a client may get the event of a change:
 * the permissions of the node before and after it, and those of its parent.
 * Questions have numbers, so that each is answered once for a client.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/array.h"
#include "store/path.h"
#include "store/tree.h"
#include "store/watch-path.h"

/* Steps, of a few ns each, that make a unit of work; a hit is one unit. */
#define STEPS_A_UNIT 16

/* The state while one change list is matched. */
struct match {
	struct store *s;
	const struct change_list *l;
	void *ctx;
	struct watch_hits *hits;
	uint64_t steps;
	uint32_t told; /* hits of unprivileged clients */
	/* the deletions in the list, by node; open addressing */
	const struct change **gone;
	uint32_t gone_mask;
	bool asked;	   /* question belongs to the current change */
	uint64_t question; /* the last one's number; 0: none yet */
	const struct perms *before, *after, *parent;
	/* of all changes: watches whose client has enough hits */
	struct watch_hits lost;
};

/* ---- who may get the event ---- */

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

/* The change that deletes this node, or NULL. */
static const struct change *gone_find(const struct match *m, uint32_t node)
{
	uint32_t i;

	for (i = gone_slot(m, node); m->gone[i]; i = (i + 1) & m->gone_mask)
		if (m->gone[i]->node == node)
			return m->gone[i];
	return NULL;
}

/*
 * The permissions of the parent of a deleted node.  If the list deletes the
 * parent, too, these are the ones that it had: deleting it must not reveal what
 * was below.  If the list creates it again, they are the new ones.
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
 * Sets the question of a change.  Most nodes that a request changes have the
 * same permissions, and then the question stays the same.
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

/* The client may get the event; found once for each client and question. */
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

static int add_hit(struct match *m, struct watch_hits *hits, struct watch *w,
		   const char *path)
{
	if (!array_room(m->ctx, hits->hit, hits->n, hits->size))
		return ENOMEM;
	hits->hit[hits->n++] = (struct watch_hit){w, path};
	return 0;
}

/* The event of a special node tells this watch which domain it is about. */
static bool tells_which(const struct watch *w)
{
	return w->depth > 0;
}

/* The path of the event, as the client names it. */
static const char *hit_path(const struct change *c, const struct watch *w)
{
	if (path_special(c->path))
		return tells_which(w) ? c->path : w->wpath;
	return c->path + w->rel;
}

/* below: the number of levels from the watch's path to the change's. */
static bool wants(const struct change *c, const struct watch *w,
		  unsigned int below)
{
	if (path_special(c->path))
		return !below || !c->again || tells_which(w);
	return w->depth == WATCH_NO_DEPTH || below <= (unsigned int)w->depth;
}

/*
 * Marks all watches of a group as lost, once.  Checking the depth of each for
 * every change would cost more than a few needless events.
 */
static int lose_group(struct match *m, struct watch_group *g)
{
	struct watch *w;

	if (g->lost == m->s->watches->list)
		return 0;
	g->lost = m->s->watches->list;
	list_for_each (w, &g->watches, in_group) {
		m->steps++;
		if (add_hit(m, &m->lost, w, NULL))
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
	/* the total is limited only for requests of guests */
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
		if (add_hit(m, m->hits, w, hit_path(c, w)))
			return ENOMEM;
		g->watcher->hits++;
		m->told += !g->watcher->client->cred.privileged;
	}
	return 0;
}

/* No client here may get the event, as found for the same question. */
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

	/* there is nothing more to find here */
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
 * A change of @releaseDomain/5 fires watches on that path and on
 * @releaseDomain.  A watch on the latter learns the domid if it has a depth;
 * without one it fires once for all domains that are found together.
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
 * The watches of a client fire in the order in which it set them.  The order
 * of clients is the same in a restored store.
 */
static int by_watch(const void *a, const void *b)
{
	const struct watch *x = ((const struct watch_hit *)a)->watch;
	const struct watch *y = ((const struct watch_hit *)b)->watch;
	uint32_t id = x->client->id, other = y->client->id;

	if (id != other)
		return id < other ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* Most often they are in order; those of one path always are. */
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

static int match_change(struct match *m, const struct change *c)
{
	struct watch_hits *hits = m->hits;
	size_t before = hits->n;
	int rc;

	m->asked = false;
	if (!m->gone && c->kind == CHANGE_DELETE && gone_collect(m))
		return ENOMEM;
	rc = path_special(c->path) ? match_special(m, c) : match_path(m, c);
	if (hits->n > before + 1)
		sort_unless_sorted(hits->hit + before, hits->n - before,
				   sizeof(*hits->hit), by_watch);
	return rc;
}

/* ---- all changes ---- */

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
		rc = add_hit(&m, ret_hits, m.lost.hit[i].watch, NULL);
	s->work += m.steps / STEPS_A_UNIT + ret_hits->n;
	talloc_free(order);
	talloc_free(m.lost.hit);
	talloc_free(m.gone);
	return rc;
}
