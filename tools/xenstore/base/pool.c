/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pool: see slab.h.  A page has blocks of one class only, and the address of a
 * block gives its page.  The tree keeps names and values in a pool.
 */
#include <string.h>
#include <talloc.h>

#include "base/big.h"
#include "base/slab.h"

#define PAGE	    16384u
#define SMALL_PAGES 4u /* of a piece while the pool is small */
#define BIG_PAGES   (BIG_SIZE / PAGE)

/* The unit in which memory is allocated and freed. */
struct pool_piece {
	uint32_t npages;
	uint32_t used;
	uint8_t *pages;
};

struct pool_page {
	struct pool_page *next, *prev; /* in a list of the pool */
	struct pool_piece *piece;
	void *free;	/* freed blocks, each points to the next */
	uint32_t fresh; /* offset of the first one never handed out */
	uint16_t used;	/* blocks */
	uint16_t block; /* their size */
	int32_t class_;
};

#define HEAD 64u /* of a page: one cache line */

_Static_assert(sizeof(struct pool_page) <= HEAD, "struct pool_page has grown");

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

/* ---- lists of pages ---- */

static void page_add(struct pool_page **head, struct pool_page *g)
{
	g->prev = NULL;
	g->next = *head;
	if (g->next)
		g->next->prev = g;
	*head = g;
}

static void page_del(struct pool_page **head, struct pool_page *g)
{
	if (g->next)
		g->next->prev = g->prev;
	if (g->prev)
		g->prev->next = g->next;
	else
		*head = g->next;
}

/* ---- pieces ---- */

static uint8_t *piece_memory(struct pool *p, struct pool_piece *piece)
{
	uintptr_t at;
	struct big *big;

	if (piece->npages == BIG_PAGES) {
		big_settled(p->filling);
		big = big_new(piece, p->bulk);
		p->filling = big ? big->p : NULL;
		return p->filling;
	}
	/* one page more, for the alignment */
	at = (uintptr_t)talloc_size(piece, (piece->npages + 1) * PAGE);
	return (uint8_t *)((at + PAGE - 1) & ~(uintptr_t)(PAGE - 1));
}

static bool piece_take(struct pool *p)
{
	struct pool_piece *piece = talloc_zero(p->ctx, struct pool_piece);
	uint32_t i;

	if (!piece)
		return false;
	piece->npages = p->taken < BIG_SIZE ? SMALL_PAGES : BIG_PAGES;
	piece->pages = piece_memory(p, piece);
	if (!piece->pages) {
		talloc_free(piece);
		return false;
	}
	/* backwards, so that the first page is first in the list */
	for (i = piece->npages; i--;) {
		struct pool_page *g = (void *)(piece->pages + i * PAGE);

		g->piece = piece;
		page_add(&p->free, g);
	}
	p->nfree += piece->npages;
	p->taken += (size_t)piece->npages * PAGE;
	return true;
}

static void piece_give_back(struct pool *p, struct pool_piece *piece)
{
	uint32_t i;

	if (piece->pages == p->filling)
		p->filling = NULL;
	for (i = 0; i < piece->npages; i++)
		page_del(&p->free, (void *)(piece->pages + i * PAGE));
	p->nfree -= piece->npages;
	p->taken -= (size_t)piece->npages * PAGE;
	talloc_free(piece);
}

/* ---- blocks ---- */

static bool page_full(const struct pool_page *g)
{
	return !g->free && g->fresh + g->block > PAGE;
}

static struct pool_page *page_take(struct pool *p, int class, size_t block)
{
	struct pool_page *g;

	if (!p->free && !piece_take(p))
		return NULL;
	g = p->free;
	page_del(&p->free, g);
	p->nfree--;
	g->piece->used++;
	g->free = NULL;
	g->fresh = HEAD;
	g->used = 0;
	g->block = (uint16_t)block;
	g->class_ = class;
	page_add(&p->room[class], g);
	return g;
}

static void page_give_back(struct pool *p, struct pool_page *g)
{
	struct pool_piece *piece = g->piece;

	page_del(&p->room[g->class_], g);
	page_add(&p->free, g);
	p->nfree++;
	if (!--piece->used && p->nfree >= 2 * piece->npages &&
	    p->taken > p->keep)
		piece_give_back(p, piece);
}

void *pool_alloc(struct pool *p, size_t size)
{
	size_t block = 0;
	int class = class_of(size, &block);
	struct pool_page *g;
	void *b;

	if (class < 0)
		return talloc_size(p->ctx, size);
	g = p->room[class];
	if (!g)
		g = page_take(p, class, block);
	if (!g)
		return NULL;
	b = g->free;
	if (b) {
		memcpy(&g->free, b, sizeof(void *));
	} else {
		b = (uint8_t *)g + g->fresh;
		g->fresh += g->block;
	}
	g->used++;
	if (page_full(g))
		page_del(&p->room[class], g);
	return b;
}

void *pool_zalloc(struct pool *p, size_t size)
{
	void *b = pool_alloc(p, size);

	return b ? memset(b, 0, size) : NULL;
}

void pool_free(struct pool *p, void *block, size_t size)
{
	struct pool_page *g;
	bool full;

	if (!block)
		return;
	if (size > POOL_MAX_BLOCK) {
		talloc_free(block);
		return;
	}
	g = (void *)((uintptr_t)block & ~(uintptr_t)(PAGE - 1));
	full = page_full(g);
	memcpy(block, &g->free, sizeof(void *));
	g->free = block;
	if (full)
		page_add(&p->room[g->class_], g);
	if (!--g->used)
		page_give_back(p, g);
}
