/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch: who wants to hear of which path.
 *
 * Watches hang in a table by the absolute path that they watch; a change asks
 * for its own path and each of those above.  The cost is the depth of the
 * path and the number of hits, never the number of watches there are.
 *
 * Rules (xenstore.txt, WATCH): a watch fires for its node and all below it,
 * with the path as the watcher would name it; only to those who may read the
 * node before or after the change, or, when it came or went, its parent.
 */
#ifndef STORE_WATCH_H
#define STORE_WATCH_H

#include "store/change.h"
#include "store/store.h"

#define WATCH_NO_DEPTH (-1)

struct watch_path;

struct watch {
	struct list of_client;
	struct list at_path;
	struct watch_path *path;
	struct client *client;
	uint64_t seq;	   /* order in which the client set them */
	int32_t depth;	   /* levels below that still fire, or WATCH_NO_DEPTH */
	uint16_t rel;	   /* bytes to cut from an event's path; 0: absolute */
	bool lost;	   /* an event of it was dropped: transport/lost.h */
	const char *wpath; /* as given */
	const char *token;
};

struct watches {
	struct htab *tab;
	struct hash_key key;
	uint64_t next_seq;
	uint32_t count;
	uint64_t digest;
};

struct watch_hit {
	struct watch *watch;
	const char *path; /* as the watcher names it, with a NUL */
};

struct watch_hits {
	struct watch_hit *hit;
	size_t n, size;
};

struct watches *watches_new(const void *ctx, const struct hash_key *key);

/* What a watch counts for the memory quota. */
size_t watch_memory(const char *wpath, const char *token);
/*
 * Adds a watch at the end of the client's.  wpath as given by the client,
 * abs its absolute form.  Returns 0, EEXIST when the client has this wpath
 * and token, or ENOMEM.
 */
int __must_check watch_add(struct store *s, struct client *c, const char *wpath,
			   const char *abs, const char *token, int32_t depth,
			   struct watch **ret_watch);
/* Returns 0 or ENOENT. */
int __must_check watch_remove(struct store *s, struct client *c,
			      const char *abs, const char *token);
void watch_set_depth(struct store *s, struct watch *w, int32_t depth);
void watch_free(struct store *s, struct watch *w);

/*
 * The hits of an applied change list, in the order in which each client must
 * see them; memory from ctx.  Returns 0 or ENOMEM (hits may then be missing).
 */
int __must_check watch_match(struct store *s, const struct change_list *l,
			     void *ctx, struct watch_hits *ret_hits);

#endif
