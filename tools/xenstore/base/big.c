/* SPDX-License-Identifier: GPL-2.0-or-later */
/* big: see big.h.  Called by slab.c, pool.c and the tree's index. */
#include "base/big.h"

#include <sys/mman.h>
#include <stdint.h>
#include <talloc.h>

static int big_free(struct big *b)
{
	munmap(b->p, BIG_SIZE);
	return 0;
}

/* To get an aligned piece, maps twice the size and unmaps both ends. */
static void *map_aligned(void)
{
	uint8_t *p = mmap(NULL, 2 * BIG_SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uintptr_t at, start;

	if (p == MAP_FAILED)
		return NULL;
	at = (uintptr_t)p;
	start = (at + BIG_SIZE - 1) & ~(uintptr_t)(BIG_SIZE - 1);
	if (start > at)
		munmap(p, start - at);
	munmap(p + (start - at) + BIG_SIZE, BIG_SIZE - (start - at));
	return p + (start - at);
}

struct big *big_new(const void *ctx, bool at_once)
{
	struct big *b = talloc_zero(ctx, struct big);

	if (!b)
		return NULL;
	b->p = map_aligned();
	if (!b->p) {
		talloc_free(b);
		return NULL;
	}
	if (at_once)
		big_settled(b->p);
	talloc_set_destructor(b, big_free);
	return b;
}

void big_settled(void *p)
{
	/* without huge pages it is only slower */
	if (p)
		(void)madvise(p, BIG_SIZE, MADV_HUGEPAGE);
}
