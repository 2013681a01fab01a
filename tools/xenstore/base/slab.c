/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slab: see slab.h.  The tree keeps its nodes here. */
#include "base/slab.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "base/big.h"

#define CHUNK (1u << SLAB_CHUNK_BITS)

/* The unit in which memory is allocated and freed. */
struct slab_piece {
	uint32_t used; /* elements */
	uint32_t nchunks;
	uint32_t first[]; /* its chunks */
};

void slab_init(struct slab *s, const void *ctx, uint32_t elem_size)
{
	memset(s, 0, sizeof(*s));
	s->ctx = ctx;
	s->elem_size = elem_size;
	s->next = 1;
	s->room = s->room_last = s->hole = SLAB_END;
}

size_t slab_memory(const struct slab *s)
{
	return ((size_t)s->count + s->nfree) * s->elem_size;
}

/* ---- the list of chunks with room ---- */

static void room_add(struct slab *s, uint32_t c, bool first)
{
	struct slab_chunk *k = &s->chunk[c];

	k->prev = first ? SLAB_END : s->room_last;
	k->next = first ? s->room : SLAB_END;
	if (k->next != SLAB_END)
		s->chunk[k->next].prev = c;
	else
		s->room_last = c;
	if (k->prev != SLAB_END)
		s->chunk[k->prev].next = c;
	else
		s->room = c;
}

static void room_del(struct slab *s, uint32_t c)
{
	const struct slab_chunk *k = &s->chunk[c];

	if (k->next != SLAB_END)
		s->chunk[k->next].prev = k->prev;
	else
		s->room_last = k->prev;
	if (k->prev != SLAB_END)
		s->chunk[k->prev].next = k->next;
	else
		s->room = k->next;
}

/* ---- pieces ---- */

/* Grows the arrays so that n more chunks fit. */
static int need_numbers(struct slab *s, uint32_t n)
{
	uint32_t size = s->chunks_size ? s->chunks_size : 4;
	struct slab_chunk *chunk;
	uint8_t **chunks;

	while (size < s->nchunks + n)
		size *= 2;
	if (size == s->chunks_size)
		return 0;
	chunks = talloc_realloc(s->ctx, s->chunks, uint8_t *, size);
	if (!chunks)
		return ENOMEM;
	s->chunks = chunks;
	chunk = talloc_realloc(s->ctx, s->chunk, struct slab_chunk, size);
	if (!chunk)
		return ENOMEM;
	s->chunk = chunk;
	s->chunks_size = size;
	return 0;
}

static void chunk_begin(struct slab *s, struct slab_piece *p, uint8_t *memory)
{
	uint32_t c = s->hole;

	if (c != SLAB_END)
		s->hole = s->chunk[c].next;
	else
		c = s->nchunks++;
	s->chunks[c] = memory;
	memset(&s->chunk[c], 0, sizeof(s->chunk[c]));
	s->chunk[c].piece = p;
	p->first[p->nchunks++] = c;
	s->nfree += CHUNK;
	/* element 0 is never handed out */
	if (!c) {
		s->chunk[c].used = s->chunk[c].fresh = 1;
		p->used = 1;
		s->nfree--;
	}
	room_add(s, c, false);
}

/* A small slab grows by one chunk, a large one by as many as fit into a big. */
static int slab_grow(struct slab *s)
{
	size_t size = (size_t)s->elem_size << SLAB_CHUNK_BITS;
	bool one = slab_memory(s) < BIG_SIZE || size > BIG_SIZE;
	uint32_t n = one ? 1 : (uint32_t)(BIG_SIZE / size), i;
	struct slab_piece *p;
	uint8_t *memory = NULL;
	struct big *big;

	if (need_numbers(s, n))
		return ENOMEM;
	p = talloc_zero_size(s->ctx, sizeof(*p) + n * sizeof(*p->first));
	if (!p)
		return ENOMEM;
	if (one) {
		memory = talloc_size(p, size);
	} else {
		big_settled(s->filling);
		big = big_new(p, s->bulk);
		memory = big ? big->p : NULL;
		s->filling = memory;
	}
	if (!memory) {
		talloc_free(p);
		return ENOMEM;
	}
	for (i = 0; i < n; i++)
		chunk_begin(s, p, memory + i * size);
	return 0;
}

static void piece_give_back(struct slab *s, struct slab_piece *p)
{
	uint32_t i, c;

	if (s->chunks[p->first[0]] == s->filling)
		s->filling = NULL;
	for (i = 0; i < p->nchunks; i++) {
		c = p->first[i];
		room_del(s, c);
		s->chunks[c] = NULL;
		s->chunk[c].piece = NULL;
		s->chunk[c].next = s->hole;
		s->hole = c;
	}
	s->nfree -= p->nchunks << SLAB_CHUNK_BITS;
	talloc_free(p);
}

/* ---- elements ---- */

int slab_reserve(struct slab *s, uint32_t n)
{
	while (s->nfree < n)
		if (slab_grow(s))
			return ENOMEM;
	return 0;
}

uint32_t slab_alloc(struct slab *s)
{
	struct slab_chunk *k;
	uint32_t c, i;
	uint8_t *p;

	if (slab_reserve(s, 1))
		return 0;
	c = s->room;
	k = &s->chunk[c];
	i = k->free ? k->free - 1u : k->fresh++;
	p = s->chunks[c] + (size_t)i * s->elem_size;
	if (k->free)
		memcpy(&k->free, p, sizeof(k->free));
	memset(p, 0, s->elem_size);
	if (++k->used == CHUNK)
		room_del(s, c);
	k->piece->used++;
	s->count++;
	s->nfree--;
	i |= c << SLAB_CHUNK_BITS;
	if (i >= s->next)
		s->next = i + 1;
	return i;
}

void slab_free(struct slab *s, uint32_t id)
{
	uint32_t c = id >> SLAB_CHUNK_BITS, all;
	struct slab_chunk *k = &s->chunk[c];
	uint8_t *p = slab_at(s, id);

	memcpy(p, &k->free, sizeof(k->free));
	k->free = (uint16_t)((id & SLAB_CHUNK_MASK) + 1);
	if (k->used-- == CHUNK)
		room_add(s, c, true);
	s->count--;
	s->nfree++;
	all = k->piece->nchunks << SLAB_CHUNK_BITS;
	if (!--k->piece->used && s->nfree >= 2 * all)
		piece_give_back(s, k->piece);
}
