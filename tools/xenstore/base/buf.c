/* SPDX-License-Identifier: GPL-2.0-or-later */
/* buf: see buf.h.  Knows nothing of what the bytes mean. */
#include "base/buf.h"

#include <endian.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

void wbuf_init(struct wbuf *b, void *ctx)
{
	memset(b, 0, sizeof(*b));
	b->ctx = ctx;
}

void wbuf_init_fixed(struct wbuf *b, void *data, size_t size)
{
	memset(b, 0, sizeof(*b));
	b->data = data;
	b->size = size;
}

void wbuf_fini(struct wbuf *b)
{
	if (b->large)
		talloc_free(b->large);
	else if (b->ctx)
		talloc_free(b->data);
	memset(b, 0, sizeof(*b));
}

/*
 * talloc refuses 256 MB and more, so large data comes from malloc and has an
 * owner in talloc.
 */
#define LARGE (128ul << 20)

struct wbuf_large {
	uint8_t *data;
};

static int large_free(struct wbuf_large *large)
{
	free(large->data);
	return 0;
}

static uint8_t *large_realloc(struct wbuf *b, size_t size)
{
	struct wbuf_large *large = b->large;
	uint8_t *data;

	if (large) {
		data = realloc(large->data, size);
		if (data)
			large->data = data;
		return data;
	}
	large = talloc(b->ctx, struct wbuf_large);
	if (!large)
		return NULL;
	large->data = malloc(size);
	if (!large->data) {
		talloc_free(large);
		return NULL;
	}
	talloc_set_destructor(large, large_free);
	if (b->len)
		memcpy(large->data, b->data, b->len);
	talloc_free(b->data);
	b->large = large;
	return large->data;
}

static bool wbuf_grow(struct wbuf *b, size_t need)
{
	size_t size = b->size ? b->size : 128;
	uint8_t *data;

	if (b->failed || !b->ctx || need > SIZE_MAX / 2)
		return false;
	do
		size *= 2;
	while (size < need);
	if (size > LARGE)
		data = large_realloc(b, size);
	else
		data = talloc_realloc_size(b->ctx, b->data, size);
	if (!data)
		return false;
	b->data = data;
	b->size = size;
	return true;
}

void *wbuf_space(struct wbuf *b, size_t len)
{
	void *p;

	if (b->failed)
		return NULL;
	if (len > b->size - b->len &&
	    (len > SIZE_MAX - b->len || !wbuf_grow(b, b->len + len))) {
		b->failed = true;
		return NULL;
	}
	p = b->data + b->len;
	b->len += len;
	return p;
}

void wbuf_bytes(struct wbuf *b, const void *src, size_t len)
{
	void *p = wbuf_space(b, len);

	if (p && len)
		memcpy(p, src, len);
}

void wbuf_zero(struct wbuf *b, size_t len)
{
	void *p = wbuf_space(b, len);

	if (p && len)
		memset(p, 0, len);
}

void wbuf_align(struct wbuf *b, size_t align)
{
	wbuf_zero(b, (align - b->len % align) % align);
}

void wbuf_u8(struct wbuf *b, uint8_t v)
{
	wbuf_bytes(b, &v, 1);
}

void wbuf_u16(struct wbuf *b, uint16_t v)
{
	v = b->big_endian ? htobe16(v) : htole16(v);
	wbuf_bytes(b, &v, sizeof(v));
}

void wbuf_u32(struct wbuf *b, uint32_t v)
{
	v = b->big_endian ? htobe32(v) : htole32(v);
	wbuf_bytes(b, &v, sizeof(v));
}

void wbuf_u64(struct wbuf *b, uint64_t v)
{
	v = b->big_endian ? htobe64(v) : htole64(v);
	wbuf_bytes(b, &v, sizeof(v));
}

void wbuf_patch_u32(struct wbuf *b, size_t pos, uint32_t v)
{
	if (b->failed || pos + sizeof(v) > b->len)
		return;
	v = b->big_endian ? htobe32(v) : htole32(v);
	memcpy(b->data + pos, &v, sizeof(v));
}

void wbuf_printf(struct wbuf *b, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if ((size_t)n < sizeof(text)) {
		wbuf_bytes(b, text, (size_t)n);
		return;
	}
	{
		char *p = wbuf_space(b, (size_t)n + 1);

		if (!p)
			return;
		va_start(ap, fmt);
		vsnprintf(p, (size_t)n + 1, fmt, ap);
		va_end(ap);
		b->len--;
	}
}
