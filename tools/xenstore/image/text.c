/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text: see text.h.  Walks the rows of the tables and knows no record by name.
 * Called by xs-image and the tests.
 */
#include "image/text.h"

#include <inttypes.h>

#include "base/escape.h"
#include "image/format.h"

void text_quoted(struct wbuf *out, bool json, const uint8_t *p, uint64_t len)
{
	const char *hex = json ? "\\u00" : "\\x";
	char one[ESCAPE_SIZE];

	wbuf_u8(out, '"');
	for (; len; len--, p++)
		wbuf_bytes(out, one, escape_byte(one, *p, ESCAPE_QUOTED, hex));
	wbuf_u8(out, '"');
}

void text_names(struct wbuf *out, bool json, const uint8_t *p, uint64_t len)
{
	uint64_t i, start = 0;

	wbuf_u8(out, '[');
	for (i = 0; i < len; i++) {
		if (p[i])
			continue;
		if (start)
			wbuf_u8(out, ',');
		text_quoted(out, json, p + start, i - start);
		start = i + 1;
	}
	wbuf_u8(out, ']');
}

static void text_perms(struct wbuf *out, const struct rec_perm *p, uint64_t n)
{
	uint64_t i;

	for (i = 0; i < n; i++)
		wbuf_printf(out, "%s%c%u%s", i ? "," : "", p[i].perm,
			    p[i].domid, p[i].flags ? "!" : "");
}

static void text_generations(struct wbuf *out, const struct rec_generation *g,
			     uint64_t n)
{
	uint64_t i;

	for (i = 0; i < n; i++)
		wbuf_printf(out, "%s%" PRIu64 "/%" PRIu64, i ? "," : "",
			    g[i].value, g[i].children);
}

bool text_is_number(const struct field *f)
{
	return !field_is_variable(f->kind) || (f->ops && f->ops->is_number);
}

void text_number(struct wbuf *out, const void *st, const struct field *f)
{
	uint64_t v = field_member(st, f->member, f->size);

	if (f->kind == FIELD_I32)
		wbuf_printf(out, "%" PRId32, (int32_t)v);
	else
		wbuf_printf(out, "%" PRIu64, v);
}

void text_strings(struct wbuf *out, bool json, const void *st,
		  const struct field *f)
{
	const void *p = field_pointer(st, f);
	uint64_t n = field_count(st, f);

	if (f->ops)
		f->ops->text(out, json, st, f);
	else if (f->kind == FIELD_BYTES)
		text_quoted(out, json, p, n);
	else if (f->kind == FIELD_NAMES)
		text_names(out, json, p, n);
	else /* without its NUL */
		text_quoted(out, json, p, n ? n - 1 : 0);
}

/* Whether f is the length of a variable part. */
static bool field_is_length(const struct record_desc *d, const struct field *f)
{
	const struct field *var = d->fields + d->nfixed;
	const struct field *end = d->fields + d->nfields;

	for (; var < end; var++) {
		if (var->len_size && var->len_member == f->member)
			return true;
	}
	return false;
}

bool text_shows(const struct record_desc *d, const uint8_t *st,
		const struct field *f)
{
	if (f->kind == FIELD_PAD || !field_cond_holds(st, &f->when))
		return false;
	return field_is_variable(f->kind) || !field_is_length(d, f);
}

static void text_field(struct wbuf *out, const uint8_t *st,
		       const struct field *f)
{
	wbuf_printf(out, " %s=", f->name);
	if (text_is_number(f))
		text_number(out, st, f);
	else if (f->kind == FIELD_PERMS)
		text_perms(out, field_pointer(st, f), field_count(st, f));
	else if (f->kind == FIELD_GENS)
		text_generations(out, field_pointer(st, f), field_count(st, f));
	else
		text_strings(out, false, st, f);
}

void image_text(struct wbuf *out, const struct record *rec)
{
	const struct record_desc *d = record_row(rec);
	const uint8_t *st = (const uint8_t *)rec + RECORD_MEMBERS;
	const struct field *f, *end;

	if (!d) {
		wbuf_printf(out, "UNKNOWN type=0x%" PRIx32 " len=%" PRIu32,
			    rec->type, rec->len);
		if (rec->body) {
			wbuf_printf(out, " body=");
			text_quoted(out, false, rec->body, rec->len);
		}
		wbuf_u8(out, '\n');
		return;
	}
	wbuf_printf(out, "%s", d->name);
	end = d->fields + d->nfields;
	for (f = d->fields; f < end; f++) {
		if (text_shows(d, st, f))
			text_field(out, st, f);
	}
	if (rec->suspect)
		wbuf_printf(out, " (%s)", rec->suspect);
	wbuf_u8(out, '\n');
}
