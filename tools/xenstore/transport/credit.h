/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * credit: throttles a domain that keeps causing conflicts in the transactions
 * of others.
 *
 * Each conflict costs 1/N second, N being the quota "conflicts"; time pays it
 * back.  CREDIT_BURST of them may come at once.  Beyond that the domain's
 * requests wait until half of it is paid back: a quiet time in which the
 * transactions of others can end (XSA-206).
 */
#ifndef TRANSPORT_CREDIT_H
#define TRANSPORT_CREDIT_H

#include "daemon.h"

struct conn;

/* Its request has caused one conflict. */
void conn_charge(struct conn *c);
/*
 * For a restore: busy_ms is its debt; wait_ms is 1 + the time for which its
 * requests still wait, or 0.
 */
void conn_credit_restore(struct conn *c, uint32_t busy_ms, uint32_t wait_ms);
/*
 * Gives a turn to those whose wait is over.  Returns the time until the next in
 * ms, at most timeout_ms (-1: no limit).
 */
int conn_credit_due(struct daemon *d, int timeout_ms);

#endif
