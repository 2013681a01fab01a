/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * purge: removes the nodes of a domain that has died.
 */
#ifndef STORE_PURGE_H
#define STORE_PURGE_H

#include "store/change.h"

struct purge;

/*
 * Starts the removal of all nodes that domid owns, and retires their permission
 * lists (perms_retire()).  purge_next() removes the topmost nodes with all
 * below them, in the order of their paths, which is the same before and after a
 * live update.  The store may change meanwhile, but no new domain may get the
 * number before all is removed: it would have rights on the rest.  Freed with
 * ctx; NULL without memory.
 */
struct purge *purge_new(const void *ctx, struct store *s, uint16_t domid);
/* The domid given to purge_new(). */
uint16_t purge_domid(const struct purge *p);
/*
 * Fills and prepares `changes` (empty) with the next piece: the removal of about
 * `most` nodes, at least two, below one topmost node; or of none yet.  "/" is
 * given back to the privileged domain.  Returns 0, ENOENT when all is removed,
 * or ENOMEM.
 */
int __must_check purge_next(struct purge *p, struct change_list *changes,
			    uint32_t most);
/*
 * True when the node at path, or one above it, will be removed by a purge; sets
 * *ret_domid to the number of the dead domain.
 */
bool purge_concerns(const struct store *s, const char *path, size_t len,
		    uint16_t *ret_domid);
/*
 * Gives the special nodes that domid owns back to the privileged domain;
 * otherwise the next domain of that number would own them (XSA-322).  Returns 0
 * or ENOMEM.
 */
int __must_check purge_specials(struct store *s, uint16_t domid);

#endif
