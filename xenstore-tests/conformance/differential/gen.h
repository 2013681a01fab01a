/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gen: shared by the files that make requests. */
#ifndef GEN_H
#define GEN_H

#include "diff.h"

struct gen {
	uint64_t state;
	const struct profile *profile;
	uint8_t conn; /* who will ask */
	uint8_t body[XENSTORE_PAYLOAD_MAX];
	uint32_t len;
};

static inline uint64_t gen_random(struct gen *g)
{
	uint64_t z = (g->state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* A number from 0 to n - 1. */
static inline uint32_t pick(struct gen *g, uint32_t n)
{
	return (uint32_t)(gen_random(g) % n);
}

static inline bool chance(struct gen *g, uint32_t percent)
{
	return pick(g, 100) < percent;
}

/* gen-body.c: puts a payload for a request of that type in g->body */
void gen_body(struct gen *g, uint32_t type);

#endif
