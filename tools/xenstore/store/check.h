/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check: is the store what it says it is?
 */
#ifndef STORE_CHECK_H
#define STORE_CHECK_H

#include "base/err.h"

struct store;

/*
 * Walks the whole store and compares every link, count, sum and account with
 * what it finds.  Returns 0, or EIO with the first thing that is wrong.
 * Changes nothing.
 */
int __must_check store_check(const struct store *s, struct err *err);

#endif
