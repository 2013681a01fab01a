/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * change: the change list, that is, all that one request or one transaction
 * does to the tree.
 *
 * A list is first filled, which can fail (ENOMEM) and does not change the tree;
 * then it is applied, which cannot fail.  Except in a restore, change_apply() is
 * the only place where committed nodes change.  It also updates quota accounts,
 * generations and the digest; after that the list says which watches to fire.
 *
 * Changes are applied in the order of the list: parents are created before
 * their children, and deleted after them.  `order` is the order of the events.
 */
#ifndef STORE_CHANGE_H
#define STORE_CHANGE_H

#include "base/list.h"
#include "store/store.h"

enum change_kind {
	CHANGE_CREATE,
	CHANGE_VALUE,
	CHANGE_PERMS,
	CHANGE_DELETE,	/* with `below`, all that is still below it, too */
	CHANGE_SWEEP,	/* deletes nodes below `node`; fires no watch */
	CHANGE_NOTHING, /* only fires watches */
};

struct change {
	struct list link;
	enum change_kind kind;
	bool fires; /* watches on this path and above, or ... */
	bool exact; /* ... on this path only */
	bool again; /* special: watches without depth have fired already */
	bool below; /* DELETE: nobody watches what is below */
	uint16_t value_len;
	uint32_t node;	 /* DELETE, VALUE, PERMS; CREATE: set when applied */
	uint32_t parent; /* CREATE: NODE_NONE if the list creates it too ... */
	const struct change *maker; /* ... by this change; NULL: look it up */
	uint32_t order;
	uint32_t most; /* SWEEP: at most so many nodes */
	struct name *name;
	struct perms *before; /* NULL: the node did not exist */
	struct perms *after;  /* NULL: the node does not exist any more */
	struct perms *up;     /* the parent's; NULL: look them up */
	uint8_t *block;
	uint8_t inl[8];
	uint16_t path_len;
	char path[];
};

struct change_list {
	struct store *store;
	struct account *by; /* of the requesting client if unprivileged */
	struct list head;
	uint32_t n;
	uint32_t creates;
	uint8_t *room;	    /* memory for more changes ... */
	size_t left, piece; /* ... in pieces of growing size */
};

/* A new list, freed with talloc context ctx; NULL without memory. */
struct change_list *change_list_new(const void *ctx, struct store *s);

/*
 * Each adds one change at the end and returns it, or NULL without memory.
 * Paths are absolute and need no NUL.  The nodes concerned must not change
 * before the list is applied.
 */
struct change *change_create(struct change_list *l, const char *path,
			     size_t len, uint32_t parent, struct perms *perms,
			     const uint8_t *value, size_t value_len);
/* The same, for callers that have the interned last name of path. */
struct change *change_create_named(struct change_list *l, const char *path,
				   size_t len, uint32_t parent,
				   struct name *name, struct perms *perms,
				   const uint8_t *value, size_t value_len);
struct change *change_value(struct change_list *l, const char *path, size_t len,
			    uint32_t node, const uint8_t *value,
			    size_t value_len);
struct change *change_perms(struct change_list *l, const char *path, size_t len,
			    uint32_t node, struct perms *perms);
struct change *change_delete(struct change_list *l, const char *path,
			     size_t len, uint32_t node);
/* Fires watches but changes nothing in the tree (special nodes). */
struct change *change_event(struct change_list *l, const char *path, size_t len,
			    struct perms *before, struct perms *after);
/*
 * Deletes the node and everything below it, children first.  The node fires
 * watches on its path and above, those below only watches on their own paths;
 * nodes below that nobody watches get no change of their own.  Deletes at most
 * `most` nodes and sets *ret_all if these are all; else the next call, after
 * this list is applied, continues.  Returns 0 or ENOMEM.
 */
int __must_check change_delete_some(struct change_list *l, uint32_t node,
				    uint32_t most, bool *ret_all);
/* The same for all nodes at once. */
int __must_check change_delete_subtree(struct change_list *l, uint32_t node);

/* Allocates what change_apply() needs.  Returns 0 or ENOMEM. */
int __must_check change_prepare(struct change_list *l);
/* Applies the list; once, after change_prepare(). */
void change_apply(struct change_list *l);

/* ---- between change.c and change-delete.c ---- */

/* Adds a CHANGE_SWEEP of the first `most` nodes below node. */
struct change *change_sweep(struct change_list *l, uint32_t node,
			    uint32_t most);
/* disturb_look() for the deletion of node and everything below it. */
void change_look_below(struct store *s, uint32_t node, struct account *by);

#endif
