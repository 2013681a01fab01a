/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * digest: one number for the state of a store, to compare two daemons whose
 * state must be the same.  It depends on every member that a client can see or
 * that decides a later reply; xenstore-tests/unit/test-digest.c changes each of
 * them to check that.
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
