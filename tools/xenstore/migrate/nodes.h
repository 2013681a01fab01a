/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nodes: the nodes that come with a domain, made into one change.
 * For restore.c alone.
 */
#ifndef MIGRATE_NODES_H
#define MIGRATE_NODES_H

#include "base/err.h"
#include "image/record.h"

struct migrate_nodes;
struct migrate_rules;
struct restore;

/* What the domain would have here, what is here already among it. */
struct migrate_nodes_sum {
	uint64_t own, own_memory;
	uint64_t others; /* nodes of the image that are not the domain's */
};

/* NULL without memory. */
struct migrate_nodes *migrate_nodes_new(void *ctx, struct restore *r,
					bool merge);
/* The rules for all that is added, to be made before; NULL without memory. */
struct migrate_rules *migrate_nodes_rules(struct migrate_nodes *mn,
					  uint16_t domid, bool trust);
/*
 * A committed NODE_DATA.  EEXIST when the node is here with other content,
 * ENOENT when its owner is not here, EPERM by the rules, EINVAL, ENOMEM.
 */
int __must_check migrate_nodes_add(struct migrate_nodes *mn,
				   const struct record *rec, struct err *err);
void migrate_nodes_sum(const struct migrate_nodes *mn,
		       struct migrate_nodes_sum *ret);
/* All were added: makes sure that they can be made.  ENOMEM. */
int __must_check migrate_nodes_ready(struct migrate_nodes *mn);
/* Makes them, and tells the watchers. */
void migrate_nodes_apply(struct migrate_nodes *mn);
uint32_t migrate_nodes_count(const struct migrate_nodes *mn);

#endif
