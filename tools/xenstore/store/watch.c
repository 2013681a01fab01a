/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch: see watch.h.  Knows no queue: who is hit is told, ops/ sends. */
#include "store/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "store/path.h"
#include "store/tree.h"

struct watch_path {
	struct hlink link;
	struct list watches;
	uint16_t len;
	char path[];
};

struct watches *watches_new(const void *ctx, const struct hash_key *key)
{
	struct watches *ws = talloc_zero(ctx, struct watches);

	if (!ws)
		return NULL;
	ws->key = *key;
	ws->tab = htab_new(ws);
	if (!ws->tab) {
		talloc_free(ws);
		return NULL;
	}
	return ws;
}

static struct watch_path *watch_path_find(const struct watches *ws,
					  const char *path, size_t len,
					  uint32_t hash)
{
	struct hlink *l = htab_chain(ws->tab, hash);

	for (; l; l = l->next) {
		struct watch_path *wp = (struct watch_path *)(void *)l;

		if (l->hash == hash && wp->len == len &&
		    !memcmp(wp->path, path, len))
			return wp;
	}
	return NULL;
}

static struct watch_path *watch_path_get(struct watches *ws, const char *path)
{
	size_t len = strlen(path);
	uint32_t hash = (uint32_t)hash_keyed(&ws->key, path, len);
	struct watch_path *wp = watch_path_find(ws, path, len, hash);

	if (wp)
		return wp;
	wp = talloc_size(ws, sizeof(*wp) + len + 1);
	if (!wp)
		return NULL;
	wp->link.hash = hash;
	list_init(&wp->watches);
	wp->len = (uint16_t)len;
	memcpy(wp->path, path, len + 1);
	htab_insert(ws->tab, &wp->link);
	return wp;
}

static void watch_path_drop(struct watches *ws, struct watch_path *wp)
{
	if (!list_empty(&wp->watches))
		return;
	htab_remove(ws->tab, &wp->link);
	talloc_free(wp);
}

/* seq is left out: it numbers the watches anew in a restored store. */
static uint64_t watch_digest(const struct watch *w, const char *abs)
{
	uint64_t h = hash_mix(w->client->id, (uint64_t)(int64_t)w->depth);

	h = hash_mix(h, hash_bytes(abs, strlen(abs)));
	h = hash_mix(h, hash_bytes(w->wpath, strlen(w->wpath)));
	return hash_mix(h, hash_bytes(w->token, strlen(w->token)));
}

static struct watch *watch_find(struct watches *ws, const struct client *c,
				const char *abs, const char *token)
{
	size_t len = strlen(abs);
	struct watch_path *wp = watch_path_find(
		ws, abs, len, (uint32_t)hash_keyed(&ws->key, abs, len));
	struct watch *w;

	if (!wp)
		return NULL;
	list_for_each (w, &wp->watches, at_path)
		if (w->client == c && !strcmp(w->token, token))
			return w;
	return NULL;
}

size_t watch_memory(const char *wpath, const char *token)
{
	return MEMORY_WATCH + strlen(wpath) + 1 + strlen(token) + 1;
}

int watch_add(struct store *s, struct client *c, const char *wpath,
	      const char *abs, const char *token, int32_t depth,
	      struct watch **ret_watch)
{
	size_t wlen = strlen(wpath) + 1, tlen = strlen(token) + 1;
	struct watches *ws = s->watches;
	struct watch *w;
	char *text;

	if (watch_find(ws, c, abs, token))
		return EEXIST;
	w = talloc_zero_size(ws, sizeof(*w) + wlen + tlen);
	if (!w)
		return ENOMEM;
	w->path = watch_path_get(ws, abs);
	if (!w->path) {
		talloc_free(w);
		return ENOMEM;
	}
	text = (char *)(w + 1);
	memcpy(text, wpath, wlen);
	memcpy(text + wlen, token, tlen);
	w->wpath = text;
	w->token = text + wlen;
	w->client = c;
	w->depth = depth;
	if (wpath[0] != '/' && wpath[0] != '@')
		w->rel = (uint16_t)(strlen(abs) - strlen(wpath));
	w->seq = ws->next_seq++;
	list_add_tail(&w->path->watches, &w->at_path);
	list_add_tail(&c->watches, &w->of_client);
	c->nwatches++;
	c->account->watches++;
	c->account->memory += watch_memory(wpath, token);
	ws->count++;
	ws->digest += watch_digest(w, abs);
	*ret_watch = w;
	return 0;
}

void watch_set_depth(struct store *s, struct watch *w, int32_t depth)
{
	s->watches->digest -= watch_digest(w, w->path->path);
	w->depth = depth;
	s->watches->digest += watch_digest(w, w->path->path);
}

void watch_free(struct store *s, struct watch *w)
{
	struct watches *ws = s->watches;

	ws->digest -= watch_digest(w, w->path->path);
	list_del(&w->at_path);
	list_del(&w->of_client);
	w->client->nwatches--;
	w->client->account->watches--;
	w->client->account->memory -= watch_memory(w->wpath, w->token);
	ws->count--;
	watch_path_drop(ws, w->path);
	talloc_free(w);
}

int watch_remove(struct store *s, struct client *c, const char *abs,
		 const char *token)
{
	struct watch *w = watch_find(s->watches, c, abs, token);

	if (!w)
		return ENOENT;
	watch_free(s, w);
	return 0;
}

/* ---- matching ---- */

static bool may_read(const struct perms *p, const struct client *c)
{
	return p && (perms_for(p, &c->cred) & PERM_READ);
}

/* What the permissions of path were if the list deletes it, or NULL. */
static const struct perms *deleted_perms(const struct change_list *l,
					 const char *path, size_t len)
{
	const struct change *c;

	list_for_each (c, &l->head, link)
		if (c->kind == CHANGE_DELETE && c->path_len == len &&
		    !memcmp(c->path, path, len))
			return c->before;
	return NULL;
}

/*
 * The permissions of the node above the change's: of a parent that has gone
 * with it as they were, or nobody's secret would be safe from its removal.
 */
static const struct perms *parent_perms(const struct store *s,
					const struct change_list *l,
					const struct change *c)
{
	size_t len = path_parent_len(c->path, c->path_len), found;
	uint32_t id = tree_find_deepest(s->tree, c->path, len, &found);
	const struct perms *gone =
		found < len ? deleted_perms(l, c->path, len) : NULL;

	return gone ? gone : node_perms(s->tree, tree_node(s->tree, id));
}

static bool hit_allowed(const struct store *s, const struct change_list *l,
			const struct change *c, const struct watch *w)
{
	if (w->client->cred.privileged || may_read(c->before, w->client) ||
	    may_read(c->after, w->client))
		return true;
	if (c->kind == CHANGE_NOTHING || c->path_len == 1)
		return false;
	return may_read(parent_perms(s, l, c), w->client);
}

static bool depth_allows(const struct change *c, const struct watch *w,
			 size_t at_len)
{
	unsigned int below;

	if (w->depth == WATCH_NO_DEPTH || path_special(c->path))
		return true; /* of a special one: match_special */
	below = path_depth(c->path, c->path_len) - path_depth(c->path, at_len);
	return below <= (unsigned int)w->depth;
}

static int add_hit(struct watch_hits *hits, void *ctx, struct watch *w,
		   const char *path)
{
	if (hits->n == hits->size) {
		size_t size = hits->size ? hits->size * 2 : 8;
		struct watch_hit *hit = talloc_realloc_size(
			ctx, hits->hit, size * sizeof(*hit));

		if (!hit)
			return ENOMEM;
		hits->hit = hit;
		hits->size = size;
	}
	hits->hit[hits->n].watch = w;
	hits->hit[hits->n++].path = path + w->rel;
	return 0;
}

/* The watches on the first len bytes of the change's path. */
static int match_at(struct store *s, const struct change_list *l,
		    const struct change *c, size_t len, void *ctx,
		    struct watch_hits *hits)
{
	struct watches *ws = s->watches;
	struct watch_path *wp = watch_path_find(
		ws, c->path, len, (uint32_t)hash_keyed(&ws->key, c->path, len));
	struct watch *w;

	if (!wp)
		return 0;
	list_for_each (w, &wp->watches, at_path)
		if (depth_allows(c, w, len) && hit_allowed(s, l, c, w) &&
		    add_hit(hits, ctx, w, c->path))
			return ENOMEM;
	return 0;
}

/*
 * @releaseDomain/5: for those who watch just that, and for those who watch
 * @releaseDomain: one with depth is told which domain, one without only that
 * there was one, once for all that are found together.
 */
static int match_special(struct store *s, const struct change_list *l,
			 const struct change *c, void *ctx,
			 struct watch_hits *hits)
{
	const char *slash = memchr(c->path, '/', c->path_len);
	size_t len = slash ? (size_t)(slash - c->path) : c->path_len;
	struct watches *ws = s->watches;
	struct watch_path *wp = watch_path_find(
		ws, c->path, len, (uint32_t)hash_keyed(&ws->key, c->path, len));
	struct watch *w;

	if (slash && match_at(s, l, c, c->path_len, ctx, hits))
		return ENOMEM;
	if (!wp)
		return 0;
	list_for_each (w, &wp->watches, at_path) {
		bool which = slash && w->depth > 0;

		if ((c->again && !which) || !hit_allowed(s, l, c, w))
			continue;
		if (add_hit(hits, ctx, w, which ? c->path : wp->path))
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
	const struct watch_hit *x = a, *y = b;
	uint32_t id = x->watch->client->id, other = y->watch->client->id;

	if (id != other)
		return id < other ? -1 : 1;
	return x->watch->seq < y->watch->seq ? -1
					     : x->watch->seq > y->watch->seq;
}

static int match_change(struct store *s, const struct change_list *l,
			const struct change *c, void *ctx,
			struct watch_hits *hits)
{
	size_t len = c->path_len, first = hits->n;
	int rc = path_special(c->path) ? match_special(s, l, c, ctx, hits)
				       : match_at(s, l, c, len, ctx, hits);

	if (!c->exact && !path_special(c->path))
		while (!rc && (len = path_parent_len(c->path, len)))
			rc = match_at(s, l, c, len, ctx, hits);
	if (hits->n - first > 1)
		qsort(hits->hit + first, hits->n - first, sizeof(*hits->hit),
		      by_watch);
	return rc;
}

static int by_order(const void *a, const void *b)
{
	const struct change *const *x = a, *const *y = b;

	return (*x)->order < (*y)->order ? -1 : (*x)->order > (*y)->order;
}

int watch_match(struct store *s, const struct change_list *l, void *ctx,
		struct watch_hits *ret_hits)
{
	const struct change **order;
	const struct change *c;
	size_t n = 0, i;
	int rc = 0;

	memset(ret_hits, 0, sizeof(*ret_hits));
	if (!s->watches->count || !l->n)
		return 0;
	order = talloc_array(ctx, const struct change *, l->n);
	if (!order)
		return ENOMEM;
	list_for_each (c, &l->head, link)
		if (c->fires)
			order[n++] = c;
	if (n > 1)
		qsort(order, n, sizeof(*order), by_order);
	for (i = 0; i < n && !rc; i++)
		rc = match_change(s, l, order[i], ctx, ret_hits);
	talloc_free(order);
	return rc;
}
