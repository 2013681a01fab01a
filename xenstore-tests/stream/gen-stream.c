// SPDX-License-Identifier: GPL-2.0-or-later
/* gen-stream: see gen-stream.h. */
#include "gen-stream.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t rng_below(struct rng *r, size_t n)
{
	uint64_t z = r->s += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	z ^= z >> 31;
	return n ? (size_t)(z % n) : 0;
}

void bytes_add(struct bytes *b, const void *p, size_t len)
{
	if (b->len + len > b->size) {
		b->size = 2 * (b->len + len);
		b->p = realloc(b->p, b->size);
		if (!b->p) {
			perror("gen-stream");
			exit(2);
		}
	}
	if (len)
		memcpy(b->p + b->len, p, len);
	b->len += len;
}

void bytes_random(struct bytes *b, struct rng *r, size_t len)
{
	uint8_t c;

	while (len--) {
		c = (uint8_t)rng_below(r, 256);
		bytes_add(b, &c, 1);
	}
}

static void add_u32(struct bytes *b, uint32_t v, bool big)
{
	v = big ? htobe32(v) : htole32(v);
	bytes_add(b, &v, sizeof(v));
}

static void record(struct bytes *b, struct rng *r, uint32_t type, uint32_t len,
		   bool big)
{
	static const char zeros[8];

	add_u32(b, type, big);
	add_u32(b, len, big);
	bytes_random(b, r, len);
	bytes_add(b, zeros, -len & 7);
}

/* Sometimes a body that looks like the end of the stream. */
static void decoy(struct bytes *b, struct rng *r, uint32_t type, bool big)
{
	static const char bait[] = "\0\0\0\0\0\0\0\0xs-image\0\0\0\1\0\0\0\0"
				   "\0\0\0\0\0\0\0\20xenstore\0\0\0\1\0\0\0";

	add_u32(b, type, big);
	add_u32(b, sizeof(bait), big);
	bytes_add(b, bait, sizeof(bait));
	(void)r;
}

static void gen_libxc(struct bytes *b, struct rng *r)
{
	bool big = !rng_below(r, 8);
	size_t n = rng_below(r, 12);

	bytes_add(b, "\377\377\377\377\377\377\377\377XENF", 12);
	add_u32(b, 2 + (uint32_t)rng_below(r, 2), true);
	bytes_add(b, big ? "\0\1\0\0\0\0\0\0" : "\0\0\0\0\0\0\0\0", 8);
	bytes_random(b, r, 16); /* the domain header */
	while (n--) {
		if (!rng_below(r, 6))
			decoy(b, r, 1, big);
		else
			record(b, r, 1 + (uint32_t)rng_below(r, 13),
			       (uint32_t)rng_below(r, 1500), big);
	}
	if (!rng_below(r, 3))
		record(b, r, 0x80000001, (uint32_t)rng_below(r, 40), big);
	record(b, r, 0, 0, big);
}

static void gen_xl(struct bytes *b, struct rng *r)
{
	bool big = !rng_below(r, 8);
	uint32_t len = (uint32_t)rng_below(r, 900);

	bytes_add(b, "Xen saved domain, xl format\n \0 \r", 32);
	add_u32(b, 0x01020304, big);
	add_u32(b, 3, big);
	add_u32(b, 0, big);
	add_u32(b, len, big);
	bytes_random(b, r, len);
}

void gen_stream(struct bytes *b, struct rng *r)
{
	bool big = !rng_below(r, 8);

	if (rng_below(r, 4))
		gen_xl(b, r);
	bytes_add(b, "LibxlFmt\0\0\0\2", 12);
	add_u32(b, big, true);
	record(b, r, 1, 0, big);
	gen_libxc(b, r);
	if (rng_below(r, 2)) {
		record(b, r, 2, (uint32_t)rng_below(r, 200), big);
		record(b, r, 3, (uint32_t)rng_below(r, 5000), big);
	}
	if (!rng_below(r, 3))
		decoy(b, r, 0x80000007, big);
	record(b, r, 0, 0, big);
}

void gen_image(struct bytes *b, struct rng *r)
{
	bytes_add(b, "xenstore\0\0\0\1\0\0\0", 16);
	bytes_random(b, r, rng_below(r, 2) * rng_below(r, 9000));
}
