/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text: see text.h.  Walks the table of record.c and knows no record by name.
 * Called by tests and by the tools for images.
 */
#include "image/text.h"

#include <inttypes.h>

#include "base/escape.h"
#include "image/table.h"

#define HEX "\\x"

void text_quoted(struct wbuf *out, const char *hex, const uint8_t *p,
		 uint64_t len)
{
	char one[ESCAPE_SIZE];

	wbuf_u8(out, '"');
	for (; len; len--, p++)
		wbuf_bytes(out, one, escape_byte(one, *p, ESCAPE_QUOTED, hex));
	wbuf_u8(out, '"');
}

/* len bytes: strings, each with its NUL. */
static void text_names(struct wbuf *out, const char *hex, const uint8_t *p,
		       uint64_t len)
{
	uint64_t i, start = 0;

	wbuf_u8(out, '[');
	for (i = 0; i < len; i++) {
		if (p[i])
			continue;
		if (start)
			wbuf_u8(out, ',');
		text_quoted(out, hex, p + start, i - start);
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

void text_values(struct wbuf *out, const uint32_t *v, uint64_t n)
{
	uint64_t i;

	for (i = 0; i < n; i++)
		wbuf_printf(out, "%s%" PRIu32, i ? "," : "", v[i]);
}

void text_number(struct wbuf *out, const uint8_t *st, const struct field *f)
{
	uint64_t v = field_member(st, f->member, f->size);

	if (f->kind == FIELD_I32)
		wbuf_printf(out, "%" PRId32, (int32_t)v);
	else
		wbuf_printf(out, "%" PRIu64, v);
}

void text_strings(struct wbuf *out, const char *hex, const uint8_t *st,
		  const struct field *f)
{
	const void *p = field_pointer(st, f);
	uint64_t n = field_count(st, f);

	if (f->kind == FIELD_BYTES)
		text_quoted(out, hex, p, n);
	else if (f->kind == FIELD_NAMES)
		text_names(out, hex, p, n);
	else if (f->kind == FIELD_COUNTED)
		text_names(out, hex, p, field_strings_len(p, n));
	else /* its NUL is not shown */
		text_quoted(out, hex, p, n ? n - 1 : 0);
}

/* Whether some variable part takes its length from field f. */
static bool field_is_length(const struct record_desc *d, const struct field *f)
{
	const struct field *var = d->fields + d->nfixed;
	const struct field *end = d->fields + d->nfields;

	for (; var < end; var++) {
		/* how many there are of two kinds is not seen from them */
		if (var->len_size && !var->more_size &&
		    var->len_member == f->member)
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
	const void *p;
	uint64_t n;

	wbuf_printf(out, " %s=", f->name);
	if (!field_is_variable(f->kind) || f->kind == FIELD_TAIL) {
		text_number(out, st, f);
		return;
	}
	p = field_pointer(st, f);
	n = field_count(st, f);
	switch (f->kind) {
	case FIELD_PERMS:
		text_perms(out, p, n);
		break;
	case FIELD_GENS:
		text_generations(out, p, n);
		break;
	case FIELD_VALUES:
		text_values(out, p, n);
		break;
	default:
		text_strings(out, HEX, st, f);
	}
}

void image_text(struct wbuf *out, const struct record *rec)
{
	const struct record_desc *d =
		rec->desc ? rec->desc
			  : record_find(rec->type, REC_DIALECT_SPEC);
	const uint8_t *st = (const uint8_t *)rec + RECORD_MEMBERS;
	const struct field *f, *end;

	if (!d) {
		wbuf_printf(out, "UNKNOWN type=0x%" PRIx32 " len=%" PRIu32,
			    rec->type, rec->len);
		if (rec->body) {
			wbuf_printf(out, " body=");
			text_quoted(out, HEX, rec->body, rec->len);
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
		wbuf_printf(out, " (depth lost by its writer)");
	wbuf_u8(out, '\n');
}
