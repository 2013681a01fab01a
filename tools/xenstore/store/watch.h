/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch: who wants to hear of which path.
 *
 * Watched paths form a trie, one step for each name; a change's path is walked
 * in it from the root once, and no further than somebody watches.  Watches at
 * one path are grouped by client, so that what a client may read is looked at
 * once for a change.  The cost is the watched part of the path, the clients on
 * it and the hits, never the number of watches there are.
 *
 *	struct watch_path --> groups, by client id --> watches, by age
 *	      | parent                |
 *	      v                       v
 *	struct watch_path       struct watcher, one for each client
 *
 * Rules (xenstore.txt, WATCH): a watch fires for its node and all below it,
 * with the path as the watcher would name it; only to those who may read the
 * node before or after the change, or, when it came or went, its parent.
 */
#ifndef STORE_WATCH_H
#define STORE_WATCH_H

#include "base/job.h"
#include "base/slab.h"
#include "store/change.h"
#include "store/store.h"

#define WATCH_NO_DEPTH (-1)

/*
 * So many hits one change list gives to one unprivileged client.  A guest's
 * request has at most as many changes as a transaction may have nodes, 1,024,
 * so a client with one watch gets them all.
 *
 * A guest's request gives so many to all of them together; after that a client
 * gets no more than WATCH_HITS_FEW in all, which is more than anybody needs who
 * does not help to flood the others.
 */
#define WATCH_HITS     1280u
#define WATCH_HITS_ALL 2048u
#define WATCH_HITS_FEW 64u

struct watch_group;
struct watch_path;

struct watch {
	struct list of_client;
	struct list in_group;
	struct hlink link; /* in watches->tab, where its group is large */
	struct watch_group *group;
	struct client *client;
	uint64_t seq; /* order in which the client set them */
	uint64_t token_hash;
	int32_t depth;	   /* levels below that still fire, or WATCH_NO_DEPTH */
	uint16_t rel;	   /* bytes to cut from an event's path; 0: absolute */
	bool lost;	   /* an event of it was dropped: transport/lost.h */
	const char *wpath; /* as given */
	const char *token;
};

struct watches {
	struct hash_key key;
	struct pool pool;
	struct htab *steps;	    /* struct watch_path, by parent and name */
	struct htab *tab;	    /* struct watch, by group and token */
	struct watch_path *root;    /* of paths that begin with "/" */
	struct watch_path *special; /* of the others */
	struct list dead;	    /* struct watcher, whose client has gone */
	struct job reap;	    /* gives back what hangs on them */
	struct store *store;
	uint64_t next_seq;
	uint64_t list;	   /* the number of the change list that is matched */
	uint64_t question; /* ... and of who may hear: watch-match.c */
	uint32_t count;
	uint64_t digest;
};

struct watch_hit {
	struct watch *watch;
	/* As the watcher names it, with a NUL; NULL: see watch_match(). */
	const char *path;
};

struct watch_hits {
	struct watch_hit *hit;
	size_t n, size;
};

struct watches *watches_new(struct store *s);

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
 * Takes all watches of a client out of service at once, however many they
 * are: they fire and count no more, and stand in no image.  The memory of
 * many is given back in pieces, if s->jobs is set.
 */
void watch_drop_all(struct store *s, struct client *c);

/*
 * False when nobody watches the absolute path or one below it, which need not
 * exist.  True may also mean that somebody did until just now.
 */
bool watch_below(const struct store *s, const char *path, size_t len);

/*
 * The hits of an applied change list, in the order in which each client must
 * see them; memory from ctx.  After as many as it may have (WATCH_HITS), those
 * of an unprivileged client have no path: the watch has lost an event, or may
 * have.
 * Returns 0 or ENOMEM (hits may then be missing).
 */
int __must_check watch_match(struct store *s, const struct change_list *l,
			     void *ctx, struct watch_hits *ret_hits);

#endif
