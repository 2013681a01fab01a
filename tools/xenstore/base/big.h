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

#define BIG_SIZE (2u << 20)

/* What talloc owns; the memory itself is outside of malloc. */
struct big {
	void *p; /* BIG_SIZE zeroed bytes, aligned to their size */
};

/* Freed with talloc_free, or with ctx; NULL without memory. */
struct big *big_new(const void *ctx);

#endif
