// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json: a record as one line of JSON, by the table of records.
 *
 *	{"record":3,"offset":96,"type":"WATCH_DATA","conn-id":1,...}
 *
 * Numbers are numbers.  Bytes and strings (without their NUL) are strings of
 * which each character is one byte.  Lengths and padding are left out.
 */
#include "xs-image.h"

#include <inttypes.h>

static void json_bytes(struct wbuf *out, const uint8_t *p, uint64_t len)
{
	wbuf_u8(out, '"');
	for (; len; len--, p++) {
		if (*p == '"' || *p == '\\') {
			wbuf_u8(out, '\\');
			wbuf_u8(out, *p);
		} else if (*p >= 0x20 && *p < 0x7f) {
			wbuf_u8(out, *p);
		} else {
			wbuf_printf(out, "\\u%04x", *p);
		}
	}
	wbuf_u8(out, '"');
}

static void json_names(struct wbuf *out, const uint8_t *p, uint64_t len)
{
	uint64_t i, start = 0;

	wbuf_u8(out, '[');
	for (i = 0; i < len; i++) {
		if (p[i])
			continue;
		if (start)
			wbuf_u8(out, ',');
		json_bytes(out, p + start, i - start);
		start = i + 1;
	}
	wbuf_u8(out, ']');
}

static void json_perms(struct wbuf *out, const struct rec_perm *p, uint64_t n)
{
	uint64_t i;

	wbuf_u8(out, '[');
	for (i = 0; i < n; i++)
		wbuf_printf(out, "%s{\"perm\":\"%c\",\"domid\":%u%s}",
			    i ? "," : "", p[i].perm, p[i].domid,
			    p[i].flags ? ",\"stale\":true" : "");
	wbuf_u8(out, ']');
}

static void json_generations(struct wbuf *out, const struct rec_generation *g,
			     uint64_t n)
{
	uint64_t i;

	wbuf_u8(out, '[');
	for (i = 0; i < n; i++)
		wbuf_printf(out, "%s[%" PRIu64 ",%" PRIu64 "]", i ? "," : "",
			    g[i].value, g[i].children);
	wbuf_u8(out, ']');
}

static void json_values(struct wbuf *out, const uint32_t *v, uint64_t n)
{
	uint64_t i;

	wbuf_u8(out, '[');
	for (i = 0; i < n; i++)
		wbuf_printf(out, "%s%" PRIu32, i ? "," : "", v[i]);
	wbuf_u8(out, ']');
}

/* Whether the field only says how long another one is. */
static bool is_length(const struct record_desc *d, const struct field *f)
{
	const struct field *var = d->fields + d->nfixed;

	for (; var < d->fields + d->nfields; var++) {
		if (var->len_size && !var->more_size &&
		    var->len_member == f->member)
			return true;
	}
	return false;
}

static void json_variable(struct wbuf *out, const uint8_t *st,
			  const struct field *f)
{
	const void *p = field_pointer(st, f);
	uint64_t n = field_count(st, f);

	switch (f->kind) {
	case FIELD_BYTES:
		json_bytes(out, p, n);
		break;
	case FIELD_NAMES:
		json_names(out, p, n);
		break;
	case FIELD_COUNTED:
		json_names(out, p, field_strings_len(p, n));
		break;
	case FIELD_PERMS:
		json_perms(out, p, n);
		break;
	case FIELD_GENS:
		json_generations(out, p, n);
		break;
	case FIELD_VALUES:
		json_values(out, p, n);
		break;
	default:
		json_bytes(out, p, n ? n - 1 : 0);
	}
}

static void json_field(struct wbuf *out, const uint8_t *st,
		       const struct field *f)
{
	uint64_t v;

	wbuf_printf(out, ",\"%s\":", f->name);
	if (field_is_variable(f->kind) && f->kind != FIELD_TAIL) {
		json_variable(out, st, f);
		return;
	}
	v = field_member(st, f->member, f->size);
	if (f->kind == FIELD_I32)
		wbuf_printf(out, "%" PRId32, (int32_t)v);
	else
		wbuf_printf(out, "%" PRIu64, v);
}

void json_record(struct wbuf *out, const struct record *rec)
{
	const struct record_desc *d = rec->desc;
	const uint8_t *st = (const uint8_t *)rec + RECORD_MEMBERS;
	const struct field *f;

	wbuf_printf(out, "{\"record\":%" PRIu64 ",\"offset\":%" PRIu64,
		    rec->index, rec->offset);
	if (!d) {
		wbuf_printf(out,
			    ",\"type\":\"0x%" PRIx32 "\",\"body\":", rec->type);
		json_bytes(out, rec->body, rec->len);
		wbuf_printf(out, "}\n");
		return;
	}
	wbuf_printf(out, ",\"type\":\"%s\"", d->name);
	for (f = d->fields; f < d->fields + d->nfields; f++) {
		if (f->kind == FIELD_PAD || !field_cond_holds(st, &f->when))
			continue;
		if (field_is_variable(f->kind) || !is_length(d, f))
			json_field(out, st, f);
	}
	wbuf_printf(out, "%s}\n", rec->suspect ? ",\"suspect\":true" : "");
}
