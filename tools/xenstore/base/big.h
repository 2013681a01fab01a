/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * big: memory in pieces of two megabytes, for what is large and looked at in
 * no order.
 *
 * Aligned and offered to the kernel as huge pages: a store of a million nodes
 * is then a few dozen pages, which a processor can keep track of.
 */
#ifndef BASE_BIG_H
#define BASE_BIG_H

#include <stdbool.h>

#define BIG_SIZE (2u << 20)

/* What talloc owns; the memory itself is outside of malloc. */
struct big {
	void *p; /* BIG_SIZE zeroed bytes, aligned to their size */
};

/*
 * Freed with talloc_free, or with ctx; NULL without memory.  at_once: all of
 * it will be used soon, and nobody is served meanwhile.  A huge page is then
 * asked for at the first touch, which may take the kernel 6 ms.
 */
struct big *big_new(const void *ctx, bool at_once);
/*
 * All of it has been touched (p as in struct big, or NULL: nothing is done):
 * the kernel may make a huge page of it, while others run.
 */
void big_settled(void *p);

#endif
