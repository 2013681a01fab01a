/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * relate: which nodes go along when one domain moves to another host.
 *
 * The one rule, for the daemon's migration as for tools that cut an image.
 * To domain D relate, each with all that is below it:
 *
 *	/local/domain/D			its home
 *	/libxl/D			what the toolstack remembers of it
 *	/vm/UUID			if its home's node `vm` says just that
 *	/local/domain/B/backend/T/D	the backend areas that serve it
 *	/local/domain/B/backend/...	an area elsewhere below a backend
 *					folder, if its `frontend` is a path
 *					below D's home or its `frontend-id` D
 *	/local/domain/B/X/Y...		any other area that a frontend of D
 *					names in its node `backend`, if that
 *					area's `frontend` names the frontend
 *
 * and every node that D owns, wherever it is, alone.  The daemon, which does not
 * look at all nodes, finds an area of the fifth line if a frontend of D names it
 * or the permissions of its `frontend` or `frontend-id` name D, as a toolstack's
 * do.  Nothing goes along for a
 * domain's word alone: a guest writes what it likes below its home, so
 * a path there counts when the other side says so, too.  What a device model
 * keeps (/local/domain/0/device-model/D) is not in it: the toolstack moves it.
 */
#ifndef MIGRATE_RELATE_H
#define MIGRATE_RELATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct relate;

/* The rule for domid, to be taught; NULL without memory. */
struct relate *relate_new(const void *ctx, uint16_t domid);
/*
 * Teaches it one committed node: absolute path, len bytes of value.  Every
 * node is to be shown once, in any order.  Returns 0 or ENOMEM.
 */
int __must_check relate_learn(struct relate *r, const char *path,
			      const void *value, size_t len);
/* All have been shown.  Returns 0 or ENOMEM. */
int __must_check relate_learned(struct relate *r);
/*
 * When it has learned: the i-th path (from 0) that relates, with all below it,
 * for what it was taught; NULL: there are no more.
 */
const char *relate_root(const struct relate *r, size_t i);
/* Whether this node, whose owner is given, relates to the domain. */
bool relate_node(const struct relate *r, const char *path, uint16_t owner);

#endif
