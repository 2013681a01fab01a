/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * migrate-nodes: the nodes that come with a domain, made into one change.
 * For migrate-restore.c alone.
 */
#ifndef LU_MIGRATE_NODES_H
#define LU_MIGRATE_NODES_H

#include "base/err.h"
#include "image/record.h"

struct migrate_nodes;
struct restore;

/* NULL without memory. */
struct migrate_nodes *migrate_nodes_new(void *ctx, struct restore *r,
					bool merge);
/*
 * A committed NODE_DATA.  EEXIST when the node is here with other content,
 * ENOENT when its owner is not here, EINVAL, ENOMEM.
 */
int __must_check migrate_nodes_add(struct migrate_nodes *mn,
				   const struct record *rec, struct err *err);
/* All were added: ENOSPC when that is more than a quota allows, ENOMEM. */
int __must_check migrate_nodes_ready(struct migrate_nodes *mn, uint16_t domid,
				     struct err *err);
/* Makes them, and tells the watchers. */
void migrate_nodes_apply(struct migrate_nodes *mn);
uint32_t migrate_nodes_count(const struct migrate_nodes *mn);

#endif
