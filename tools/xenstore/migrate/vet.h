/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vet: the first of two passes over the image of one domain.
 *
 * It looks at every record, against this host's limits, and stops at the first
 * that does not fit.  It touches nothing of the daemon's: the nodes become a
 * list of changes, limits and features are only remembered.  So a refused image
 * costs what was read of it, and that is bounded before anything is built.
 * For restore.c alone.
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
 * An image that is not trusted: so many bytes, records and nodes that do not
 * belong to the domain.  More than any domain has within the default quotas.
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
	uint64_t memory; /* without its nodes, by the formula of quota.h */
};

/*
 * Looks at the len bytes at data.  v has d, how and nodes.  EINVAL, EPERM,
 * ENOSPC and the like with err; ENOMEM.
 */
int __must_check migrate_vet(struct migrate_vet *v, const void *data,
			     size_t len, struct err *err);
/* What holds for the domain, be it the host's or its own. */
uint32_t migrate_vet_limit(const struct migrate_vet *v, enum quota q);

#endif
