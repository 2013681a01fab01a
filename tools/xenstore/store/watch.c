/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch: adds and removes watches; see watch.h.  watch-match.c finds those that
 * a change fires.  Knows no queue: transport/ sends the events.
 */
#include "store/watch.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "store/memory.h"
#include "store/observer.h"
#include "store/path.h"
#include "store/watch-path.h"

/* Watches that are freed immediately; a job frees the others. */
#define REAP_AT_ONCE 256u
/* Up to so many watches of one client at one path are compared one by one. */
#define GROUP_SMALL 8u

struct watches *watches_new(struct store *s)
{
	struct watches *ws = talloc_zero(s, struct watches);

	if (!ws)
		return NULL;
	ws->store = s;
	ws->key = s->key;
	list_init(&ws->dead);
	list_init(&ws->reap.link);
	pool_init(&ws->pool, ws);
	ws->steps = htab_new(ws);
	ws->tab = htab_new(ws);
	ws->root = watch_path_root(ws, ws->key.k0);
	ws->special = watch_path_root(ws, ws->key.k1);
	if (!ws->steps || !ws->tab || !ws->root || !ws->special) {
		talloc_free(ws);
		return NULL;
	}
	return ws;
}

/* Without seq, which is different in a restored store. */
static uint64_t watch_digest(const struct watch *w)
{
	uint64_t h = hash_mix(w->client->id, (uint64_t)(int64_t)w->depth);

	h = hash_mix(h, w->group->path->digest);
	h = hash_mix(h, hash_bytes(w->wpath, strlen(w->wpath)));
	return hash_mix(h, hash_bytes(w->token, strlen(w->token)));
}

static void count_digest(struct watches *ws, const struct watch *w, bool add)
{
	uint64_t digest = watch_digest(w);

	ws->digest += add ? digest : -digest;
	w->group->watcher->digest += add ? digest : -digest;
}

static uint32_t watch_hash(const struct watch_group *g, uint64_t token_hash)
{
	uint64_t h = hash_mix(g->path->hash, g->watcher->id);

	return (uint32_t)hash_mix(h, token_hash);
}

static uint64_t token_hash(const struct watches *ws, const char *token)
{
	return hash_keyed(&ws->key, token, strlen(token));
}

/* The watch with that token, or NULL. */
static struct watch *group_watch(const struct watches *ws,
				 const struct watch_group *g, const char *token)
{
	struct hlink *l;
	struct watch *w;
	uint32_t hash;

	if (!g->hashed) {
		list_for_each (w, &g->watches, in_group)
			if (!strcmp(w->token, token))
				return w;
		return NULL;
	}
	hash = watch_hash(g, token_hash(ws, token));
	for (l = htab_chain(ws->tab, hash); l; l = l->next) {
		w = container_of(l, struct watch, link);
		if (l->hash == hash && w->group == g &&
		    !strcmp(w->token, token))
			return w;
	}
	return NULL;
}

static void group_hash(struct watches *ws, struct watch *w)
{
	w->link.hash = watch_hash(w->group, w->token_hash);
	htab_insert(ws->tab, &w->link);
}

static void group_add(struct watches *ws, struct watch *w)
{
	struct watch_group *g = w->group;
	struct watch *other;

	list_add_tail(&g->watches, &w->in_group);
	g->n++;
	if (g->hashed) {
		group_hash(ws, w);
	} else if (g->n > GROUP_SMALL) {
		g->hashed = true;
		list_for_each (other, &g->watches, in_group)
			group_hash(ws, other);
	}
}

static void group_del(struct watches *ws, struct watch *w)
{
	if (w->group->hashed)
		htab_remove(ws->tab, &w->link);
	list_del(&w->in_group);
	w->group->n--;
	watch_group_drop(ws, w->group);
}

static struct watch *watch_find(const struct watches *ws,
				const struct client *c, const char *abs,
				const char *token)
{
	struct watch_path *p;
	struct watch_group *g;
	bool all;

	if (!c->watcher)
		return NULL;
	p = watch_path_walk(ws, abs, strlen(abs), &all);
	g = all ? watch_group_find(p, c->watcher) : NULL;
	return g ? group_watch(ws, g, token) : NULL;
}

static struct watcher *watcher_get(struct watches *ws, struct client *c)
{
	struct watcher *wr = c->watcher;

	if (wr)
		return wr;
	wr = pool_zalloc(&ws->pool, sizeof(*wr));
	if (!wr)
		return NULL;
	list_init(&wr->link);
	list_init(&wr->watches);
	wr->client = c;
	wr->id = c->id;
	c->watcher = wr;
	return wr;
}

static size_t watch_size(const char *wpath, const char *token)
{
	return sizeof(struct watch) + strlen(wpath) + 1 + strlen(token) + 1;
}

/* A watch with copies of its texts, in no list yet. */
static struct watch *watch_new(struct watches *ws, const char *wpath,
			       const char *token)
{
	size_t wlen = strlen(wpath) + 1, tlen = strlen(token) + 1;
	struct watch *w = pool_alloc(&ws->pool, watch_size(wpath, token));
	char *text = (char *)(w + 1);

	if (!w)
		return NULL;
	memset(w, 0, sizeof(*w));
	memcpy(text, wpath, wlen);
	memcpy(text + wlen, token, tlen);
	w->wpath = text;
	w->token = text + wlen;
	return w;
}

static struct watch_group *group_for(struct watches *ws, struct client *c,
				     const char *abs)
{
	struct watcher *wr = watcher_get(ws, c);
	struct watch_path *p = wr ? watch_path_get(ws, abs, strlen(abs)) : NULL;
	struct watch_group *g = p ? watch_group_get(ws, p, wr) : NULL;

	if (p && !g)
		watch_path_drop(ws, p);
	return g;
}

int watch_add(struct store *s, struct client *c, const char *wpath,
	      const char *abs, const char *token, int32_t depth,
	      struct watch **ret_watch)
{
	struct watches *ws = s->watches;
	struct watch_group *g;
	struct watch *w;

	s->work += 2;
	g = group_for(ws, c, abs);
	if (!g)
		return ENOMEM;
	if (group_watch(ws, g, token))
		return EEXIST;
	w = watch_new(ws, wpath, token);
	if (!w) {
		watch_group_drop(ws, g);
		return ENOMEM;
	}
	w->group = g;
	w->client = c;
	w->depth = depth;
	if (wpath[0] != '/' && wpath[0] != '@')
		w->rel = (uint16_t)(strlen(abs) - strlen(wpath));
	w->seq = ws->next_seq++;
	w->token_hash = token_hash(ws, token);
	group_add(ws, w);
	list_add_tail(&c->watches, &w->of_client);
	c->nwatches++;
	c->account->watches++;
	c->account->memory += memory_watch(wpath, token);
	w->group->watcher->memory += memory_watch(wpath, token);
	ws->count++;
	count_digest(ws, w, true);
	observe(s, watch, w, true);
	*ret_watch = w;
	return 0;
}

void watch_set_depth(struct store *s, struct watch *w, int32_t depth)
{
	count_digest(s->watches, w, false);
	w->depth = depth;
	count_digest(s->watches, w, true);
}

/* Unlinks and frees a watch; does not touch any count. */
static void watch_give_back(struct watches *ws, struct watch *w)
{
	group_del(ws, w);
	list_del(&w->of_client);
	pool_free(&ws->pool, w, watch_size(w->wpath, w->token));
}

void watch_free(struct store *s, struct watch *w)
{
	struct watches *ws = s->watches;
	struct watcher *wr = w->group->watcher;

	s->work += 2;
	observe(s, watch, w, false);
	count_digest(ws, w, false);
	wr->memory -= memory_watch(w->wpath, w->token);
	w->client->nwatches--;
	w->client->account->watches--;
	w->client->account->memory -= memory_watch(w->wpath, w->token);
	ws->count--;
	watch_give_back(ws, w);
}

int watch_remove(struct store *s, struct client *c, const char *abs,
		 const char *token)
{
	struct watch *w = watch_find(s->watches, c, abs, token);

	s->work += 2;
	if (!w)
		return ENOENT;
	watch_free(s, w);
	return 0;
}

/* ---- all watches of a client ---- */

/* Frees at most n watches of dead watchers; true if there are more. */
static bool reap(struct watches *ws, uint64_t n)
{
	struct watcher *wr;
	struct watch *w;

	while ((wr = list_first(&ws->dead, struct watcher, link))) {
		while ((w = list_first(&wr->watches, struct watch,
				       of_client))) {
			if (!n--)
				return true;
			watch_give_back(ws, w);
			ws->store->work++;
		}
		list_del(&wr->link);
		pool_free(&ws->pool, wr, sizeof(*wr));
	}
	return false;
}

static bool reap_step(struct job *j, uint64_t work)
{
	return reap(container_of(j, struct watches, reap), work);
}

void watch_drop_all(struct store *s, struct client *c)
{
	struct watches *ws = s->watches;
	struct watcher *wr = c->watcher;

	if (!wr)
		return;
	observe(s, unwatch, c);
	c->account->watches -= c->nwatches;
	c->account->memory -= wr->memory;
	ws->count -= c->nwatches;
	ws->digest -= wr->digest;
	list_splice(&wr->watches, &c->watches);
	c->nwatches = 0;
	c->watcher = NULL;
	wr->client = NULL;
	list_add_tail(&ws->dead, &wr->link);
	if (reap(ws, s->jobs ? REAP_AT_ONCE : UINT64_MAX) &&
	    list_empty(&ws->reap.link))
		job_add(s->jobs, &ws->reap, reap_step);
}

bool watch_below(const struct store *s, const char *path, size_t len)
{
	const struct watch_path *p;
	bool all;

	p = watch_path_walk(s->watches, path, len, &all);
	return all && (p->ngroups || p->nsteps);
}
