/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * disturb: which changes get into the way of dom0's open transactions.
 *
 * A guest that goes on changing what dom0's transactions look at could keep
 * them from ever being committed (XSA-206).  All entries of all open
 * transactions hang in one table by their path, so that a change finds those
 * that it dooms at no cost to speak of; who made it is marked
 * (account->disturbed), and whoever serves him may let him wait.
 */
#ifndef STORE_DISTURB_H
#define STORE_DISTURB_H

#include "store/change.h"
#include "store/transaction.h"

/* An entry comes and goes; n->link.hash is that of its path. */
void disturb_add(struct store *s, struct tx_node *n);
void disturb_del(struct store *s, struct tx_node *n);
/*
 * A change is about to be made by `by`, a guest: marks him if an entry of a
 * privileged client's transaction depends on what was there before.
 */
void disturb_look(const struct store *s, const struct change *c,
		  struct account *by);

#endif
