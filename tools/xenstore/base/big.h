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

/* BIG_SIZE zeroed bytes, freed with ctx; NULL without memory. */
void *big_alloc(const void *ctx);

#endif
