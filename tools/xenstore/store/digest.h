/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * digest: the sum of a store's state, to compare two daemons that must hold the
 * same.  Every member that a client can see or that decides a later answer is
 * in it; xenstore-tests/unit/test-digest.c changes each one to see that.
 */
#ifndef STORE_DIGEST_H
#define STORE_DIGEST_H

#include <stdint.h>

struct store;
struct tx;

/* Tree, watches, special nodes, limits, accounts; not clients' transactions. */
uint64_t store_digest(const struct store *s);
/* One open transaction. */
uint64_t tx_digest(const struct tx *tx);

#endif
