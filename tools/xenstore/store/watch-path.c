/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch-path: see watch-path.h.  Knows no tree. */
#include "store/watch-path.h"

#include <string.h>

#include "store/path.h"

struct watch_path *watch_path_root(struct watches *ws, uint64_t hash)
{
	struct watch_path *p = pool_zalloc(&ws->pool, sizeof(*p));

	if (p)
		p->hash = hash;
	return p;
}

/* The length of the name at the start of rest. */
static size_t name_len(const char *rest, size_t len, bool special)
{
	const char *slash = special ? NULL : memchr(rest, '/', len);

	return slash ? (size_t)(slash - rest) : len;
}

static uint64_t step_hash(const struct watches *ws, const struct watch_path *p,
			  const char *name, size_t len)
{
	return hash_mix(p->hash, hash_keyed(&ws->key, name, len));
}

static struct watch_path *step_find(const struct watches *ws,
				    const struct watch_path *p,
				    const char *name, size_t len, uint64_t hash)
{
	struct hlink *l = htab_chain(ws->steps, (uint32_t)hash);

	for (; l; l = l->next) {
		struct watch_path *q = container_of(l, struct watch_path, link);

		if (q->hash == hash && q->parent == p && q->len == len &&
		    !memcmp(q->name, name, len))
			return q;
	}
	return NULL;
}

/*
 * The step below p for the name at the start of rest, or NULL; sets *ret_len to
 * the length of the name.  Tries the step found last before it hashes the name,
 * because most paths begin like the one before.
 */
static struct watch_path *step_down(const struct watches *ws,
				    struct watch_path *p, const char *rest,
				    size_t len, bool special, size_t *ret_len)
{
	struct watch_path *q = p->last;

	if (!p->nsteps)
		return NULL;
	if (q && q->len <= len && !memcmp(q->name, rest, q->len) &&
	    (q->len == len || (!special && rest[q->len] == '/'))) {
		*ret_len = q->len;
		return q;
	}
	*ret_len = name_len(rest, len, special);
	q = step_find(ws, p, rest, *ret_len, step_hash(ws, p, rest, *ret_len));
	if (q)
		p->last = q;
	return q;
}

struct watch_path *watch_path_step(const struct watches *ws,
				   struct watch_path *p, const char *name,
				   size_t len)
{
	size_t n;

	return step_down(ws, p, name, len, false, &n);
}

/* The root for a path, and the position of its first name. */
static struct watch_path *root_of(const struct watches *ws, const char *path,
				  size_t *ret_pos)
{
	*ret_pos = path_special(path) ? 0 : 1;
	return *ret_pos ? ws->root : ws->special;
}

/* The first name of a special path ends at a slash, the second does not. */
static bool is_rest(const struct watch_path *p, const char *path)
{
	return path_special(path) && p->depth;
}

/* There is another name: "@a/" has an empty one after its slash, "/" none. */
static bool more(const char *path, size_t pos, size_t len)
{
	return path_special(path) ? pos <= len : pos < len;
}

struct watch_path *watch_path_walk(const struct watches *ws, const char *path,
				   size_t len, bool *ret_all)
{
	size_t pos, n;
	struct watch_path *p = root_of(ws, path, &pos), *q;

	while (more(path, pos, len)) {
		q = step_down(ws, p, path + pos, len - pos, is_rest(p, path),
			      &n);
		if (!q)
			break;
		p = q;
		pos += n + 1;
	}
	*ret_all = !more(path, pos, len);
	return p;
}

static struct watch_path *step_new(struct watches *ws, struct watch_path *p,
				   const char *name, size_t len)
{
	struct watch_path *q = pool_zalloc(&ws->pool, sizeof(*q) + len);

	if (!q)
		return NULL;
	q->parent = p;
	q->hash = step_hash(ws, p, name, len);
	q->link.hash = (uint32_t)q->hash;
	q->depth = (uint16_t)(p->depth + 1);
	q->len = (uint16_t)len;
	memcpy(q->name, name, len);
	htab_insert(ws->steps, &q->link);
	p->nsteps++;
	p->last = q;
	return q;
}

struct watch_path *watch_path_get(struct watches *ws, const char *path,
				  size_t len)
{
	size_t pos, n;
	struct watch_path *p = root_of(ws, path, &pos), *q;

	while (more(path, pos, len)) {
		bool rest = is_rest(p, path);

		q = step_down(ws, p, path + pos, len - pos, rest, &n);
		if (!q) {
			n = name_len(path + pos, len - pos, rest);
			q = step_new(ws, p, path + pos, n);
		}
		if (!q) {
			watch_path_drop(ws, p);
			return NULL;
		}
		p = q;
		pos += n + 1;
	}
	if (!p->ngroups)
		p->digest = hash_bytes(path, len);
	return p;
}

void watch_path_drop(struct watches *ws, struct watch_path *p)
{
	while (p->parent && !p->ngroups && !p->nsteps) {
		struct watch_path *up = p->parent;

		if (up->last == p)
			up->last = NULL;
		up->nsteps--;
		htab_remove(ws->steps, &p->link);
		pool_free(&ws->pool, p->group, p->size * sizeof(*p->group));
		pool_free(&ws->pool, p, sizeof(*p) + p->len);
		p = up;
	}
}

/* The index of the first group of a client with at least this id. */
static uint32_t group_at(const struct watch_path *p, uint32_t id)
{
	uint32_t low = 0, high = p->ngroups, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (p->group[mid]->watcher->id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct watch_group *watch_group_find(const struct watch_path *p,
				     const struct watcher *wr)
{
	uint32_t i = group_at(p, wr->id);

	/* a watcher that is gone may have the same client id */
	for (; i < p->ngroups && p->group[i]->watcher->id == wr->id; i++)
		if (p->group[i]->watcher == wr)
			return p->group[i];
	return NULL;
}

static bool make_room(struct watches *ws, struct watch_path *p)
{
	uint32_t size = p->size ? p->size * 2 : 1;
	struct watch_group **group;

	if (p->ngroups < p->size)
		return true;
	group = pool_alloc(&ws->pool, size * sizeof(*group));
	if (!group)
		return false;
	if (p->ngroups)
		memcpy(group, p->group, p->ngroups * sizeof(*group));
	pool_free(&ws->pool, p->group, p->size * sizeof(*group));
	p->group = group;
	p->size = size;
	return true;
}

struct watch_group *watch_group_get(struct watches *ws, struct watch_path *p,
				    struct watcher *wr)
{
	struct watch_group *g = watch_group_find(p, wr);
	uint32_t i;

	if (g)
		return g;
	if (!make_room(ws, p))
		return NULL;
	g = pool_zalloc(&ws->pool, sizeof(*g));
	if (!g)
		return NULL;
	g->watcher = wr;
	g->path = p;
	list_init(&g->watches);
	i = group_at(p, wr->id);
	memmove(p->group + i + 1, p->group + i,
		(p->ngroups - i) * sizeof(*p->group));
	p->group[i] = g;
	p->ngroups++;
	return g;
}

void watch_group_drop(struct watches *ws, struct watch_group *g)
{
	struct watch_path *p = g->path;
	uint32_t i;

	if (!list_empty(&g->watches))
		return;
	i = group_at(p, g->watcher->id);
	while (p->group[i] != g)
		i++;
	p->ngroups--;
	memmove(p->group + i, p->group + i + 1,
		(p->ngroups - i) * sizeof(*p->group));
	pool_free(&ws->pool, g, sizeof(*g));
	watch_path_drop(ws, p);
}
