/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * index: finds a domain's nodes without walking the whole tree.
 *
 * Where the rule of relate.h names a path, by path; else by the permission
 * lists that name the domain, which know their nodes.  The cost grows with the
 * nodes found, and a little with the domains and permission lists of the store.
 * For {save,forget}.c alone.
 */
#ifndef MIGRATE_INDEX_H
#define MIGRATE_INDEX_H

#include "daemon.h"

struct relate;

struct migrate_top {
	uint32_t id;
	uint32_t depth;
	bool alone; /* the node itself, nothing below it */
};

/*
 * In the order of a walk: parents first, siblings in their order.  Nothing below
 * an entry that is not alone has an entry of its own.  These are candidates:
 * relate_node() decides for each node.
 */
struct migrate_index {
	struct relate *relate; /* taught */
	struct migrate_top *top;
	size_t n, size;
};

/*
 * The index of domid with the nadd further paths at add; in talloc context ctx.
 * NULL without memory.
 */
struct migrate_index *migrate_index_new(const void *ctx, const struct daemon *d,
					uint16_t domid, const char *const *add,
					unsigned int nadd);

#endif
