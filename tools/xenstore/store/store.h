/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store: the pure core.  Nodes, permissions, watches, transactions, quotas.
 *
 * It knows no socket, ring, Xen, clock or log.  A request's handler calls a
 * verb of node.h or transaction.h, which answers, or fills a change list;
 * change_apply() is the one place where committed state changes; watch.h
 * turns the list into hits.
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

/* @introduceDomain and @releaseDomain: not in the tree, but with permissions */
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
	struct jobs *jobs;    /* for long work; NULL: it is done at once */
	struct htab *touched; /* entries of dom0's transactions: disturb.h */
	struct pool tx_pool;  /* entries, and their values and listings */
	void *tx_memory;      /* its talloc context */
	uint32_t tx_nodes;    /* entries in it */
	struct limits limits;
	struct special special[SPECIAL_COUNT];
	uint64_t generation;	    /* given to the last change */
	uint32_t most[QUOTA_COUNT]; /* that an unprivileged domain had */
	int refused;		    /* the quota that refused last, or -1 */
	int warned;		    /* the soft quota passed last, or -1 */
	/*
	 * What requests have cost so far, in units of work: about one for each
	 * node, transaction entry or watch that is looked at or changed, and
	 * for each 256 bytes that are copied.  Never read from a clock, so that
	 * the same requests cost the same again.  The loop's turns are paid
	 * with it; it is no part of the state.
	 */
	uint64_t work;
	uint16_t priv_domid;
};

/*
 * One who asks: the store's part of a connection, embedded in it.  Watches
 * and transactions hang on it, oldest first.
 */
struct client {
	uint32_t id; /* of the connection, for messages and the image */
	struct cred cred;
	/*
	 * It can change nothing, and has the rights to read of cred.  All such
	 * share one account with small limits, and what their transactions
	 * look at slows nobody down.
	 */
	bool read_only;
	struct account *account; /* of cred.domid, or of all read-only ones */
	struct list watches;	 /* struct watch */
	struct watcher *watcher; /* NULL: has had none */
	uint32_t nwatches;
	struct list txs; /* struct tx */
	uint32_t ntxs;
	uint32_t next_tx_id;
};

/*
 * A store with "/" and the two special nodes, all owned by priv_domid and
 * closed to others, but @releaseDomain can be read by all.  NULL without
 * memory.
 */
struct store *store_new(const void *ctx, const struct hash_key *key,
			uint16_t priv_domid);

/* Returns 0 or ENOMEM. */
int __must_check client_init(struct client *c, struct store *s, uint32_t id,
			     const struct cred *cred);
/* It is read-only; before it has asked for anything. */
void client_read_only(struct client *c, struct store *s);
/* It asks no more, and has been reset. */
void client_fini(struct client *c, struct store *s);
/* Drops its watches (watch_drop_all()) and transactions. */
void client_reset(struct client *c, struct store *s);

/*
 * True when n of q is more than the client may have: the request is refused,
 * which is counted and remembered in s->refused for whoever logs it.  The
 * same for going beyond a soft limit, which refuses nothing: s->warned.
 */
bool client_over(struct store *s, const struct client *c, enum quota q,
		 uint64_t n);

/* The limit of q that holds for the client; 0: none. */
uint32_t client_limit(const struct store *s, const struct client *c,
		      enum quota q);

/*
 * True when `more` bytes are more than the client's memory quota leaves;
 * remembered as by client_over.
 */
bool client_over_memory(struct store *s, const struct client *c, size_t more);

/*
 * True when path has more names than the client may use.  It may use a node
 * that is there however deep it is (`there`: that is enough), if it has any
 * permission on it: others do not learn that it exists.
 */
bool client_over_depth(struct store *s, const struct client *c,
		       const char *path, size_t len, bool there);

/* The most of q that an unprivileged client had, for the statistics. */
static inline void store_most(struct store *s, const struct client *c,
			      enum quota q, uint64_t n)
{
	if (!c->cred.privileged && n > s->most[q])
		s->most[q] = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

/* The special node with this path, or NULL. */
struct special *special_find(struct store *s, const char *path);

#endif
