/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image-read-body: decodes a record's body by its row.  Called by image-read.c
 * with all len bytes of the body in memory.  Every length is checked against
 * the rest of the body before it is used.
 */
#include "image/image-internal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <talloc.h>

#include "base/bytes.h"

/* ---- the fixed part ---- */

__attribute__((cold)) static int refuse_value(const struct walk *w,
					      const struct field *f,
					      int64_t found, int64_t min,
					      int64_t max, const char *why)
{
	return image_refuse(w, f->name, IMAGE_HEAD_SIZE + f->offset,
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

/* ---- variable parts ---- */

/* Makes m at least need bytes, no more than the record is known to hold. */
static void *memory_fit(struct walk *w, struct image_memory *m, uint64_t need)
{
	if (need <= m->size)
		return m->p ? m->p : m;
	talloc_free(m->p);
	m->p = talloc_size(w->r->ctx, need);
	m->size = m->p ? need : 0;
	if (!m->p)
		err_set(w->err, ENOMEM, "out of memory for a record");
	return m->p;
}

void *image_scratch(struct walk *w, uint64_t size)
{
	return memory_fit(w, &w->r->other, size);
}

static int read_perms(struct walk *w, const struct field *f,
		      const uint8_t *from, uint64_t count, bool big,
		      const void **ret_p)
{
	struct rec_perm *perm =
		memory_fit(w, &w->r->perms, count * sizeof(*perm));
	uint64_t i;

	if (!perm)
		return ENOMEM;
	for (i = 0; i < count; i++, from += 4) {
		uint8_t c = from[0];

		if (c != 'n' && c != 'r' && c != 'b' && c != 'w')
			return image_refuse(w, f->name,
					    IMAGE_HEAD_SIZE + w->pos + i * 4,
					    "found 0x%02x, allowed w r b n", c);
		perm[i].perm = c;
		perm[i].flags = from[1] & w->r->format->perm_flags;
		perm[i].domid = bytes_get_u16(from + 2, big);
	}
	*ret_p = perm;
	return 0;
}

static int read_generations(struct walk *w, const uint8_t *from, uint64_t count,
			    bool big, const void **ret_p)
{
	struct rec_generation *gen =
		memory_fit(w, &w->r->gens, count * sizeof(*gen));
	uint64_t i;

	if (!gen)
		return ENOMEM;
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
		return image_refuse(
			w, f->name, IMAGE_HEAD_SIZE + w->pos + len - 1,
			"found 0x%02x, allowed NUL at the end", p[len - 1]);
	for (i = 0; i < len; i++) {
		if (!p[i] && (!i || !p[i - 1]))
			return image_refuse(w, f->name,
					    IMAGE_HEAD_SIZE + w->pos + i,
					    "found an empty name");
	}
	return 0;
}

/* One NUL, at the end; a path's first byte. */
static int check_string(struct walk *w, const struct field *f, const uint8_t *p,
			uint64_t len)
{
	const uint8_t *nul = len ? memchr(p, 0, len) : NULL;
	uint64_t at = IMAGE_HEAD_SIZE + w->pos;
	char first = f->kind == FIELD_PATH ? '/' : '@';

	if (!nul)
		return image_refuse(w, f->name, at + (len ? len - 1 : 0),
				    "found no NUL in %" PRIu64
				    " bytes, allowed one at the end",
				    len);
	if (nul != p + len - 1)
		return image_refuse(w, f->name, at + (uint64_t)(nul - p),
				    "found a NUL as byte %td of %" PRIu64
				    ", allowed one at the end",
				    nul - p, len);
	if (f->kind != FIELD_STRING && *p != first &&
	    !(f->kind == FIELD_PATH && *p == '@' &&
	      w->r->format->special_paths))
		return image_refuse(w, f->name, at,
				    "found first byte 0x%02x, allowed '%c'", *p,
				    first);
	return 0;
}

/* Reads the next variable part, which must fit what is left of the body. */
static int read_variable(struct walk *w, const struct field *f)
{
	bool big = w->r->buf.big_endian;
	uint64_t count = field_count(w->st, f);
	uint64_t len = count * f->size;
	uint32_t left = w->rec->len - w->pos;
	const uint8_t *from = w->body + w->pos;
	const void *p = from;
	int rc = 0;

	if (f->ops && f->ops->is_number)
		return f->ops->read(w, f);
	if (len > left)
		return image_refuse(w, f->name, IMAGE_HEAD_SIZE + w->pos,
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
	case FIELD_OTHER:
		return f->ops->read(w, f);
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

/* ---- the whole ---- */

/* After its fields a record has nothing, or padding in some formats. */
static bool len_fits(const struct walk *w)
{
	if (w->r->format->padded)
		return round8(w->pos) == round8(w->rec->len);
	return w->pos == w->rec->len;
}

int image_read_body(struct walk *w, const struct record_desc *d)
{
	const struct field *f = d->fields, *var = f + d->nfixed;
	const struct field *end = d->fields + d->nfields;
	bool big = w->r->buf.big_endian;
	int rc;

	if (w->rec->len < d->fixed)
		return image_refuse(w, "len", 4,
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
		if (!field_cond_holds(w->st, &f->when))
			continue;
		rc = read_variable(w, f);
		if (rc)
			return rc;
	}
	if (!len_fits(w))
		return image_refuse(w, "len", 4,
				    "found %" PRIu32 ", allowed %" PRIu32
				    ", the length of its fields",
				    w->rec->len, w->pos);
	return 0;
}
