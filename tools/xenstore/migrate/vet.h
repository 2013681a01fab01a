/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vet: the first of two passes over the image of one domain.
 *
 * It checks each record against this host's limits and stops at the first that
 * does not fit.  It changes nothing in the daemon: nodes become a change list,
 * limits and features are kept for later.  So a refused image costs only the
 * reading, which is bounded.  For restore.c alone.
 */
#ifndef MIGRATE_VET_H
#define MIGRATE_VET_H

#include "daemon.h"
#include "image/record.h"
#include "migrate/migrate.h"
#include "store/quota.h"

struct migrate_nodes;
struct migrate_rules;

/*
 * The most bytes, records and nodes with another owner that an image without
 * --trust may have: more than any domain has within the default quotas.
 */
#define VET_BYTES   (8u << 20)
#define VET_RECORDS 65536u
#define VET_NODES   4096u

struct migrate_vet {
	struct daemon *d;
	const struct migrate_how *how;
	struct migrate_nodes *nodes;
	struct migrate_rules *rules; /* NULL until the domain is known */
	bool have_conn;
	uint16_t domid;
	uint32_t conn_id;	  /* its connection in the image */
	struct own_limits limits; /* its own, as they will be */
	bool any_limit, any_features;
	uint32_t features;
	/* counted */
	uint64_t records, watches, txs, in_txs;
	uint64_t memory; /* as charged, without its nodes: store/memory.h */
};

/*
 * Checks the len bytes at data; v->d, v->how and v->nodes are set.  Returns 0,
 * or an errno with err: EINVAL, EPERM, EEXIST, ENOENT, ENOSPC, ENOMEM.
 */
int __must_check migrate_vet(struct migrate_vet *v, const void *data,
			     size_t len, struct err *err);
/* The limit in force for the domain: its own or the host's. */
uint32_t migrate_vet_limit(const struct migrate_vet *v, enum quota q);

#endif
