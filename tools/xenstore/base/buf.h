/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * buf: bounded cursors over raw bytes, the only way to touch them.
 *
 * A reader never runs past its end: the first read that would is refused,
 * `failed` is set and every later read gives zeroes.  A writer grows by
 * talloc and remembers a failed allocation the same way, so that a whole
 * record can be written and checked once.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

struct rbuf {
	const uint8_t *base;
	size_t len;
	size_t pos;
	bool big_endian; /* byte order of the integers read */
	bool failed;	 /* a read went past the end */
};

struct wbuf {
	void *ctx;     /* talloc parent of data; NULL: a fixed buffer */
	uint8_t *data; /* the bytes written so far */
	size_t len;    /* how many */
	size_t size;   /* how many fit before it grows */
	bool big_endian;
	bool failed; /* an allocation failed: the contents are not whole */
	struct wbuf_large *large; /* owns data, too much of it for talloc */
};

/* A reader over len bytes at base, which must outlive it. */
static inline void rbuf_init(struct rbuf *b, const void *base, size_t len)
{
	b->base = base;
	b->len = len;
	b->pos = 0;
	b->big_endian = false;
	b->failed = false;
}

static inline size_t rbuf_left(const struct rbuf *b)
{
	return b->len - b->pos;
}

/* The next len bytes in place, or NULL (and failed) when there are fewer. */
static inline const void *rbuf_bytes(struct rbuf *b, size_t len)
{
	const uint8_t *p = b->base + b->pos;

	if (b->failed || len > b->len - b->pos) {
		b->failed = true;
		return NULL;
	}
	b->pos += len;
	return p;
}

static inline void rbuf_skip(struct rbuf *b, size_t len)
{
	(void)rbuf_bytes(b, len);
}

static inline uint8_t rbuf_u8(struct rbuf *b)
{
	const uint8_t *p = rbuf_bytes(b, sizeof(*p));

	return p ? *p : 0;
}

static inline uint16_t rbuf_u16(struct rbuf *b)
{
	const void *p = rbuf_bytes(b, sizeof(uint16_t));

	return p ? bytes_get_u16(p, b->big_endian) : 0;
}

static inline uint32_t rbuf_u32(struct rbuf *b)
{
	const void *p = rbuf_bytes(b, sizeof(uint32_t));

	return p ? bytes_get_u32(p, b->big_endian) : 0;
}

static inline uint64_t rbuf_u64(struct rbuf *b)
{
	const void *p = rbuf_bytes(b, sizeof(uint64_t));

	return p ? bytes_get_u64(p, b->big_endian) : 0;
}

/*
 * An empty writer whose bytes belong to talloc context ctx; the data pointer
 * itself may not be given to talloc.
 */
void wbuf_init(struct wbuf *b, void *ctx);
/* A writer into size bytes at data; never grows, fails when they are used. */
void wbuf_init_fixed(struct wbuf *b, void *data, size_t size);
void wbuf_fini(struct wbuf *b);
void wbuf_u8(struct wbuf *b, uint8_t v);
void wbuf_u16(struct wbuf *b, uint16_t v);
void wbuf_u32(struct wbuf *b, uint32_t v);
void wbuf_u64(struct wbuf *b, uint64_t v);
void wbuf_bytes(struct wbuf *b, const void *p, size_t len);
/* Room for len bytes at the end, to be filled by the caller; NULL on ENOMEM. */
void *wbuf_space(struct wbuf *b, size_t len);
void wbuf_zero(struct wbuf *b, size_t len);
/* Zero bytes up to the next multiple of align (a power of two) of len. */
void wbuf_align(struct wbuf *b, size_t align);
/* Overwrites the u32 at pos, which must have been written before. */
void wbuf_patch_u32(struct wbuf *b, size_t pos, uint32_t v);
/* Formatted text without a NUL at its end. */
void wbuf_printf(struct wbuf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
