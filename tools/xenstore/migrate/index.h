/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * index: where in the tree a domain's nodes are, found without looking
 * at all others.
 *
 * By path where the rule of relate.h names a path; by the permission
 * lists that name the domain, which know their nodes, where it does not.  So
 * the cost is that of the nodes found, and a little for each domain and each
 * permission list of the store.  For {save,forget}.c alone.
 */
#ifndef MIGRATE_INDEX_H
#define MIGRATE_INDEX_H

#include "daemon.h"

struct relate;

struct migrate_top {
	uint32_t id;
	uint32_t depth;
	bool alone; /* without what is below it */
};

/*
 * Parents before what is below them, siblings in their order; of what is
 * below another that is not alone there is nothing.  Each may relate to the
 * domain, and so may what is below it: relate_node() says.
 */
struct migrate_index {
	struct relate *relate; /* taught */
	struct migrate_top *top;
	size_t n, size;
};

/*
 * The index of domid, in talloc context ctx, with these other paths in it.
 * NULL without memory.
 */
struct migrate_index *migrate_index_new(const void *ctx, const struct daemon *d,
					uint16_t domid, const char *const *add,
					unsigned int nadd);

#endif
