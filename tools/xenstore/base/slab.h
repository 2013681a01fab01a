/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slab: many small objects without a header each.
 *
 * A slab hands out elements of one size by number (from 1; 0 means none).  An
 * element keeps its address until it is freed.  A pool (pool.c) hands out
 * blocks of any size, rounded up to a size class; the caller must remember the
 * size.  Both take memory from talloc in pieces, larger pieces as they grow.
 * They free a piece when all of it is free and as much again is free elsewhere.
 * So a peak does not stay allocated, and no piece is freed and allocated again
 * and again.
 */
#ifndef BASE_SLAB_H
#define BASE_SLAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SLAB_CHUNK_BITS 10
#define SLAB_CHUNK_MASK ((1u << SLAB_CHUNK_BITS) - 1)

struct slab_piece;

/* 2^SLAB_CHUNK_BITS elements.  Chunks with room are in a list, holes, too. */
struct slab_chunk {
	struct slab_piece *piece; /* NULL: a hole, whose memory was freed */
	uint32_t next, prev;	  /* chunks in that list; SLAB_END */
	uint16_t used;		  /* elements */
	uint16_t fresh;		  /* the lowest one never handed out */
	uint16_t free;		  /* 1 + the first freed one; 0: none */
};

#define SLAB_END UINT32_MAX

struct slab {
	const void *ctx; /* talloc parent of the pieces */
	uint8_t **chunks;
	struct slab_chunk *chunk; /* the same number */
	uint32_t nchunks;	  /* holes included */
	uint32_t chunks_size;
	uint32_t elem_size;
	uint32_t next;			/* 1 + the highest number ever in use */
	uint32_t count;			/* elements in use */
	uint32_t nfree;			/* free elements that have memory */
	uint32_t room, room_last, hole; /* heads of the chunks' lists */
	uint8_t *filling;		/* the newest big piece, or NULL */
	bool bulk; /* during a restore: see at_once in big.h */
};

void slab_init(struct slab *s, const void *ctx, uint32_t elem_size);
/*
 * Makes sure that the next n calls of slab_alloc() succeed.  Returns 0 or
 * ENOMEM.
 */
int slab_reserve(struct slab *s, uint32_t n);
/* Returns the number of a zeroed element, or 0 without memory. */
uint32_t slab_alloc(struct slab *s);
void slab_free(struct slab *s, uint32_t id);
/* The bytes of all elements, used and free. */
size_t slab_memory(const struct slab *s);

static inline void *slab_at(const struct slab *s, uint32_t id)
{
	return s->chunks[id >> SLAB_CHUNK_BITS] +
	       (size_t)(id & SLAB_CHUNK_MASK) * s->elem_size;
}

/* Whether element id has memory, and was handed out at some time. */
static inline bool slab_has_been(const struct slab *s, uint32_t id)
{
	const struct slab_chunk *k = &s->chunk[id >> SLAB_CHUNK_BITS];

	return k->piece && (id & SLAB_CHUNK_MASK) < k->fresh;
}

#define POOL_CLASSES   24
#define POOL_MAX_BLOCK 512

struct pool_page;

struct pool {
	const void *ctx;
	struct pool_page *room[POOL_CLASSES]; /* pages with free blocks */
	struct pool_page *free;		      /* pages without a class */
	uint32_t nfree;
	size_t taken;	  /* bytes of pieces */
	size_t keep;	  /* no piece is freed up to this many bytes */
	uint8_t *filling; /* as in struct slab */
	bool bulk;
};

void pool_init(struct pool *p, const void *ctx);
/* A block of at least size bytes, aligned to 8; NULL without memory. */
void *pool_alloc(struct pool *p, size_t size);
/* The same, zeroed. */
void *pool_zalloc(struct pool *p, size_t size);
/* size: as given to pool_alloc().  block may be NULL. */
void pool_free(struct pool *p, void *block, size_t size);

#endif
