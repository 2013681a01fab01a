/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quota: what a domain may use, and what it does use.
 *
 * One table names every limit.  A limit of 0 means none.  Those of the host
 * hold for a domain that has no other of its own.  A domain keeps what held
 * when it came (xenstore.txt: the global ones are for new domains), so before
 * SET_QUOTA changes one of the host's, those that are there get the old one as
 * their own.  Privileged connections are counted and never refused.
 *
 * What the memory quota is charged is in memory.h.
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

/* The quota of that name; returns 0 or ENOENT. */
int __must_check quota_by_name(const char *name, enum quota *ret_quota);

struct limits {
	uint32_t hard[QUOTA_COUNT];
	uint32_t soft[QUOTA_COUNT];
};

void limits_init(struct limits *l);

/* A limit that is not the host's. */
#define LIMIT_HOST UINT64_MAX

/* Limits of one domain; each LIMIT_HOST or a number, 0 for none. */
struct own_limits {
	uint64_t hard[QUOTA_COUNT];
	uint64_t soft[QUOTA_COUNT];
};

/* What one domain uses of the store. */
struct account {
	struct hlink link;
	uint16_t domid;
	uint32_t clients; /* that refer to it */
	uint32_t nodes;	  /* that it owns */
	uint32_t watches;
	uint32_t transactions;
	uint64_t node_memory;	/* charged for the nodes (memory.h) ... */
	uint64_t memory;	/* ... and for everything else */
	struct own_limits *own; /* NULL: all are the host's */
	uint32_t warned;	/* a bit for each: is above its soft limit */
	bool disturbed; /* has changed what dom0's transaction looked at */
	uint32_t refused[QUOTA_COUNT]; /* requests, since it was introduced */
	struct limiter logged;	       /* lines of the log about it */
};

struct accounts {
	struct htab *tab;
	/* of all read-only clients; in no table, as it is of no domain */
	struct account *readers;
};

struct accounts *accounts_new(const void *ctx);
/* The account of domid, made when there is none; NULL without memory. */
struct account *account_get(struct accounts *a, uint16_t domid);
/* The limit of q that holds for a (NULL: for nobody in particular). */
uint32_t account_limit(const struct limits *host, const struct account *a,
		       enum quota q, bool soft);
/* Gives it a limit of its own, or the host's again (LIMIT_HOST).  ENOMEM. */
int __must_check account_set_limit(struct account *a, enum quota q, bool soft,
				   uint64_t limit);
/*
 * What holds for it holds on, whatever becomes of the host's: a limit of its
 * own, if it had none.  ENOMEM.
 */
int __must_check account_keep_limit(struct account *a,
				    const struct limits *host, enum quota q,
				    bool soft);
/* Limits that are the same as the host's are nobody's own any more. */
void accounts_share(struct accounts *a, const struct limits *host);
/* A client's: it stays as long as there is one. */
void account_ref(struct account *acc);
/* The client is no more; neither is an account that has nothing to say then. */
void account_unref(struct accounts *a, struct account *acc);
/*
 * Its limits and statistics belong to a domain that is gone, and so does the
 * account, unless it counts something or a client refers to it.
 */
void account_forget(struct accounts *a, uint16_t domid);
/* The account if it exists. */
struct account *account_find(const struct accounts *a, uint16_t domid);

#endif
