/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * observer: told of every change of the store that state/copy.h must send on.
 *
 * There is one at a time.  Its functions are called from inside requests: they
 * must change nothing in the store.
 */
#ifndef STORE_OBSERVER_H
#define STORE_OBSERVER_H

#include "store/change.h"
#include "store/tree.h"

struct watch;

struct store_observer {
	/* Around each change of a list that is applied. */
	void (*before)(struct store_observer *so, const struct change *c);
	void (*after)(struct store_observer *so, const struct change *c);
	/* Between them, for each node just before it is removed. */
	void (*node_goes)(struct store_observer *so, const struct node *n);
	/* A watch was added at the end of its client's list, or will go. */
	void (*watch)(struct store_observer *so, struct watch *w, bool added);
	/* All watches of a client will go. */
	void (*unwatch)(struct store_observer *so, struct client *c);
	/* perms_strip() was called. */
	void (*strip)(struct store_observer *so, uint16_t domid);
	/* The client's connection has ended, and will leave d->conns.all. */
	void (*client_goes)(struct store_observer *so, struct client *c);
	/* The page of the client's ring was mapped again. */
	void (*mapped)(struct store_observer *so, struct client *c);
};

/* observe(s, strip, domid) */
#define observe(s, fn, ...)                                                    \
	do {                                                                   \
		if ((s)->observer)                                             \
			(s)->observer->fn((s)->observer, __VA_ARGS__);         \
	} while (0)

#endif
