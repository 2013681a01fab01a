/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quota: what a domain may use, and what it does use.
 *
 * One table names every limit.  A limit of 0 means none.  Privileged
 * connections are counted and never refused.
 */
#ifndef STORE_QUOTA_H
#define STORE_QUOTA_H

#include "base/hash.h"
#include "base/err.h"

enum quota {
	QUOTA_NODES,
	QUOTA_WATCHES,
	QUOTA_OUTSTANDING,
	QUOTA_TRANSACTIONS,
	QUOTA_TX_NODES,
	QUOTA_NODE_PERMS,
	QUOTA_PATH_MAX,
	QUOTA_NODE_SIZE,
	QUOTA_MEMORY,
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
static inline bool limit_hit(const struct limits *l, enum quota q, uint64_t n)
{
	return l->hard[q] && n > l->hard[q];
}

/* What one domain uses of the store. */
struct account {
	struct hlink link;
	uint16_t domid;
	uint32_t nodes; /* that it owns */
	uint32_t watches;
	uint32_t transactions;
	uint32_t refused[QUOTA_COUNT]; /* requests, since it was introduced */
	uint64_t logged_ms;	       /* when the last one was logged */
	uint32_t unlogged;	       /* how many since */
};

struct accounts {
	struct htab *tab;
};

struct accounts *accounts_new(const void *ctx);
/* The account of domid, made when there is none; NULL without memory. */
struct account *account_get(struct accounts *a, uint16_t domid);
/* Its statistics belong to a domain that is gone. */
void account_forget(struct accounts *a, uint16_t domid);
/* The account if it exists. */
struct account *account_find(const struct accounts *a, uint16_t domid);

#endif
