/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * big: memory in pieces of two megabytes, for large data with random access.
 *
 * The pieces are aligned and offered to the kernel as huge pages.  A store of a
 * million nodes then takes a few dozen pages, few enough for the TLB.
 */
#ifndef BASE_BIG_H
#define BASE_BIG_H

#include <stdbool.h>

#define BIG_SIZE (2u << 20)

/* A talloc object; the memory itself does not come from malloc. */
struct big {
	void *p; /* BIG_SIZE zeroed bytes, aligned to their size */
};

/*
 * A new piece, freed with talloc_free() or with ctx; NULL without memory.
 * at_once: all of it will be used soon and no client is served meanwhile, so
 * the kernel may map a huge page at the first access, which can take 6 ms.
 */
struct big *big_new(const void *ctx, bool at_once);
/*
 * All of p, from struct big, has been written: the kernel may merge it into a
 * huge page in the background.  Does nothing for NULL.
 */
void big_settled(void *p);

#endif
