/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hash: see hash.h. */
#include "base/hash.h"

#include <endian.h>
#include <string.h>
#include <talloc.h>

#define SEG_SIZE (1u << HTAB_SEG_BITS)

static inline uint64_t rotl(uint64_t v, unsigned int n)
{
	return v << n | v >> (64 - n);
}

struct sip {
	uint64_t v0, v1, v2, v3;
};

static inline void sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = rotl(s->v1, 13) ^ s->v0;
	s->v3 = rotl(s->v3, 16) ^ s->v2;
	s->v0 = rotl(s->v0, 32);
	s->v2 += s->v1;
	s->v0 += s->v3;
	s->v1 = rotl(s->v1, 17) ^ s->v2;
	s->v3 = rotl(s->v3, 21) ^ s->v0;
	s->v2 = rotl(s->v2, 32);
}

static inline uint64_t load64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

static inline uint64_t load32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

/*
 * The last len (0 to 7) bytes as a number.  Reads nothing beyond them: reads
 * two or three pieces that may overlap.
 */
static inline uint64_t load_tail(const uint8_t *p, size_t len)
{
	if (len >= 4)
		return load32(p) | load32(p + len - 4) << (8 * (len - 4));
	if (!len)
		return 0;
	return (uint64_t)p[0] | (uint64_t)p[len / 2] << (8 * (len / 2)) |
	       (uint64_t)p[len - 1] << (8 * (len - 1));
}

uint64_t hash_keyed(const struct hash_key *key, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t left = len;
	uint64_t m;
	struct sip s = {
		key->k0 ^ 0x736f6d6570736575ULL,
		key->k1 ^ 0x646f72616e646f6dULL,
		key->k0 ^ 0x6c7967656e657261ULL,
		key->k1 ^ 0x7465646279746573ULL,
	};

	for (; left >= 8; left -= 8, p += 8) {
		m = load64(p);
		s.v3 ^= m;
		sip_round(&s);
		s.v0 ^= m;
	}
	m = (uint64_t)len << 56 | load_tail(p, left);
	s.v3 ^= m;
	sip_round(&s);
	s.v0 ^= m;
	s.v2 ^= 0xff;
	sip_round(&s);
	sip_round(&s);
	sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

uint64_t hash_bytes(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t h = 0x2545f4914f6cdd1dULL ^ (uint64_t)len;

	for (; len >= 8; len -= 8, p += 8)
		h = hash_mix(h, load64(p));
	if (len)
		h = hash_mix(h, load_tail(p, len));
	return hash_mix(h, 0xa0761d6478bd642fULL);
}

struct htab *htab_new(const void *ctx)
{
	struct htab *t = talloc_zero(ctx, struct htab);

	if (!t)
		return NULL;
	t->segs = talloc_array(t, struct hlink **, 1);
	if (t->segs)
		t->segs[0] = talloc_zero_array(t, struct hlink *, SEG_SIZE);
	if (!t->segs || !t->segs[0]) {
		talloc_free(t);
		return NULL;
	}
	t->nsegs = 1;
	t->nbuckets = 16;
	t->mask = 15;
	return t;
}

static inline struct hlink **bucket(const struct htab *t, uint32_t i)
{
	return &t->segs[i >> HTAB_SEG_BITS][i & (SEG_SIZE - 1)];
}

static inline struct hlink **bucket_of(const struct htab *t, uint32_t hash)
{
	uint32_t i = hash & (t->mask << 1 | 1);

	if (i >= t->nbuckets)
		i &= t->mask;
	return bucket(t, i);
}

static bool add_segment(struct htab *t)
{
	struct hlink ***segs, **seg;

	/* the array of segments doubles when it is full */
	if (!(t->nsegs & (t->nsegs - 1))) {
		segs = talloc_realloc(t, t->segs, struct hlink **,
				      t->nsegs * 2);
		if (!segs)
			return false;
		t->segs = segs;
	}
	seg = talloc_zero_array(t, struct hlink *, SEG_SIZE);
	if (!seg)
		return false;
	t->segs[t->nsegs++] = seg;
	return true;
}

/* Adds one bucket and moves entries to it from the one that it splits. */
static void split_bucket(struct htab *t)
{
	uint32_t new_i = t->nbuckets;
	struct hlink **from, **to, *l;

	if (new_i >> HTAB_SEG_BITS >= t->nsegs && !add_segment(t))
		return;
	if (new_i > (t->mask << 1 | 1))
		t->mask = t->mask << 1 | 1;
	t->nbuckets++;
	from = bucket(t, new_i & t->mask);
	to = bucket(t, new_i);
	while ((l = *from)) {
		if (bucket_of(t, l->hash) != to) {
			from = &l->next;
			continue;
		}
		*from = l->next;
		l->next = *to;
		*to = l;
	}
}

/* Removes the last bucket and moves its entries back. */
static void merge_bucket(struct htab *t)
{
	uint32_t last = --t->nbuckets;
	struct hlink **from, **to, *l;

	if (last == t->mask + 1)
		t->mask >>= 1;
	from = bucket(t, last);
	while ((l = *from)) {
		*from = l->next;
		to = bucket_of(t, l->hash);
		l->next = *to;
		*to = l;
	}
	/* keeps one in reserve, against freeing and allocating in turns */
	if ((last >> HTAB_SEG_BITS) + 2 < t->nsegs)
		talloc_free(t->segs[--t->nsegs]);
}

void htab_insert(struct htab *t, struct hlink *l)
{
	struct hlink **head;

	if (t->count >= t->nbuckets)
		split_bucket(t);
	head = bucket_of(t, l->hash);
	l->next = *head;
	*head = l;
	t->count++;
}

void htab_remove(struct htab *t, struct hlink *l)
{
	struct hlink **pos = bucket_of(t, l->hash);
	uint32_t i;

	while (*pos && *pos != l)
		pos = &(*pos)->next;
	if (!*pos)
		return;
	*pos = l->next;
	l->next = NULL;
	t->count--;
	/* below a quarter in use, four buckets go with each entry */
	for (i = 0;
	     i < 4 && t->count < t->nbuckets / 4 && t->nbuckets > SEG_SIZE; i++)
		merge_bucket(t);
}

struct hlink *htab_chain(const struct htab *t, uint32_t hash)
{
	return *bucket_of(t, hash);
}

void htab_insert_number(struct htab *t, struct hlink *l, uint32_t n)
{
	l->hash = hash_number(n);
	htab_insert(t, l);
}

struct hlink *htab_find_number(const struct htab *t, uint32_t n)
{
	struct hlink *l = htab_chain(t, hash_number(n));

	while (l && l->hash != hash_number(n))
		l = l->next;
	return l;
}

void htab_prefetch(const struct htab *t, uint32_t hash, bool first)
{
	struct hlink **head = bucket_of(t, hash);

	if (first)
		__builtin_prefetch(*head);
	else
		__builtin_prefetch(head);
}

struct hlink *htab_next(const struct htab *t, uint32_t *pos, struct hlink *prev)
{
	if (prev && prev->next)
		return prev->next;
	while (*pos < t->nbuckets) {
		struct hlink *l = *bucket(t, (*pos)++);

		if (l)
			return l;
	}
	return NULL;
}
