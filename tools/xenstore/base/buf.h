/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * buf: bounded readers and writers of raw bytes.
 *
 * A reader never goes past its end: a read that would do so sets `failed`, and
 * it and every later read give zeroes.  A writer grows by talloc and remembers
 * a failed allocation in the same way, so that a whole record can be written
 * and then checked once.
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
	bool failed; /* no memory or no room: the content is incomplete */
	struct wbuf_large *large; /* owns data that is too large for talloc */
};

/* Reads len bytes at base, which must outlive the reader. */
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

/* The next len bytes, not copied; NULL, and failed, when there are fewer. */
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
 * An empty writer whose bytes belong to talloc context ctx; data itself must
 * not be passed to talloc functions.
 */
void wbuf_init(struct wbuf *b, void *ctx);
/* A writer into size bytes at data, which does not grow. */
void wbuf_init_fixed(struct wbuf *b, void *data, size_t size);
void wbuf_fini(struct wbuf *b);
void wbuf_u8(struct wbuf *b, uint8_t v);
void wbuf_u16(struct wbuf *b, uint16_t v);
void wbuf_u32(struct wbuf *b, uint32_t v);
void wbuf_u64(struct wbuf *b, uint64_t v);
void wbuf_bytes(struct wbuf *b, const void *p, size_t len);
/* Appends len bytes for the caller to fill; NULL, and failed, on ENOMEM. */
void *wbuf_space(struct wbuf *b, size_t len);
void wbuf_zero(struct wbuf *b, size_t len);
/* Appends zeroes until len is a multiple of align. */
void wbuf_align(struct wbuf *b, size_t align);
/* Overwrites the u32 at pos; does nothing where none was written yet. */
void wbuf_patch_u32(struct wbuf *b, size_t pos, uint32_t v);
/* Appends formatted text, without a NUL. */
void wbuf_printf(struct wbuf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
