/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch: the watches, and the events that a change list causes.
 *
 * Watched paths form a trie with one step for each name.  Matching walks the
 * path of a change from the root once, and stops where nobody watches.  Watches
 * on one path are grouped by client, so that the client's permissions are
 * checked once for a change.  The cost depends on the watched part of the path,
 * the clients on it and the hits, never on the total number of watches.
 *
 *	struct watch_path --> groups, by client id --> watches, by age
 *	      | parent                |
 *	      v                       v
 *	struct watch_path       struct watcher, one for each client
 *
 * Rules (xenstore.txt, WATCH): a watch fires for its node and all nodes below
 * it.  The event's path is relative if the watch's path is.  An event goes only
 * to clients that may read the node before or after the change or, when it is
 * created or removed, its parent.
 */
#ifndef STORE_WATCH_H
#define STORE_WATCH_H

#include "base/job.h"
#include "base/slab.h"
#include "store/change.h"
#include "store/store.h"

#define WATCH_NO_DEPTH (-1)

/*
 * Limits on the hits of one change list.
 *
 * WATCH_HITS: for one unprivileged client.  A guest's request has at most as
 * many changes as a transaction may have nodes, 1,024, so a client with one
 * watch gets them all.
 *
 * WATCH_HITS_ALL: for all unprivileged clients together, if a guest made the
 * request.  Beyond it each of them gets at most WATCH_HITS_FEW in all, more
 * than a client needs that does not help to flood others.
 */
#define WATCH_HITS     1280u
#define WATCH_HITS_ALL 2048u
#define WATCH_HITS_FEW 64u

struct watch_group;
struct watch_path;

struct watch {
	struct list of_client;
	struct list in_group;
	struct hlink link; /* in watches->tab, if the group is large */
	struct watch_group *group;
	struct client *client;
	uint64_t seq; /* order in which the client set them */
	uint64_t token_hash;
	int32_t depth;	   /* levels below that fire, or WATCH_NO_DEPTH */
	uint16_t rel;	   /* bytes to cut from an event's path; 0: absolute */
	bool lost;	   /* an event was dropped: transport/lost.h */
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
	struct list dead;	    /* struct watcher without a client */
	struct job reap;	    /* frees them and their watches */
	struct store *store;
	uint64_t next_seq;
	uint64_t list;	   /* the number of the change list being matched */
	uint64_t question; /* see watch-match.c */
	uint32_t count;
	uint64_t digest;
};

struct watch_hit {
	struct watch *watch;
	/* As the client names it, with a NUL; NULL: see watch_match(). */
	const char *path;
};

struct watch_hits {
	struct watch_hit *hit;
	size_t n, size;
};

/* NULL without memory. */
struct watches *watches_new(struct store *s);

/*
 * Adds a watch at the end of the client's list.  wpath is the path as the
 * client gave it, abs its absolute form; all texts are copied.  Returns 0,
 * EEXIST when the client has a watch with this path and token, or ENOMEM.
 */
int __must_check watch_add(struct store *s, struct client *c, const char *wpath,
			   const char *abs, const char *token, int32_t depth,
			   struct watch **ret_watch);
/* Removes the client's watch with this path and token.  0 or ENOENT. */
int __must_check watch_remove(struct store *s, struct client *c,
			      const char *abs, const char *token);
void watch_set_depth(struct store *s, struct watch *w, int32_t depth);
/* Removes a watch. */
void watch_free(struct store *s, struct watch *w);

/*
 * Removes all watches of a client in constant time: they do not fire, count or
 * go into an image any more.  If they are many and s->jobs is set, a job frees
 * their memory.
 */
void watch_drop_all(struct store *s, struct client *c);

/*
 * False when nobody watches the absolute path or one below it; the path need
 * not exist.  True may also mean that a watch there was removed just now.
 */
bool watch_below(const struct store *s, const char *path, size_t len);

/*
 * Finds the hits of an applied change list, in the order in which each client
 * must see them; memory comes from ctx.  Hits of an unprivileged client beyond
 * the limits above have no path: the watch has lost an event, or may have.
 * Returns 0, or ENOMEM, when hits may be missing.
 */
int __must_check watch_match(struct store *s, const struct change_list *l,
			     void *ctx, struct watch_hits *ret_hits);

#endif
