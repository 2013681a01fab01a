/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slab: many small things without a header each.
 *
 * A slab hands out elements of one size by number (from 1; 0 means none); an
 * element stays where it is until it is freed.  A pool hands out blocks of
 * any size, rounded up to a class, to callers that remember the size.  Both
 * take their memory from talloc in chunks and give it back with the context.
 */
#ifndef BASE_SLAB_H
#define BASE_SLAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SLAB_CHUNK_BITS 10
#define SLAB_CHUNK_MASK ((1u << SLAB_CHUNK_BITS) - 1)

struct slab {
	const void *ctx; /* talloc parent of the chunks */
	uint8_t **chunks;
	uint32_t nchunks;
	uint32_t chunks_size;
	uint32_t elem_size;
	uint32_t next; /* the lowest number never handed out */
	uint32_t free; /* first of the freed ones; each holds the next */
	uint32_t nfree;
	uint8_t *big; /* the newest big piece */
	size_t big_left;
};

void slab_init(struct slab *s, const void *ctx, uint32_t elem_size);
/*
 * Makes sure that the next n calls of slab_alloc succeed.  Returns 0 or
 * ENOMEM.
 */
int slab_reserve(struct slab *s, uint32_t n);
/* A zeroed element's number, or 0 without memory. */
uint32_t slab_alloc(struct slab *s);
void slab_free(struct slab *s, uint32_t id);

static inline void *slab_at(const struct slab *s, uint32_t id)
{
	return s->chunks[id >> SLAB_CHUNK_BITS] +
	       (size_t)(id & SLAB_CHUNK_MASK) * s->elem_size;
}

#define POOL_CLASSES   24
#define POOL_MAX_BLOCK 512

struct pool {
	const void *ctx;
	void *free[POOL_CLASSES];
	uint8_t *bump; /* what is left of the newest chunk */
	size_t bump_left;
	size_t taken; /* bytes of chunks so far */
};

void pool_init(struct pool *p, const void *ctx);
/* A block of at least size bytes, aligned to 8; NULL without memory. */
void *pool_alloc(struct pool *p, size_t size);
/* size as given to pool_alloc.  block may be NULL. */
void pool_free(struct pool *p, void *block, size_t size);

#endif
