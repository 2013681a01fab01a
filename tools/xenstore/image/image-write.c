/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image-write: records to bytes, see image.h.
 *
 * Walks the format's rows and knows no layout but the framing.  Not what a
 * record means: that is known to its callers, state/, migrate/, stock/ and
 * xs-image.
 */
#include "image/image-internal.h"

#include <errno.h>
#include <string.h>

#include "base/bytes.h"

void image_writer_init(struct image_writer *w, void *ctx, bool big_endian)
{
	image_writer_init_as(w, ctx, big_endian, &image_format_native);
}

void image_writer_init_as(struct image_writer *w, void *ctx, bool big_endian,
			  const struct image_format *format)
{
	wbuf_init(&w->buf, ctx);
	w->records = 0;
	w->format = format;
	w->buf.big_endian = true; /* the preamble always is */
	wbuf_bytes(&w->buf, IMAGE_IDENT, 8);
	wbuf_u32(&w->buf, format->version);
	wbuf_u32(&w->buf, big_endian ? IMAGE_FLAG_BIG : 0);
	w->buf.big_endian = big_endian;
}

/* A head; `now` of its body's len bytes get their place here. */
static uint8_t *write_head(struct image_writer *w, uint32_t type, uint64_t len,
			   uint64_t now)
{
	bool big = w->buf.big_endian;
	uint8_t *p;

	if (len > UINT32_MAX || w->buf.failed) {
		w->buf.failed = true;
		return NULL;
	}
	p = wbuf_space(&w->buf, IMAGE_HEAD_SIZE + now);
	if (!p)
		return NULL;
	bytes_put_u32(p, type, big);
	bytes_put_u32(p + 4, (uint32_t)len, big);
	w->records++;
	w->pad = (uint8_t)(round8(len) - len);
	return p + IMAGE_HEAD_SIZE;
}

uint8_t *image_write_head(struct image_writer *w, uint32_t type, uint64_t len)
{
	uint64_t padded = round8(len);
	uint8_t *p = write_head(w, type, len, padded);

	if (p && padded)
		memset(p + padded - 8, 0, 8);
	return p;
}

static void write_fixed(const struct field *f, const uint8_t *st, uint8_t *body,
			bool big)
{
	const uint8_t *member = st + f->member;
	uint8_t *to = body + f->offset;

	switch (f->kind) {
	case FIELD_U8:
		*to = *member;
		break;
	case FIELD_U16:
		bytes_put_u16(to, (uint16_t)field_member(member, 0, 2), big);
		break;
	case FIELD_U32:
	case FIELD_I32:
		bytes_put_u32(to, (uint32_t)field_member(member, 0, 4), big);
		break;
	case FIELD_U64:
		bytes_put_u64(to, field_member(member, 0, 8), big);
		break;
	}
}

static void write_perms(const struct image_writer *w,
			const struct rec_perm *perm, uint64_t count,
			uint8_t *to)
{
	for (; count; count--, perm++, to += 4) {
		to[0] = perm->perm;
		to[1] = perm->flags & w->format->perm_flags;
		bytes_put_u16(to + 2, perm->domid, w->buf.big_endian);
	}
}

static void write_generations(const struct rec_generation *gen, uint64_t count,
			      uint8_t *to, bool big)
{
	for (; count; count--, gen++, to += 16) {
		bytes_put_u64(to, gen->value, big);
		bytes_put_u64(to + 8, gen->children, big);
	}
}

/* len as of field_len. */
static void write_variable(const struct image_writer *w, const struct field *f,
			   const uint8_t *st, uint8_t *to, uint64_t len)
{
	bool big = w->buf.big_endian;

	switch (f->kind) {
	case FIELD_PERMS:
		write_perms(w, field_pointer(st, f), field_count(st, f), to);
		break;
	case FIELD_GENS:
		write_generations(field_pointer(st, f), field_count(st, f), to,
				  big);
		break;
	case FIELD_OTHER:
		f->ops->write(st, f, to, len, big);
		break;
	default:
		if (len)
			memcpy(to, field_pointer(st, f), len);
	}
}

/* All but the last `later` bytes; 0: all, with the padding. */
static void write_record(struct image_writer *w, const struct record *rec,
			 uint64_t later)
{
	const struct record_desc *d = w->format->find(rec->type);
	const uint8_t *st = (const uint8_t *)rec + RECORD_MEMBERS;
	const struct field *f, *var, *end;
	bool big = w->buf.big_endian;
	uint8_t *body;
	uint64_t len;

	if (!d) {
		w->buf.failed = true;
		return;
	}
	if (rec->type == REC_NODE_DATA && w->format == &image_format_native) {
		image_write_node(w, &rec->node);
		return;
	}
	var = d->fields + d->nfixed;
	end = d->fields + d->nfields;
	len = d->fixed;
	for (f = var; f < end; f++) {
		if (field_cond_holds(st, &f->when))
			len += field_len(st, f, len);
	}
	if (w->format->padded)
		len = round8(len);
	body = later ? write_head(w, rec->type, len, len - later)
		     : image_write_head(w, rec->type, len);
	if (!body || !len)
		return;
	memset(body, 0, d->fixed);
	for (f = d->fields; f < var; f++) {
		if (field_cond_holds(st, &f->when))
			write_fixed(f, st, body, big);
	}
	for (len = d->fixed; f < end; f++) {
		uint64_t n;

		if (!field_cond_holds(st, &f->when))
			continue;
		n = field_len(st, f, len);
		if (!later || f + 1 < end)
			write_variable(w, f, st, body + len, n);
		len += n;
	}
}

void image_write(struct image_writer *w, const struct record *rec)
{
	write_record(w, rec, 0);
}

void image_write_begin(struct image_writer *w, const struct record *rec,
		       uint32_t later)
{
	write_record(w, rec, later);
}

void image_write_end(struct image_writer *w)
{
	wbuf_zero(&w->buf, w->pad);
}

void image_write_raw(struct image_writer *w, uint32_t type, const void *body,
		     uint32_t len)
{
	uint8_t *p = image_write_head(w, type, len);

	if (p && len)
		memcpy(p, body, len);
}

int image_writer_finish(struct image_writer *w)
{
	image_write_raw(w, REC_END, NULL, 0);
	return w->buf.failed ? ENOMEM : 0;
}
