/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store: nodes, permissions, watches, transactions and quotas.
 *
 * Knows no socket, ring, Xen, clock or log.  The handler of a request calls a
 * verb of node.h or transaction.h, which answers or fills a change list.
 * Except in a restore, change_apply() is the only place where committed nodes
 * change.  watch.h then finds the watches that the list fires.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/list.h"
#include "base/slab.h"
#include "store/perms.h"
#include "store/quota.h"

struct jobs;
struct tree;
struct watches;
struct tx;
struct watcher;
struct store_observer;

/* @introduceDomain or @releaseDomain: has permissions, is not in the tree. */
struct special {
	const char *path;
	struct perms *perms;
	uint64_t generation;
};

enum special_id {
	SPECIAL_INTRODUCE,
	SPECIAL_RELEASE,
	SPECIAL_COUNT
};

struct store {
	struct hash_key key;
	struct perms_table *perms;
	struct tree *tree;
	struct watches *watches;
	struct accounts *accounts;
	struct jobs *jobs; /* for long work; NULL: do it immediately */
	struct store_observer *observer; /* observer.h; NULL: none */
	struct htab *touched; /* entries of dom0's transactions: disturb.h */
	struct pool tx_pool;  /* entries, their values and listings */
	void *tx_memory;      /* talloc context of tx_pool */
	uint32_t tx_nodes;    /* entries in tx_pool */
	struct limits limits;
	struct special special[SPECIAL_COUNT];
	uint64_t generation;	    /* of the last change */
	uint32_t most[QUOTA_COUNT]; /* highest use by an unprivileged domain */
	int refused; /* the quota that last refused a request, or -1 */
	int warned;  /* the quota whose soft limit was last exceeded, or -1 */
	/*
	 * The cost of all requests so far, in units of work: about one for each
	 * node, transaction entry or watch that is read or changed, and one for
	 * each 256 bytes copied.  No clock is involved, so the same requests
	 * always cost the same.  The loop charges turns by it.  Not part of the
	 * state.
	 */
	uint64_t work;
	uint16_t priv_domid;
};

/*
 * A client: the store's part of a connection, embedded in it.  Its watches and
 * transactions are in lists, oldest first.
 */
struct client {
	uint32_t id; /* of the connection, for log lines and the image */
	struct cred cred;
	/*
	 * The client can change nothing, but may read whatever cred may.  All
	 * read-only clients share one account with small limits, and their
	 * transactions do not throttle others (disturb.h).
	 */
	bool read_only;
	struct account *account; /* of cred.domid, or of all read-only ones */
	struct list watches;	 /* struct watch */
	struct watcher *watcher; /* NULL: never had a watch */
	uint32_t nwatches;
	struct list txs; /* struct tx */
	uint32_t ntxs;
	uint32_t next_tx_id;
};

/*
 * A new store with "/" and the two special nodes.  priv_domid owns them, and
 * others have no rights, except that all may read @releaseDomain.  NULL without
 * memory.
 */
struct store *store_new(const void *ctx, const struct hash_key *key,
			uint16_t priv_domid);

/*
 * Makes priv_domid the privileged domain of a store that is still new.  Returns
 * 0 or ENOMEM.
 */
int __must_check store_set_priv(struct store *s, uint16_t priv_domid);

/* Initialises a client and takes a reference to its account.  0 or ENOMEM. */
int __must_check client_init(struct client *c, struct store *s, uint32_t id,
			     const struct cred *cred);
/* Makes a client read-only, before its first request. */
void client_read_only(struct client *c, struct store *s);
/* Ends a client, after client_reset(). */
void client_fini(struct client *c, struct store *s);
/* Drops all watches (watch_drop_all()) and transactions of a client. */
void client_reset(struct client *c, struct store *s);

/*
 * True when n exceeds the client's limit of q, so that the request must be
 * refused; counts the refusal and sets s->refused, for the log.  Exceeding a
 * soft limit only sets s->warned.
 */
bool client_over(struct store *s, const struct client *c, enum quota q,
		 uint64_t n);

/* The limit of q that applies to the client; 0: no limit. */
uint32_t client_limit(const struct store *s, const struct client *c,
		      enum quota q);

/* client_over() for the memory quota, with `more` bytes added to its use. */
bool client_over_memory(struct store *s, const struct client *c, size_t more);

/*
 * client_over() for the path-depth quota.  With `there`, a client may use a
 * path of any depth whose node exists, if it has any permission on the node;
 * without permission it does not learn that the node exists.
 */
bool client_over_depth(struct store *s, const struct client *c,
		       const char *path, size_t len, bool there);

/* Records n for s->most, if the client is unprivileged. */
static inline void store_most(struct store *s, const struct client *c,
			      enum quota q, uint64_t n)
{
	if (!c->cred.privileged && n > s->most[q])
		s->most[q] = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

/* The special node with this path, or NULL. */
struct special *special_find(struct store *s, const char *path);

#endif
