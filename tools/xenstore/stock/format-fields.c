/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * format-fields: variable parts of kinds that only the stock formats have:
 * lists of u32, lists of strings by their number, and a u64 at the next
 * multiple of 8.  Called through the rows of format-rows.c.
 */
#include "stock/format.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/bytes.h"
#include "image/image.h"
#include "image/text.h"

static uint64_t count_all(const void *st)
{
	const struct stock_global_quota *q = st;

	return q->n_dom + (uint64_t)q->n_glob;
}

static uint64_t count_of_domain(const void *st)
{
	const struct stock_domain *d = st;

	return d->n_quota;
}

static uint64_t count_one(const void *st)
{
	(void)st;
	return 1;
}

/* Sets the member to p and skips the part's len bytes. */
static void set(struct walk *w, const struct field *f, const void *p,
		uint64_t len)
{
	memcpy(w->st + f->member, &p, sizeof(p));
	w->pos += (uint32_t)len;
}

/* ---- values of 32 bits ---- */

static uint64_t values_len(const void *st, const struct field *f, uint64_t at)
{
	(void)at;
	return f->ops->count(st) * sizeof(uint32_t);
}

static void write_values(const void *st, const struct field *f, uint8_t *to,
			 uint64_t len, bool big)
{
	const uint32_t *values = field_pointer(st, f);
	uint64_t i;

	for (i = 0; i < len / sizeof(*values); i++)
		bytes_put_u32(to + i * sizeof(*values), values[i], big);
}

static int read_values(struct walk *w, const struct field *f)
{
	uint64_t i, len = values_len(w->st, f, w->pos);
	const uint8_t *from = w->body + w->pos;
	uint32_t *values;

	values = image_scratch(w, len);
	if (!values)
		return ENOMEM;
	for (i = 0; i < len / sizeof(*values); i++)
		values[i] = bytes_get_u32(from + i * sizeof(*values),
					  w->r->buf.big_endian);
	set(w, f, values, len);
	return 0;
}

static void text_values(struct wbuf *out, bool json, const void *st,
			const struct field *f)
{
	uint64_t i, n = f->ops->count(st);
	const uint32_t *values = field_pointer(st, f);

	if (json)
		wbuf_u8(out, '[');
	for (i = 0; i < n; i++)
		wbuf_printf(out, "%s%" PRIu32, i ? "," : "", values[i]);
	if (json)
		wbuf_u8(out, ']');
}

/* ---- strings, by their number ---- */

static uint64_t names_len(const void *st, const struct field *f, uint64_t at)
{
	const char *from = field_pointer(st, f), *p = from;
	uint64_t n = f->ops->count(st);

	(void)at;
	for (; n; n--)
		p += strlen(p) + 1;
	return (uint64_t)(p - from);
}

static void write_names(const void *st, const struct field *f, uint8_t *to,
			uint64_t len, bool big)
{
	(void)big;
	if (len)
		memcpy(to, field_pointer(st, f), len);
}

static int read_names(struct walk *w, const struct field *f)
{
	uint32_t left = w->rec->len - w->pos, at = 0;
	const uint8_t *from = w->body + w->pos, *nul;
	uint64_t n = f->ops->count(w->st);

	for (; n; n--) {
		nul = at < left ? memchr(from + at, 0, left - at) : NULL;
		if (!nul || nul == from + at)
			return image_refuse(w, f->name,
					    IMAGE_HEAD_SIZE + w->pos + at,
					    "found %s, allowed a name with its "
					    "NUL",
					    nul ? "an empty name" : "no NUL");
		at = (uint32_t)(nul - from) + 1;
	}
	set(w, f, from, at);
	return 0;
}

static void text_all_names(struct wbuf *out, bool json, const void *st,
			   const struct field *f)
{
	text_names(out, json, field_pointer(st, f), names_len(st, f, 0));
}

/* ---- one number at the next multiple of 8 ---- */

static uint64_t tail_len(const void *st, const struct field *f, uint64_t at)
{
	(void)st;
	return round8(at) - at + f->size;
}

static void write_tail(const void *st, const struct field *f, uint8_t *to,
		       uint64_t len, bool big)
{
	memset(to, 0, len - f->size);
	bytes_put_u64(to + len - f->size, field_member(st, f->member, f->size),
		      big);
}

static int read_tail(struct walk *w, const struct field *f)
{
	uint64_t at = round8(w->pos), v;

	if (at + f->size > w->rec->len)
		return image_refuse(w, f->name, IMAGE_HEAD_SIZE + w->pos,
				    "found %" PRIu32 " bytes, needed %" PRIu64,
				    w->rec->len - w->pos,
				    at + f->size - w->pos);
	v = bytes_get_u64(w->body + at, w->r->buf.big_endian);
	memcpy(w->st + f->member, &v, sizeof(v));
	w->pos = (uint32_t)(at + f->size);
	return 0;
}

static void text_tail(struct wbuf *out, bool json, const void *st,
		      const struct field *f)
{
	(void)json;
	text_number(out, st, f);
}

#define VALUES(n)                                                              \
	.type = "u32s", .count = (n), .len = values_len,                       \
	.write = write_values, .read = read_values, .text = text_values
#define NAMES(n)                                                               \
	.type = "strings", .count = (n), .len = names_len,                     \
	.write = write_names, .read = read_names, .text = text_all_names

const struct field_ops stock_all_values = {
	VALUES(count_all),
	.limits = "n-dom + n-glob of them",
};
const struct field_ops stock_all_names = {
	NAMES(count_all),
	.limits = "n-dom + n-glob of them",
};
const struct field_ops stock_domain_values = {
	VALUES(count_of_domain),
	.limits = "n-quota of them",
};
const struct field_ops stock_domain_names = {
	NAMES(count_of_domain),
	.limits = "n-quota of them",
};
const struct field_ops stock_unique_id = {
	.type = "u64",
	.limits = "at a multiple of 8",
	.is_number = true,
	.count = count_one,
	.len = tail_len,
	.write = write_tail,
	.read = read_tail,
	.text = text_tail,
};
