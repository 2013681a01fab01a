/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * change: what one request, or one transaction, does to the tree.
 *
 * A list is first filled, which may fail (ENOMEM) and leaves the tree as it
 * was, then applied, which cannot fail.  Applying is the only place where
 * committed nodes change: the quota accounts, the generations and the digest
 * follow from it, and afterwards the list says which watches to fire.
 *
 * The order of the list is the order of applying: nothing is created before
 * its parent or deleted before its children.  `order` is that of the events.
 */
#ifndef STORE_CHANGE_H
#define STORE_CHANGE_H

#include "base/list.h"
#include "store/store.h"

enum change_kind {
	CHANGE_CREATE,
	CHANGE_VALUE,
	CHANGE_PERMS,
	CHANGE_DELETE,	/* ... with what is still below it, if `below` */
	CHANGE_SWEEP,	/* part of what is below; fires nothing */
	CHANGE_NOTHING, /* fires watches only */
};

struct change {
	struct list link;
	enum change_kind kind;
	bool fires; /* watches: on this path and on those above ... */
	bool exact; /* ... or on this path only */
	bool again; /* special: who watches without depth knows already */
	bool below; /* DELETE: nobody watches what else is below */
	uint16_t value_len;
	uint32_t node; /* DELETE, VALUE, PERMS; CREATE: set when applied */
	uint32_t
		parent; /* CREATE: NODE_NONE when the list creates it too ... */
	const struct change *maker; /* ... by this one; NULL: look for it */
	uint32_t order;
	uint32_t most; /* SWEEP: how many nodes */
	struct name *name;
	struct perms *before; /* NULL: was not there */
	struct perms *after;  /* NULL: is not there any more */
	struct perms *up;     /* the parent's; NULL: see there */
	uint8_t *block;
	uint8_t inl[8];
	uint16_t path_len;
	char path[];
};

struct change_list {
	struct store *store;
	struct account *by; /* unprivileged, who asked for it; or NULL */
	struct list head;
	uint32_t n;
	uint32_t creates;
	uint8_t *room; /* for more changes, in pieces that become larger */
	size_t left, piece;
};

/* An empty list of talloc context ctx, freed with it; NULL without memory. */
struct change_list *change_list_new(const void *ctx, struct store *s);

/*
 * Each adds one change at the end and returns it, or NULL without memory.
 * Paths are absolute and need not end in a NUL.  What is changed must not be
 * changed otherwise before the list is applied.
 */
struct change *change_create(struct change_list *l, const char *path,
			     size_t len, uint32_t parent, struct perms *perms,
			     const uint8_t *value, size_t value_len);
/* The same, for who has the last name of path. */
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
/* No change of the tree, an event all the same (special nodes). */
struct change *change_event(struct change_list *l, const char *path, size_t len,
			    struct perms *before, struct perms *after);
/*
 * Deletes the node with all below it, children first; the node fires upwards,
 * those below on their own paths only.  Whatever nobody watches has no change
 * of its own.  At most `most` nodes, of which *ret_all says whether that is
 * all; the next call, after this list was applied, goes on.  Returns 0 or
 * ENOMEM.
 */
int __must_check change_delete_some(struct change_list *l, uint32_t node,
				    uint32_t most, bool *ret_all);
/* All of them. */
int __must_check change_delete_subtree(struct change_list *l, uint32_t node);

/* Makes sure that change_apply has what it needs.  Returns 0 or ENOMEM. */
int __must_check change_prepare(struct change_list *l);
/* After change_prepare; once. */
void change_apply(struct change_list *l);

/* ---- between change.c and change-delete.c ---- */

/* The first `most` nodes, children first, of those below node. */
struct change *change_sweep(struct change_list *l, uint32_t node,
			    uint32_t most);
/* disturb_look() for the deletion of node and all below it. */
void change_look_below(struct store *s, uint32_t node, struct account *by);

#endif
