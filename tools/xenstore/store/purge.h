/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * purge: what is left of a domain in the store goes with it.
 */
#ifndef STORE_PURGE_H
#define STORE_PURGE_H

#include "store/change.h"

struct purge;

/*
 * All that domid owns is nobody's from now on, see perms_retire(), and will be
 * removed by purge_next: the topmost nodes with all below, in the order of
 * their paths, which is the same before and after a live update.  The store
 * may change meanwhile, but the number may belong to another domain only when
 * all is gone: that one would have rights on the rest.  Freed with ctx; NULL
 * without memory.
 */
struct purge *purge_new(const void *ctx, struct store *s, uint16_t domid);
uint16_t purge_domid(const struct purge *p);
/*
 * Fills and prepares `changes` (empty) with what to do next: about `most`
 * nodes of one top, at least two, or none yet.  Returns 0, ENOENT when there
 * is nothing left, or ENOMEM.  "/" is given back to the privileged domain.
 */
int __must_check purge_next(struct purge *p, struct change_list *changes,
			    uint32_t most);
/*
 * True when the path leads to or through a node that a purge will remove, of
 * a domain that had the number *ret_domid.
 */
bool purge_concerns(const struct store *s, const char *path, size_t len,
		    uint16_t *ret_domid);
/*
 * The special nodes that domid owns go back to the privileged domain, or the
 * next domain of that number would own them (XSA-322).  Returns 0 or ENOMEM.
 */
int __must_check purge_specials(struct store *s, uint16_t domid);

#endif
