/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quota: see quota.h.  Defaults are those of the stock C xenstored. */
#include "store/quota.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "base/list.h"

const struct quota_desc quota_table[QUOTA_COUNT] = {
	[QUOTA_NODES] = {"nodes", NULL, 1000, 0, "nodes owned by a domain"},
	[QUOTA_WATCHES] = {"watches", NULL, 128, 0, "watches set by a domain"},
	[QUOTA_OUTSTANDING] = {"outstanding", NULL, 20, 0,
			       "requests whose replies have not been read"},
	[QUOTA_TRANSACTIONS] = {"transactions", NULL, 10, 0,
				"open transactions of a domain"},
	[QUOTA_TX_NODES] = {"transaction-nodes", NULL, 1024, 0,
			    "nodes touched by one transaction"},
	[QUOTA_NODE_PERMS] = {"node-permissions", "permissions", 5, 0,
			      "permission entries of a node"},
	[QUOTA_PATH_MAX] = {"path-max", "path-length", 2048, 0,
			    "bytes of a path"},
	[QUOTA_PATH_DEPTH] = {"path-depth", NULL, 32, 0, "names in a path"},
	[QUOTA_NODE_SIZE] = {"node-size", NULL, 2048, 0,
			     "bytes of a node with its children's names"},
	[QUOTA_MEMORY] = {"memory", NULL, 2560 * 1024, 2048 * 1024,
			  "bytes of memory used for a domain"},
	[QUOTA_CONFLICTS] = {"conflicts", NULL, 20, 0,
			     "changes per second that cause conflicts"},
};

int quota_by_name(const char *name, enum quota *ret_quota)
{
	unsigned int q;

	for (q = 0; q < QUOTA_COUNT; q++) {
		const struct quota_desc *d = &quota_table[q];

		if (!strcmp(name, d->name) ||
		    (d->old && !strcmp(name, d->old))) {
			*ret_quota = (enum quota)q;
			return 0;
		}
	}
	return ENOENT;
}

void limits_init(struct limits *l)
{
	unsigned int q;

	for (q = 0; q < QUOTA_COUNT; q++) {
		l->hard[q] = quota_table[q].hard;
		l->soft[q] = quota_table[q].soft;
	}
}

struct accounts *accounts_new(const void *ctx)
{
	struct accounts *a = talloc_zero(ctx, struct accounts);

	if (a) {
		a->tab = htab_new(a);
		a->readers = talloc_zero(a, struct account);
	}
	if (!a || !a->tab || !a->readers) {
		talloc_free(a);
		return NULL;
	}
	account_ref(a->readers); /* never freed */
	return a;
}

struct account *account_find(const struct accounts *a, uint16_t domid)
{
	struct hlink *l = htab_find_number(a->tab, domid);

	return l ? container_of(l, struct account, link) : NULL;
}

struct account *account_get(struct accounts *a, uint16_t domid)
{
	struct account *acc = account_find(a, domid);

	if (acc)
		return acc;
	acc = talloc_zero(a, struct account);
	if (!acc)
		return NULL;
	acc->domid = domid;
	htab_insert_number(a->tab, &acc->link, domid);
	return acc;
}

uint32_t account_limit(const struct limits *host, const struct account *a,
		       enum quota q, bool soft)
{
	uint64_t own = LIMIT_HOST;

	if (a && a->own)
		own = soft ? a->own->soft[q] : a->own->hard[q];
	if (own != LIMIT_HOST)
		return (uint32_t)own;
	return soft ? host->soft[q] : host->hard[q];
}

/* Frees a->own if no limit in it is left. */
static void drop_own(struct account *a)
{
	unsigned int q;

	for (q = 0; q < QUOTA_COUNT && a->own; q++)
		if (a->own->hard[q] != LIMIT_HOST ||
		    a->own->soft[q] != LIMIT_HOST)
			return;
	TALLOC_FREE(a->own);
}

int account_set_limit(struct account *a, enum quota q, bool soft,
		      uint64_t limit)
{
	unsigned int i;

	if (!a->own) {
		a->own = talloc(a, struct own_limits);
		if (!a->own)
			return ENOMEM;
		for (i = 0; i < QUOTA_COUNT; i++)
			a->own->hard[i] = a->own->soft[i] = LIMIT_HOST;
	}
	*(soft ? &a->own->soft[q] : &a->own->hard[q]) = limit;
	if (limit == LIMIT_HOST)
		drop_own(a);
	return 0;
}

int account_keep_limit(struct account *a, const struct limits *host,
		       enum quota q, bool soft)
{
	return account_set_limit(a, q, soft, account_limit(host, a, q, soft));
}

void accounts_share(struct accounts *as, const struct limits *host)
{
	struct hlink *l = NULL;
	struct account *a;
	uint32_t pos = 0;
	unsigned int q;

	while ((l = htab_next(as->tab, &pos, l))) {
		a = container_of(l, struct account, link);
		for (q = 0; q < QUOTA_COUNT && a->own; q++) {
			if (a->own->hard[q] == host->hard[q])
				a->own->hard[q] = LIMIT_HOST;
			if (a->own->soft[q] == host->soft[q])
				a->own->soft[q] = LIMIT_HOST;
		}
		drop_own(a);
	}
}

bool account_refused(const struct account *acc)
{
	unsigned int q;

	for (q = 0; q < QUOTA_COUNT; q++)
		if (acc->refused[q])
			return true;
	return false;
}

/* Frees an account that counts nothing and has no client and no limit. */
static void account_tidy(struct accounts *a, struct account *acc)
{
	if (acc->clients || acc->nodes || acc->watches || acc->transactions ||
	    acc->node_memory || acc->memory || acc->own || account_refused(acc))
		return;
	htab_remove(a->tab, &acc->link);
	talloc_free(acc);
}

void account_ref(struct account *acc)
{
	acc->clients++;
}

void account_unref(struct accounts *a, struct account *acc)
{
	acc->clients--;
	account_tidy(a, acc);
}

void account_forget(struct accounts *a, uint16_t domid)
{
	struct account *acc = account_find(a, domid);

	if (!acc)
		return;
	TALLOC_FREE(acc->own);
	acc->warned = 0;
	memset(acc->refused, 0, sizeof(acc->refused));
	acc->logged = (struct limiter){0};
	account_tidy(a, acc);
}
