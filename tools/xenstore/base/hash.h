/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hash: a keyed hash function and an intrusive hash table.
 *
 * Guests choose the strings that are hashed, so tables use SipHash with a key
 * that the host draws at start.  A table grows and shrinks by one bucket at a
 * time (linear hashing), so that no insertion has to move all entries.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash_key {
	uint64_t k0, k1;
};

/* SipHash-1-3 of len bytes. */
uint64_t hash_keyed(const struct hash_key *key, const void *p, size_t len);

/*
 * A hash of a number that guests do not choose, such as a domid or a
 * connection id.  Different numbers have different hashes.
 */
static inline uint32_t hash_number(uint32_t n)
{
	return n * 0x9e3779b1u;
}

/*
 * A fast 64-bit hash without a key, the same in every build and on every
 * machine: for the digest of a state, never for a table.
 */
static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
	__uint128_t m = (__uint128_t)(a ^ 0x9e3779b97f4a7c15ULL) *
			(b ^ 0xd1b54a32d192ed03ULL);

	/* the sum keeps a factor of zero from wiping out the other side */
	return ((uint64_t)m ^ (uint64_t)(m >> 64)) + (a << 23 | a >> 41) +
	       (b << 41 | b >> 23);
}
uint64_t hash_bytes(const void *p, size_t len);

/* Embedded in each entry; set hash before htab_insert(). */
struct hlink {
	struct hlink *next;
	uint32_t hash;
};

#define HTAB_SEG_BITS 8

struct htab {
	struct hlink ***segs; /* segments of 2^HTAB_SEG_BITS bucket heads */
	uint32_t nsegs;
	uint32_t nbuckets; /* in use */
	uint32_t mask;	   /* for the smaller of the two sizes in use */
	uint32_t count;
};

/*
 * A new, empty table of talloc context ctx; NULL without memory.  talloc_free()
 * frees the table but no entry.
 */
struct htab *htab_new(const void *ctx);
/* Never fails: without memory to grow, chains get longer. */
void htab_insert(struct htab *t, struct hlink *l);
void htab_remove(struct htab *t, struct hlink *l);
/* The first entry of the chain for hash.  The caller follows ->next. */
struct hlink *htab_chain(const struct htab *t, uint32_t hash);
/*
 * For tables of numbers, whose entries have hash_number(n) as their hash: sets
 * the hash and inserts; the first entry with that number, or NULL.
 */
void htab_insert_number(struct htab *t, struct hlink *l, uint32_t n);
struct hlink *htab_find_number(const struct htab *t, uint32_t n);
/* Prefetches the chain's head or, later, with `first`, its first entry. */
void htab_prefetch(const struct htab *t, uint32_t hash, bool first);
/*
 * Walks the whole table: returns the entry after prev, or NULL at the end.  The
 * first call has *pos 0 and prev NULL.  The table must not change meanwhile.
 */
struct hlink *htab_next(const struct htab *t, uint32_t *pos,
			struct hlink *prev);

#endif
