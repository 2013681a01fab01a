/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gen-stream: random streams as xl save writes them, and random images. The
 * framing follows the Xen project's documents; the records' contents are noise.
 */
#ifndef GEN_STREAM_H
#define GEN_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rng {
	uint64_t s;
};

/* A number below n (0 if n is 0). */
size_t rng_below(struct rng *r, size_t n);

/* A growing buffer; the caller frees p. */
struct bytes {
	uint8_t *p;
	size_t len, size;
};

void bytes_add(struct bytes *b, const void *p, size_t len);
void bytes_random(struct bytes *b, struct rng *r, size_t len);

/*
 * A complete stream, with or without xl's header, like a PV or an HVM guest's.
 */
void gen_stream(struct bytes *b, struct rng *r);
/* Data that begins like an image. */
void gen_image(struct bytes *b, struct rng *r);

#endif
