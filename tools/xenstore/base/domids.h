/* SPDX-License-Identifier: GPL-2.0-or-later */
/* domids: a set of domids.  Zeroed memory is the empty set. */
#ifndef BASE_DOMIDS_H
#define BASE_DOMIDS_H

#include <stdbool.h>
#include <stdint.h>

#define DOMIDS_END 0x7ff0u /* what domids are below */

/* One bit for each domid. */
struct domids {
	uint64_t bits[DOMIDS_END / 64 + 1];
};

/* A reserved number is left out. */
static inline void domids_add(struct domids *set, uint16_t domid)
{
	if (domid < DOMIDS_END)
		set->bits[domid / 64] |= 1ull << domid % 64;
}

static inline void domids_del(struct domids *set, uint16_t domid)
{
	if (domid < DOMIDS_END)
		set->bits[domid / 64] &= ~(1ull << domid % 64);
}

static inline bool domids_has(const struct domids *set, uint16_t domid)
{
	return domid < DOMIDS_END && set->bits[domid / 64] & 1ull << domid % 64;
}

/* The first member from domid on, or DOMIDS_END. */
static inline uint32_t domids_next(const struct domids *set, uint32_t domid)
{
	uint64_t word;

	while (domid < DOMIDS_END) {
		word = set->bits[domid / 64] >> domid % 64;
		if (word)
			return domid + (uint32_t)__builtin_ctzll(word);
		domid = (domid | 63) + 1;
	}
	return DOMIDS_END;
}

#endif
