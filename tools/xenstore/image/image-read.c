/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image-read: bytes to records, see image.h.
 *
 * Knows the framing; image-read-body.c decodes the bodies.  The bytes are not
 * trusted: every length is checked against what is there before it is used,
 * and nothing here aborts.  What a record means is known to the callers:
 * state/, migrate/, stock/ and xs-image.
 */
#include "image/image-internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "base/bytes.h"

/* A stream is read in pieces of at least this. */
#define PIECE 65536u

int image_want(struct image_reader *r, uint64_t need, struct err *err)
{
	struct wbuf *win = &r->window;
	size_t have = rbuf_left(&r->buf), got;
	void *to;
	int rc;

	if (r->source_ended || need <= have)
		return 0;
	/* the current record stays complete */
	if (r->keep) {
		have += r->buf.pos - r->keep;
		memmove(win->data, win->data + r->keep, have);
		r->before += r->keep;
		r->buf.pos -= r->keep;
		r->keep = 0;
	} else {
		have += r->buf.pos;
	}
	need += r->buf.pos;
	win->len = have;
	while (win->len < need && !r->source_ended) {
		/* at most double it at a time: len may be wrong */
		size_t more = win->len > PIECE ? win->len : PIECE;

		to = wbuf_space(win, more);
		if (!to)
			return err_set(err, ENOMEM, "out of memory");
		win->len -= more;
		rc = r->source(r->source_arg, to, more, &got, err);
		if (rc)
			return rc;
		win->len += got;
		r->source_ended = !got;
	}
	r->buf.base = win->data;
	r->buf.len = win->len;
	return 0;
}

static int read_preamble(struct image_reader *r, struct err *err)
{
	size_t len = rbuf_left(&r->buf);
	const void *id;
	uint32_t flags;

	r->buf.big_endian = true;
	id = rbuf_bytes(&r->buf, 8);
	r->version = rbuf_u32(&r->buf);
	flags = rbuf_u32(&r->buf);
	if (id && memcmp(id, IMAGE_IDENT, 8))
		return err_set(err, EINVAL,
			       "preamble: field ident at byte 0: not a "
			       "xenstore image");
	if (r->buf.failed)
		return err_set(err, EINVAL,
			       "preamble at byte 0: %zu bytes where %u are "
			       "needed",
			       len, IMAGE_PREAMBLE_SIZE);
	if (r->version != r->format->version)
		return err_set(err, EINVAL,
			       "preamble: field version at byte 8: found "
			       "%" PRIu32 ", allowed %" PRIu32,
			       r->version, r->format->version);
	if (flags & ~IMAGE_FLAG_BIG)
		return err_set(err, EINVAL,
			       "preamble: field flags at byte 12: found "
			       "0x%" PRIx32 ", allowed bits 0x%x",
			       flags, IMAGE_FLAG_BIG);
	r->buf.big_endian = flags & IMAGE_FLAG_BIG;
	return 0;
}

int image_reader_init_as(struct image_reader *r, void *ctx, const void *data,
			 size_t len, const struct image_format *format,
			 struct err *err)
{
	memset(r, 0, sizeof(*r));
	r->ctx = ctx;
	r->format = format;
	if (format == &image_format_native)
		r->node_desc = record_find(REC_NODE_DATA);
	rbuf_init(&r->buf, data, len);
	return read_preamble(r, err);
}

int image_reader_init(struct image_reader *r, void *ctx, const void *data,
		      size_t len, struct err *err)
{
	return image_reader_init_as(r, ctx, data, len, &image_format_native,
				    err);
}

int image_reader_init_stream(struct image_reader *r, void *ctx,
			     image_source source, void *arg,
			     const struct image_format *format, struct err *err)
{
	int rc;

	memset(r, 0, sizeof(*r));
	r->ctx = ctx;
	r->format = format;
	r->source = source;
	r->source_arg = arg;
	wbuf_init(&r->window, ctx);
	rbuf_init(&r->buf, "", 0);
	rc = image_want(r, IMAGE_PREAMBLE_SIZE, err);
	return rc ? rc : read_preamble(r, err);
}

void image_reader_fini(struct image_reader *r)
{
	talloc_free(r->perms.p);
	talloc_free(r->gens.p);
	talloc_free(r->other.p);
	if (r->source)
		wbuf_fini(&r->window);
	memset(r, 0, sizeof(*r));
}

int image_refuse(const struct walk *w, const char *field, uint64_t at,
		 const char *fmt, ...)
{
	const struct record *rec = w->rec;
	char why[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return err_set(w->err, EINVAL,
		       "record %" PRIu64 " (%s, type 0x%" PRIx32 "): %s%s%sat "
		       "byte %" PRIu64 ": %s",
		       rec->index, rec->desc ? rec->desc->name : "unknown",
		       rec->type, field ? "field " : "", field ? field : "",
		       field ? " " : "", rec->offset + at, why);
}

/* Reads a body, all of which is in memory at the reader's place. */
static int read_content(struct walk *w)
{
	struct image_reader *r = w->r;
	struct record *rec = w->rec;
	size_t start = r->buf.pos;
	uint64_t end = 0;
	int rc = 0;

	w->st = (uint8_t *)rec + RECORD_MEMBERS;
	w->body = rec->body = rbuf_bytes(&r->buf, rec->len);
	rbuf_skip(&r->buf, (size_t)(round8(rec->len) - rec->len));
	if (!rec->desc)
		return 0;
	if (r->format->read_odd)
		rc = r->format->read_odd(w, &end);
	if (end)
		r->buf.pos = start + (size_t)end;
	return rc || end ? rc : image_read_body(w, rec->desc);
}

/* Reads head and body at the reader's place. */
static int read_record(struct image_reader *r, struct record *rec,
		       struct err *err)
{
	size_t left = rbuf_left(&r->buf);
	struct walk w = {.r = r, .rec = rec, .err = err};
	int rc;

	if (!left)
		return err_set(err, EINVAL,
			       "record %" PRIu64 " at byte %" PRIu64
			       ": the image ends without END",
			       rec->index, rec->offset);
	if (left < IMAGE_HEAD_SIZE)
		return err_set(err, EINVAL,
			       "record %" PRIu64 " at byte %" PRIu64
			       ": %zu bytes are left, a record's head has %u",
			       rec->index, rec->offset, left, IMAGE_HEAD_SIZE);
	rec->type = rbuf_u32(&r->buf);
	rec->len = rbuf_u32(&r->buf);
	rec->desc = r->format->find(rec->type);
	if (!rec->desc && !(rec->type & REC_OPTIONAL))
		return image_refuse(&w, "type", 0, "unknown, and not optional");
	/* and the next head: read_odd may look at it */
	if (r->source) {
		rc = image_want(r, round8(rec->len) + IMAGE_HEAD_SIZE, err);
		if (rc)
			return rc;
	}
	left = rbuf_left(&r->buf);
	if (round8(rec->len) > left)
		return image_refuse(&w, "len", 4,
				    "found %" PRIu32 " (%" PRIu64
				    " with padding), %zu bytes are left",
				    rec->len, round8(rec->len), left);
	return read_content(&w);
}

/* Nothing follows END. */
static int check_end(struct image_reader *r, struct record *rec,
		     struct err *err)
{
	struct walk w = {.r = r, .rec = rec, .err = err};
	int rc = r->source ? image_want(r, 1, err) : 0;

	if (rc || !rbuf_left(&r->buf))
		return rc;
	return image_refuse(&w, NULL, IMAGE_HEAD_SIZE, "%zu bytes follow END",
			    rbuf_left(&r->buf));
}

bool image_read(struct image_reader *r, struct record *ret_rec, int *ret_rc,
		struct err *err)
{
	uint64_t start;
	int rc;

	*ret_rc = 0;
	if (r->ended)
		return false;
	if (r->node_desc && image_read_node(r, ret_rec))
		return true;
	r->keep = r->buf.pos;
	*ret_rc = r->source ? image_want(r, IMAGE_HEAD_SIZE, err) : 0;
	if (*ret_rc)
		return false;
	start = r->before + r->buf.pos;
	memset(ret_rec, 0, sizeof(*ret_rec));
	ret_rec->index = r->records;
	ret_rec->offset = start;
	rc = read_record(r, ret_rec, err);
	if (!rc && ret_rec->type == REC_END)
		rc = check_end(r, ret_rec, err);
	if (rc) {
		r->buf.pos = (size_t)(start - r->before);
		*ret_rc = rc;
		return false;
	}
	r->records++;
	r->ended = ret_rec->type == REC_END;
	return !r->ended;
}
