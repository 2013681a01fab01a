/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch-path: the trie of watched paths; for watch.c and watch-match.c.
 *
 * A step is there as long as it has watches or steps below it.  A special
 * path has at most two steps: its name, and all behind the first slash.
 */
#ifndef STORE_WATCH_PATH_H
#define STORE_WATCH_PATH_H

#include "store/watch.h"

/* A client that has, or had, watches. */
struct watcher {
	struct list link;      /* in watches->dead, or alone */
	struct client *client; /* NULL: gone */
	struct list watches;   /* when it is gone */
	uint32_t id;	       /* the client's */
	uint64_t memory;       /* what its watches count */
	uint64_t digest;       /* sum of theirs */
	uint64_t question;     /* for which ... */
	bool may_hear;	       /* ... this was found */
	uint64_t list;	       /* the change list of which it got ... */
	uint32_t hits;	       /* ... so many */
};

/* The watches of one client at one path, oldest first. */
struct watch_group {
	struct watcher *watcher;
	struct watch_path *path;
	struct list watches;
	uint64_t lost; /* the change list of which they have lost some */
	uint32_t n;
	bool hashed; /* many: they are in watches->tab */
};

struct watch_path {
	struct hlink link;
	struct watch_path *parent;  /* NULL: a root */
	struct watch_path *last;    /* the step below that was found last */
	struct watch_group **group; /* by client id */
	uint64_t hash;		    /* of the path, keyed */
	uint64_t digest;	    /* of the path, for its watches' */
	uint64_t lost;		    /* the change list: all its groups' */
	uint64_t deaf;		    /* the question: none of them may hear */
	uint32_t ngroups, size;
	uint32_t nsteps; /* below */
	uint16_t depth;	 /* names above and with this one */
	uint16_t len;
	char name[];
};

/* A root.  NULL without memory. */
struct watch_path *watch_path_root(struct watches *ws, uint64_t hash);
/*
 * The last step there is on the way to path.  ret_all: whether that is the
 * whole path.
 */
struct watch_path *watch_path_walk(const struct watches *ws, const char *path,
				   size_t len, bool *ret_all);
/* The step below p of that name, or NULL; not for special paths. */
struct watch_path *watch_path_step(const struct watches *ws,
				   struct watch_path *p, const char *name,
				   size_t len);
/* The path's step, made when there is none; NULL without memory. */
struct watch_path *watch_path_get(struct watches *ws, const char *path,
				  size_t len);
/* It may be of no use any more; nor those above. */
void watch_path_drop(struct watches *ws, struct watch_path *p);

/* The watcher's group at a path, or NULL. */
struct watch_group *watch_group_find(const struct watch_path *p,
				     const struct watcher *wr);
/* ... made when there is none; NULL without memory. */
struct watch_group *watch_group_get(struct watches *ws, struct watch_path *p,
				    struct watcher *wr);
/* It may be of no use any more, nor its path. */
void watch_group_drop(struct watches *ws, struct watch_group *g);

#endif
