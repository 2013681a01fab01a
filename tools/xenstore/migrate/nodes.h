/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nodes: makes one change of the nodes that come with a domain.
 * For restore.c alone.
 */
#ifndef MIGRATE_NODES_H
#define MIGRATE_NODES_H

#include "base/err.h"
#include "image/record.h"

struct migrate_nodes;
struct migrate_rules;
struct restore;

/* What the domain would own here, with what it owns already. */
struct migrate_nodes_sum {
	uint64_t own, own_memory;
	uint64_t others; /* nodes of the image with another owner */
};

/* merge: as in struct migrate_how.  NULL without memory. */
struct migrate_nodes *migrate_nodes_new(void *ctx, struct restore *r,
					bool merge);
/* Sets the rules for the nodes added later.  NULL without memory. */
struct migrate_rules *migrate_nodes_rules(struct migrate_nodes *mn,
					  uint16_t domid, bool trust);
/*
 * Adds a committed NODE_DATA.  Returns 0; EEXIST: the node is here with other
 * content; ENOENT: its owner is not here; EPERM: the rules forbid it; EINVAL,
 * ENOMEM; all with err.
 */
int __must_check migrate_nodes_add(struct migrate_nodes *mn,
				   const struct record *rec, struct err *err);
void migrate_nodes_sum(const struct migrate_nodes *mn,
		       struct migrate_nodes_sum *ret);
/* After the last add: allocates what apply needs.  Returns 0 or ENOMEM. */
int __must_check migrate_nodes_ready(struct migrate_nodes *mn);
/* Makes the nodes and fires the watches; cannot fail. */
void migrate_nodes_apply(struct migrate_nodes *mn);
uint32_t migrate_nodes_count(const struct migrate_nodes *mn);

#endif
