/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * purge: what is left of a domain in the store goes with it.
 */
#ifndef STORE_PURGE_H
#define STORE_PURGE_H

#include "store/change.h"

struct purge;

/*
 * Looks up all that domid owns: the topmost nodes, in the order of their
 * paths, which is the same before and after a live update.  Freed with ctx;
 * nothing but purge_next may change the tree meanwhile.  NULL without memory.
 */
struct purge *purge_new(const void *ctx, struct store *s, uint16_t domid);
/*
 * Fills and prepares `changes` (empty) so that applying it removes one more
 * of them, with all below.  Returns 0, ENOENT when there is none left, or
 * ENOMEM.  "/" is given back to the privileged domain.
 */
int __must_check purge_next(struct purge *p, struct change_list *changes);
/*
 * The special nodes that domid owns go back to the privileged domain, or the
 * next domain of that number would own them (XSA-322).  Returns 0 or ENOMEM.
 */
int __must_check purge_specials(struct store *s, uint16_t domid);

#endif
