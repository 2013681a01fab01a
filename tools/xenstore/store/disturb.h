/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * disturb: finds changes that cause conflicts in dom0's open transactions.
 *
 * A guest that keeps changing nodes that dom0's transactions have read could
 * prevent every commit (XSA-206).  All entries of dom0's open transactions are
 * in one table by path, so that a change finds those that it dooms at almost no
 * cost.  The account of the guest is then marked (account->disturbed), and
 * transport/ throttles the guest.
 */
#ifndef STORE_DISTURB_H
#define STORE_DISTURB_H

#include "store/change.h"
#include "store/transaction.h"
#include "store/tree.h"

/* The hash of an entry's path: of "/", and of a child from its parent's. */
#define DISTURB_ROOT 1u
static inline uint32_t disturb_hash(uint32_t up, const struct name *name)
{
	return (uint32_t)hash_mix(up, name->link.hash);
}

/* Adds or removes a touched entry; n->touched.hash is that of its path. */
void disturb_add(struct store *s, struct tx_node *n);
void disturb_del(struct store *s, struct tx_node *n);
/*
 * Before a change by a guest: marks the guest's account `by` if an entry of a
 * privileged client's transaction depends on the state before the change.
 */
void disturb_look(const struct store *s, const struct change *c,
		  struct account *by);

/*
 * Sets the hash of a path, see disturb_hash(), and that of its parent.  Returns
 * false when there is certainly no entry for the path.
 */
bool disturb_hash_of(const struct store *s, const char *path, size_t len,
		     uint32_t *ret_up, uint32_t *ret_hash);
/* disturb_look() for the deletion of a node, with these hashes. */
void disturb_look_gone(const struct store *s, const char *path, size_t len,
		       uint32_t up, uint32_t hash, struct account *by);

#endif
