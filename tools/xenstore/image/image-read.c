/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image-read: bytes to records, see image.h.
 *
 * Walks the table of record.c and knows no layout of its own but the framing.
 * Every byte may have been written by an enemy: a length is used after it was
 * checked against what is there, and nothing here aborts.  What a record
 * means is the business of lu/ and of the tools for images, its callers.
 */
#include "image/image.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "base/bytes.h"
#include "image/table.h"

#define round8(n) (((uint64_t)(n) + 7) & ~(uint64_t)7)

int image_reader_init(struct image_reader *r, void *ctx, const void *data,
		      size_t len, struct err *err)
{
	const void *id;
	uint32_t version, flags;

	memset(r, 0, sizeof(*r));
	r->ctx = ctx;
	rbuf_init(&r->buf, data, len);
	r->buf.big_endian = true;
	id = rbuf_bytes(&r->buf, 8);
	version = rbuf_u32(&r->buf);
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
	if (version != IMAGE_VERSION)
		return err_set(err, EINVAL,
			       "preamble: field version at byte 8: found "
			       "%" PRIu32 ", allowed %u",
			       version, IMAGE_VERSION);
	if (flags & ~IMAGE_FLAG_BIG)
		return err_set(err, EINVAL,
			       "preamble: field flags at byte 12: found "
			       "0x%" PRIx32 ", allowed bits 0x%x",
			       flags, IMAGE_FLAG_BIG);
	r->buf.big_endian = flags & IMAGE_FLAG_BIG;
	return 0;
}

void image_reader_fini(struct image_reader *r)
{
	talloc_free(r->perms);
	talloc_free(r->gens);
	memset(r, 0, sizeof(*r));
}

/* What the walk over one record's body needs. */
struct walk {
	struct image_reader *r;
	struct record *rec;
	uint8_t *st;	     /* the record's struct */
	const uint8_t *body; /* rec->len bytes */
	uint32_t pos;	     /* in the body: where variable parts are read */
	struct err *err;
};

/*
 * Refuses record rec for the reason given, which is about its byte `at` (from
 * its head on) and, unless NULL, a field.  Returns EINVAL.
 */
static int __attribute__((cold, format(printf, 5, 6)))
refuse(const struct record *rec, const char *field, uint64_t at,
       struct err *err, const char *fmt, ...)
{
	const struct record_desc *d = record_find(rec->type, REC_DIALECT_SPEC);
	char why[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return err_set(err, EINVAL,
		       "record %" PRIu64 " (%s, type 0x%" PRIx32 "): %s%s%sat "
		       "byte %" PRIu64 ": %s",
		       rec->index, d ? d->name : "unknown", rec->type,
		       field ? "field " : "", field ? field : "",
		       field ? " " : "", rec->offset + at, why);
}

static int __attribute__((cold))
refuse_value(const struct walk *w, const struct field *f, int64_t found,
	     int64_t min, int64_t max, const char *why)
{
	return refuse(w->rec, f->name, IMAGE_HEAD_SIZE + f->offset, w->err,
		      "found %" PRId64 ", allowed %" PRId64 " to %" PRId64
		      "%s%s",
		      found, min, max, why ? ": " : "", why ? why : "");
}

/* Reads a field of the fixed part, all of which is known to be there. */
static int read_fixed(struct walk *w, const struct field *f, bool big)
{
	const uint8_t *from = w->body + f->offset;
	uint8_t *member = w->st + f->member;
	uint32_t v32;
	uint16_t v16;
	int64_t v;

	switch (f->kind) {
	case FIELD_U8:
		v = *member = *from;
		break;
	case FIELD_U16:
		v = v16 = bytes_get_u16(from, big);
		memcpy(member, &v16, sizeof(v16));
		break;
	case FIELD_U32:
	case FIELD_I32:
		v32 = bytes_get_u32(from, big);
		v = f->kind == FIELD_I32 ? (int64_t)(int32_t)v32 : v32;
		memcpy(member, &v32, sizeof(v32));
		break;
	case FIELD_U64:
		v = (int64_t)bytes_get_u64(from, big);
		memcpy(member, &v, sizeof(v));
		break;
	default:
		return 0;
	}
	if (v < f->min || v > f->max)
		return refuse_value(w, f, v, f->min, f->max, NULL);
	return 0;
}

/* Makes *scratch at least need bytes; the record is known to hold as many. */
static int scratch_fit(void *ctx, void **scratch, size_t *size, uint64_t need)
{
	if (need <= *size)
		return 0;
	talloc_free(*scratch);
	*size = 0;
	*scratch = talloc_size(ctx, need);
	if (!*scratch)
		return ENOMEM;
	*size = need;
	return 0;
}

static int read_perms(struct walk *w, const struct field *f,
		      const uint8_t *from, uint64_t count, bool big,
		      const void **ret_p)
{
	struct image_reader *r = w->r;
	struct rec_perm *perm;
	void *scratch = r->perms;
	uint64_t i;
	int rc;

	rc = scratch_fit(r->ctx, &scratch, &r->perms_size,
			 count * sizeof(*perm));
	r->perms = perm = scratch;
	if (rc)
		return err_set(w->err, rc, "out of memory for permissions");
	for (i = 0; i < count; i++, from += 4) {
		uint8_t c = from[0];

		if (c != 'n' && c != 'r' && c != 'b' && c != 'w')
			return refuse(w->rec, f->name,
				      IMAGE_HEAD_SIZE + w->pos + i * 4, w->err,
				      "found 0x%02x, allowed w r b n", c);
		perm[i].perm = c;
		perm[i].flags = 0;
		perm[i].domid = bytes_get_u16(from + 2, big);
	}
	*ret_p = perm;
	return 0;
}

static int read_generations(struct walk *w, const uint8_t *from, uint64_t count,
			    bool big, const void **ret_p)
{
	struct image_reader *r = w->r;
	struct rec_generation *gen;
	void *scratch = r->gens;
	uint64_t i;
	int rc;

	rc = scratch_fit(r->ctx, &scratch, &r->gens_size, count * sizeof(*gen));
	r->gens = gen = scratch;
	if (rc)
		return err_set(w->err, rc, "out of memory for generations");
	for (i = 0; i < count; i++, from += 16) {
		gen[i].value = bytes_get_u64(from, big);
		gen[i].children = bytes_get_u64(from + 8, big);
	}
	*ret_p = gen;
	return 0;
}

static int check_names(struct walk *w, const struct field *f, const uint8_t *p,
		       uint64_t len)
{
	uint64_t i;

	if (len && p[len - 1])
		return refuse(w->rec, f->name,
			      IMAGE_HEAD_SIZE + w->pos + len - 1, w->err,
			      "found 0x%02x, allowed NUL at the end",
			      p[len - 1]);
	for (i = 0; i < len; i++) {
		if (!p[i] && (!i || !p[i - 1]))
			return refuse(w->rec, f->name,
				      IMAGE_HEAD_SIZE + w->pos + i, w->err,
				      "found an empty name");
	}
	return 0;
}

/* A string's bytes: one NUL at its end, a path's first byte. */
static int check_string(struct walk *w, const struct field *f, const uint8_t *p,
			uint64_t len)
{
	const uint8_t *nul = len ? memchr(p, 0, len) : NULL;
	uint64_t at = IMAGE_HEAD_SIZE + w->pos;
	char first = f->kind == FIELD_PATH ? '/' : '@';

	if (!nul)
		return refuse(w->rec, f->name, at + (len ? len - 1 : 0), w->err,
			      "found no NUL in %" PRIu64
			      " bytes, allowed one at the end",
			      len);
	if (nul != p + len - 1)
		return refuse(w->rec, f->name, at + (uint64_t)(nul - p), w->err,
			      "found a NUL as byte %td of %" PRIu64
			      ", allowed one at the end",
			      nul - p, len);
	if (f->kind != FIELD_STRING && *p != first)
		return refuse(w->rec, f->name, at, w->err,
			      "found first byte 0x%02x, allowed '%c'", *p,
			      first);
	return 0;
}

/* Reads the next variable part, which must fit what is left of the body. */
static int read_variable(struct walk *w, const struct field *f, bool big)
{
	uint64_t count = field_count(w->st, f);
	uint64_t len = count * f->size;
	uint32_t left = w->rec->len - w->pos;
	const uint8_t *from = w->body + w->pos;
	const void *p = from;
	int rc = 0;

	if (len > left)
		return refuse(w->rec, f->name, IMAGE_HEAD_SIZE + w->pos, w->err,
			      "found a length of %" PRIu64
			      " bytes, allowed %" PRIu32
			      ", the rest of the record",
			      len, left);
	switch (f->kind) {
	case FIELD_BYTES:
		break;
	case FIELD_PERMS:
		rc = read_perms(w, f, from, count, big, &p);
		break;
	case FIELD_GENS:
		rc = read_generations(w, from, count, big, &p);
		break;
	case FIELD_NAMES:
		rc = check_names(w, f, from, len);
		break;
	default:
		rc = check_string(w, f, from, len);
	}
	if (rc)
		return rc;
	memcpy(w->st + f->member, &p, sizeof(p));
	w->pos += (uint32_t)len;
	return 0;
}

static int check_rules(const struct walk *w, const struct record_desc *d)
{
	const struct field *f = d->fields;
	const struct field_rule *rule;
	unsigned int i;
	int64_t v;

	for (i = 0; i < d->nrules; i++) {
		rule = &d->rules[i];
		if (!field_cond_holds(w->st, &rule->when))
			continue;
		v = (int64_t)field_member(w->st, rule->member, rule->size);
		if (v >= rule->min && v <= rule->max)
			continue;
		while (f->member != rule->member)
			f++;
		return refuse_value(w, f, v, rule->min, rule->max,
				    rule->meaning);
	}
	return 0;
}

static int read_body(struct walk *w, const struct record_desc *d)
{
	const struct field *f = d->fields, *var = f + d->nfixed;
	const struct field *end = d->fields + d->nfields;
	bool big = w->r->buf.big_endian;
	int rc;

	if (w->rec->len < d->fixed)
		return refuse(w->rec, "len", 4, w->err,
			      "found %" PRIu32 ", allowed %u or more",
			      w->rec->len, d->fixed);
	for (; f < var; f++) {
		if (!field_cond_holds(w->st, &f->when))
			continue;
		rc = read_fixed(w, f, big);
		if (rc)
			return rc;
	}
	rc = check_rules(w, d);
	if (rc)
		return rc;
	for (w->pos = d->fixed; f < end; f++) {
		rc = read_variable(w, f, big);
		if (rc)
			return rc;
	}
	if (w->pos != w->rec->len)
		return refuse(w->rec, "len", 4, w->err,
			      "found %" PRIu32 ", allowed %" PRIu32
			      ", the length of its fields",
			      w->rec->len, w->pos);
	return 0;
}

/* Reads head and body at the reader's place. */
static int read_record(struct image_reader *r, struct record *rec,
		       struct err *err)
{
	size_t left = rbuf_left(&r->buf);
	struct walk w = {.r = r, .rec = rec, .err = err};

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
	rec->desc = record_find(rec->type, REC_DIALECT_SPEC);
	if (!rec->desc && !(rec->type & REC_OPTIONAL))
		return refuse(rec, "type", 0, err,
			      "not known here, and it is not one that may be "
			      "skipped");
	left -= IMAGE_HEAD_SIZE;
	if (round8(rec->len) > left)
		return refuse(rec, "len", 4, err,
			      "found %" PRIu32 " (%" PRIu64
			      " with padding), %zu bytes are left",
			      rec->len, round8(rec->len), left);
	w.body = rec->body = rbuf_bytes(&r->buf, rec->len);
	rbuf_skip(&r->buf, (size_t)(round8(rec->len) - rec->len));
	w.st = (uint8_t *)rec + RECORD_MEMBERS;
	return rec->desc ? read_body(&w, rec->desc) : 0;
}

int image_read(struct image_reader *r, struct record *ret_rec, struct err *err)
{
	size_t start = r->buf.pos;
	int rc;

	if (r->ended)
		return ENOENT;
	memset(ret_rec, 0, sizeof(*ret_rec));
	ret_rec->index = r->records;
	ret_rec->offset = start;
	rc = read_record(r, ret_rec, err);
	if (!rc && ret_rec->type == REC_END && rbuf_left(&r->buf))
		rc = refuse(ret_rec, NULL, IMAGE_HEAD_SIZE, err,
			    "%zu bytes behind END", rbuf_left(&r->buf));
	if (rc) {
		r->buf.pos = start;
		return rc;
	}
	r->records++;
	r->ended = ret_rec->type == REC_END;
	return r->ended ? ENOENT : 0;
}
