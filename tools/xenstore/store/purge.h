/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * purge: what is left of a domain in the store goes with it.
 */
#ifndef STORE_PURGE_H
#define STORE_PURGE_H

#include "store/change.h"

/*
 * Fills and prepares `changes` (empty) so that applying it removes one more
 * topmost node that domid owns, with all below.  Returns 0, ENOENT when there
 * is none left, or ENOMEM.  "/" is given back to the privileged domain.
 */
int __must_check purge_next(struct store *s, uint16_t domid,
			    struct change_list *changes);

#endif
