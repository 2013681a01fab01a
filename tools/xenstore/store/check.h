/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check: verifies that the store is consistent.
 */
#ifndef STORE_CHECK_H
#define STORE_CHECK_H

#include "base/err.h"

struct store;

/*
 * Walks the whole store and checks every link, count, sum and account.  Returns
 * 0; EIO, with err naming the first inconsistency; or ENOMEM.  Changes nothing.
 */
int __must_check store_check(const struct store *s, struct err *err);

#endif
