/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * relate: which nodes are moved when one domain moves to another host.
 *
 * The daemon and xs-image extract use the same rule.  These relate to domain D,
 * each with everything below it:
 *
 *	/local/domain/D			its home
 *	/libxl/D			the toolstack's record of it
 *	/vm/UUID			if its home's node `vm` is that path
 *	/local/domain/B/backend/T/D	the backend areas that serve it
 *	/local/domain/B/backend/...	an area elsewhere below a backend
 *					folder, if its `frontend` is a path
 *					below D's home or its `frontend-id` D
 *	/local/domain/B/X/Y...		any other area that a frontend of D
 *					names in its node `backend`, if that
 *					area's `frontend` names the frontend
 *
 * Each node that D owns relates too, without what is below it.  The daemon does
 * not look at all nodes: it finds an area of the fifth line if a frontend of D
 * names it, or if the permissions of its `frontend` or `frontend-id` name D, as a
 * toolstack sets them.  A guest writes what it likes below its home, so a path
 * there counts only if the other side names the guest too.  A device model's
 * nodes (/local/domain/0/device-model/D) do not relate: the toolstack moves them.
 */
#ifndef MIGRATE_RELATE_H
#define MIGRATE_RELATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct relate;

/* The rule for domid; relate_learn() comes next.  NULL without memory. */
struct relate *relate_new(const void *ctx, uint16_t domid);
/*
 * Learns one committed node: absolute path, len bytes of value.  Call it once
 * for each node, in any order.  Returns 0 or ENOMEM.
 */
int __must_check relate_learn(struct relate *r, const char *path,
			      const void *value, size_t len);
/* After the last relate_learn().  Returns 0 or ENOMEM. */
int __must_check relate_learned(struct relate *r);
/*
 * After relate_learned(): the i-th path, from 0, that relates with all below it
 * because of a node that was learnt.  NULL after the last.
 */
const char *relate_root(const struct relate *r, size_t i);
/* Whether the node with this owner relates to the domain. */
bool relate_node(const struct relate *r, const char *path, uint16_t owner);

#endif
