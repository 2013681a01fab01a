/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quota: limits of domains, and accounts of what they use.
 *
 * One table names every limit; 0 means no limit.  The host's limits apply to a
 * domain that has none of its own.  A domain keeps the limits that applied when
 * it was created (xenstore.txt: the global ones are for new domains), so before
 * SET_QUOTA changes a limit of the host, existing domains get the old one as
 * their own.  Privileged connections are counted but never refused.
 *
 * memory.h has the formula for the memory quota.
 */
#ifndef STORE_QUOTA_H
#define STORE_QUOTA_H

#include <stdbool.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/limiter.h"

enum quota {
	QUOTA_NODES,
	QUOTA_WATCHES,
	QUOTA_OUTSTANDING,
	QUOTA_TRANSACTIONS,
	QUOTA_TX_NODES,
	QUOTA_NODE_PERMS,
	QUOTA_PATH_MAX,
	QUOTA_PATH_DEPTH,
	QUOTA_NODE_SIZE,
	QUOTA_MEMORY,
	QUOTA_CONFLICTS,
	QUOTA_COUNT
};

struct quota_desc {
	const char *name; /* as in --quota and the quota control command */
	const char *old;  /* another accepted spelling, or NULL */
	uint32_t hard;	  /* default */
	uint32_t soft;	  /* default warning level, 0: none */
	const char *meaning;
};

extern const struct quota_desc quota_table[QUOTA_COUNT];

/* Finds a quota by its name or its old one.  Returns 0 or ENOENT. */
int __must_check quota_by_name(const char *name, enum quota *ret_quota);

struct limits {
	uint32_t hard[QUOTA_COUNT];
	uint32_t soft[QUOTA_COUNT];
};

/* Sets the defaults of quota_table. */
void limits_init(struct limits *l);

/* In struct own_limits: the host's limit applies. */
#define LIMIT_HOST UINT64_MAX

/* One domain's own limits; each is LIMIT_HOST or a number, 0 for no limit. */
struct own_limits {
	uint64_t hard[QUOTA_COUNT];
	uint64_t soft[QUOTA_COUNT];
};

/* What one domain uses of the store. */
struct account {
	struct hlink link;
	uint16_t domid;
	uint32_t clients; /* references by clients */
	uint32_t nodes;	  /* owned by the domain */
	uint32_t watches;
	uint32_t transactions;
	uint64_t node_memory;	/* charged for the nodes (memory.h) ... */
	uint64_t memory;	/* ... and for everything else */
	struct own_limits *own; /* NULL: only the host's apply */
	uint32_t warned;	/* bit per quota: above its soft limit */
	bool disturbed;		/* caused a conflict in a transaction of dom0 */
	uint32_t refused[QUOTA_COUNT]; /* requests, since it was introduced */
	struct limiter logged;	       /* log lines about the domain */
};

struct accounts {
	struct htab *tab;
	/* of all read-only clients; not in tab, as it belongs to no domain */
	struct account *readers;
};

struct accounts *accounts_new(const void *ctx);
/* The account of domid, created when missing; NULL without memory. */
struct account *account_get(struct accounts *a, uint16_t domid);
/* The limit of q that applies to account a; for NULL the host's. */
uint32_t account_limit(const struct limits *host, const struct account *a,
		       enum quota q, bool soft);
/*
 * Sets the account's own limit of q; LIMIT_HOST removes it.  Returns 0 or
 * ENOMEM.
 */
int __must_check account_set_limit(struct account *a, enum quota q, bool soft,
				   uint64_t limit);
/*
 * Makes the limit that applies now the account's own, so that it stays when the
 * host's changes.  Returns 0 or ENOMEM.
 */
int __must_check account_keep_limit(struct account *a,
				    const struct limits *host, enum quota q,
				    bool soft);
/* Removes own limits that equal the host's. */
void accounts_share(struct accounts *a, const struct limits *host);
/* A client refers to the account, which is then not freed. */
void account_ref(struct account *acc);
/* Drops the reference and frees an account that has nothing left to say. */
void account_unref(struct accounts *a, struct account *acc);
/*
 * The domain is gone: drops its limits and statistics, and frees the account
 * unless it still counts something or a client refers to it.
 */
void account_forget(struct accounts *a, uint16_t domid);
/* The account, or NULL if there is none. */
struct account *account_find(const struct accounts *a, uint16_t domid);
/* True when a limit has refused any request of the account. */
bool account_refused(const struct account *acc);

#endif
