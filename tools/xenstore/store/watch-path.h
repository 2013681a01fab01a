/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch-path: the trie of watched paths.  For watch.c and watch-match.c.
 *
 * A step exists as long as it has watches or steps below it.  A special path
 * has at most two steps: its name, and all that follows the first slash.
 */
#ifndef STORE_WATCH_PATH_H
#define STORE_WATCH_PATH_H

#include "store/watch.h"

/* A client that has, or had, watches. */
struct watcher {
	struct list link;      /* in watches->dead, or in no list */
	struct client *client; /* NULL: it is gone */
	struct list watches;   /* of a client that is gone */
	uint32_t id;	       /* the client's */
	uint64_t memory;       /* charged for its watches */
	uint64_t digest;       /* sum over its watches */
	uint64_t question;     /* the question to which ... */
	bool may_hear;	       /* ... this is the answer */
	uint64_t list;	       /* the change list which gave it ... */
	uint32_t hits;	       /* ... so many hits */
};

/* The watches of one client at one path, oldest first. */
struct watch_group {
	struct watcher *watcher;
	struct watch_path *path;
	struct list watches;
	uint64_t lost; /* the change list of which they lost hits */
	uint32_t n;
	bool hashed; /* the group is large: they are in watches->tab */
};

struct watch_path {
	struct hlink link;
	struct watch_path *parent;  /* NULL: a root */
	struct watch_path *last;    /* the step below that was found last */
	struct watch_group **group; /* sorted by client id */
	uint64_t hash;		    /* of the path, keyed */
	uint64_t digest;	    /* of the path, for digests of watches */
	uint64_t lost; /* the change list of which all groups lost hits */
	uint64_t deaf; /* the question: no group may get the event */
	uint32_t ngroups, size;
	uint32_t nsteps; /* below */
	uint16_t depth;	 /* names in the path */
	uint16_t len;
	char name[];
};

/* A new root; NULL without memory. */
struct watch_path *watch_path_root(struct watches *ws, uint64_t hash);
/*
 * The deepest step on the way to path; *ret_all is set if that is the step of
 * the whole path.
 */
struct watch_path *watch_path_walk(const struct watches *ws, const char *path,
				   size_t len, bool *ret_all);
/* The step of that name below p, or NULL; not for special paths. */
struct watch_path *watch_path_step(const struct watches *ws,
				   struct watch_path *p, const char *name,
				   size_t len);
/* The step of a path, created when missing; NULL without memory. */
struct watch_path *watch_path_get(struct watches *ws, const char *path,
				  size_t len);
/* Frees the step if nothing needs it, and those above likewise. */
void watch_path_drop(struct watches *ws, struct watch_path *p);

/* The client's group at a path, or NULL. */
struct watch_group *watch_group_find(const struct watch_path *p,
				     const struct watcher *wr);
/* The same, created when missing; NULL without memory. */
struct watch_group *watch_group_get(struct watches *ws, struct watch_path *p,
				    struct watcher *wr);
/* Frees the group if it is empty, and then the step likewise. */
void watch_group_drop(struct watches *ws, struct watch_group *g);

#endif
