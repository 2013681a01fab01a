/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slab: see slab.h.  The tree keeps its nodes, names and values here. */
#include "base/slab.h"
#include "base/big.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#define POOL_CHUNK 65536u

void slab_init(struct slab *s, const void *ctx, uint32_t elem_size)
{
	memset(s, 0, sizeof(*s));
	s->ctx = ctx;
	s->elem_size = elem_size;
	s->next = 1;
}

/* Chunks come one by one, then, in a large slab, from big pieces. */
static uint8_t *slab_chunk(struct slab *s)
{
	size_t size = (size_t)s->elem_size << SLAB_CHUNK_BITS;

	if (s->nchunks * size < BIG_SIZE || size > BIG_SIZE)
		return talloc_size(s->ctx, size);
	if (s->big_left < size) {
		s->big = big_alloc(s->ctx);
		s->big_left = s->big ? BIG_SIZE : 0;
		if (!s->big)
			return NULL;
	}
	s->big_left -= size;
	return s->big + (BIG_SIZE - s->big_left - size);
}

static int slab_grow(struct slab *s)
{
	uint8_t **chunks = s->chunks;

	if (s->nchunks == s->chunks_size) {
		uint32_t n = s->chunks_size ? s->chunks_size * 2 : 4;

		chunks = talloc_realloc(s->ctx, chunks, uint8_t *, n);
		if (!chunks)
			return ENOMEM;
		s->chunks = chunks;
		s->chunks_size = n;
	}
	chunks[s->nchunks] = slab_chunk(s);
	if (!chunks[s->nchunks])
		return ENOMEM;
	s->nchunks++;
	return 0;
}

int slab_reserve(struct slab *s, uint32_t n)
{
	while ((uint64_t)s->nfree + ((uint64_t)s->nchunks << SLAB_CHUNK_BITS) <
	       (uint64_t)s->next + n)
		if (slab_grow(s))
			return ENOMEM;
	return 0;
}

uint32_t slab_alloc(struct slab *s)
{
	uint32_t id = s->free;
	void *p;

	if (id) {
		p = slab_at(s, id);
		memcpy(&s->free, p, sizeof(s->free));
		s->nfree--;
	} else {
		if (slab_reserve(s, 1))
			return 0;
		id = s->next++;
		p = slab_at(s, id);
	}
	memset(p, 0, s->elem_size);
	return id;
}

void slab_free(struct slab *s, uint32_t id)
{
	void *p = slab_at(s, id);

	memset(p, 0, s->elem_size);
	memcpy(p, &s->free, sizeof(s->free));
	s->free = id;
	s->nfree++;
}

void pool_init(struct pool *p, const void *ctx)
{
	memset(p, 0, sizeof(*p));
	p->ctx = ctx;
}

/* 8, 16, ... 64, then 96, 128, ... 512; -1: too large for a class. */
static int class_of(size_t size, size_t *ret_block)
{
	size_t n;

	if (size > POOL_MAX_BLOCK)
		return -1;
	if (size <= 64) {
		n = size ? (size + 7) / 8 : 1;
		*ret_block = n * 8;
		return (int)n - 1;
	}
	n = (size - 64 + 31) / 32;
	*ret_block = 64 + n * 32;
	return (int)n + 7;
}

void *pool_alloc(struct pool *p, size_t size)
{
	size_t block = 0;
	int class = class_of(size, &block);
	void *b;

	if (class < 0)
		return talloc_size(p->ctx, size);
	b = p->free[class];
	if (b) {
		memcpy(&p->free[class], b, sizeof(void *));
		return b;
	}
	if (p->bump_left < block) {
		/* what is left of the old chunk is a few small blocks */
		while (p->bump_left >= 8) {
			size_t n = p->bump_left < 64 ? p->bump_left : 64;

			pool_free(p, p->bump, n);
			p->bump += n;
			p->bump_left -= n;
		}
		size = p->taken < BIG_SIZE ? POOL_CHUNK : BIG_SIZE;
		p->bump = size == BIG_SIZE ? big_alloc(p->ctx)
					   : talloc_size(p->ctx, size);
		p->bump_left = p->bump ? size : 0;
		if (!p->bump)
			return NULL;
		p->taken += size;
	}
	b = p->bump;
	p->bump += block;
	p->bump_left -= block;
	return b;
}

void pool_free(struct pool *p, void *block, size_t size)
{
	size_t rounded;
	int class;

	if (!block)
		return;
	class = class_of(size, &rounded);
	if (class < 0) {
		talloc_free(block);
		return;
	}
	memcpy(block, &p->free[class], sizeof(void *));
	p->free[class] = block;
}
