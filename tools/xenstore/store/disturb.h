/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * disturb: which changes get into the way of dom0's open transactions.
 *
 * A guest that goes on changing what dom0's transactions look at could keep
 * them from ever being committed (XSA-206).  All entries of dom0's open
 * transactions hang in one table by their path, so that a change finds those
 * that it dooms at no cost to speak of; who made it is marked
 * (account->disturbed), and whoever serves him may let him wait.
 */
#ifndef STORE_DISTURB_H
#define STORE_DISTURB_H

#include "store/change.h"
#include "store/transaction.h"
#include "store/tree.h"

/* The hash of an entry's path: that of "/", and that of a child of another. */
#define DISTURB_ROOT 1u
static inline uint32_t disturb_hash(uint32_t up, const struct name *name)
{
	return (uint32_t)hash_mix(up, name->link.hash);
}

/* A touched entry comes and goes; n->touched.hash is that of its path. */
void disturb_add(struct store *s, struct tx_node *n);
void disturb_del(struct store *s, struct tx_node *n);
/*
 * A change is about to be made by `by`, a guest: marks him if an entry of a
 * privileged client's transaction depends on what was there before.
 */
void disturb_look(const struct store *s, const struct change *c,
		  struct account *by);

/*
 * The hash by which the entries of a path are found, see disturb_hash(), and
 * that of its parent.  False: there is no entry of that path.
 */
bool disturb_hash_of(const struct store *s, const char *path, size_t len,
		     uint32_t *ret_up, uint32_t *ret_hash);
/* disturb_look() for a node that goes, by these hashes. */
void disturb_look_gone(const struct store *s, const char *path, size_t len,
		       uint32_t up, uint32_t hash, struct account *by);

#endif
