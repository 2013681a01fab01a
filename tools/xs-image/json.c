// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json: writes a record as one line of JSON, by the table of records.
 *
 *	{"record":3,"offset":96,"type":"WATCH_DATA","conn-id":1,...}
 *
 * Each character of a string is one byte; a string's NUL, lengths and padding
 * are left out.  What text and JSON have in common is in image/text.c.
 */
#include "xs-image.h"

#include <inttypes.h>

#include "image/text.h"

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

static void json_field(struct wbuf *out, const uint8_t *st,
		       const struct field *f)
{
	wbuf_printf(out, ",\"%s\":", f->name);
	if (text_is_number(f))
		text_number(out, st, f);
	else if (f->kind == FIELD_PERMS)
		json_perms(out, field_pointer(st, f), field_count(st, f));
	else if (f->kind == FIELD_GENS)
		json_generations(out, field_pointer(st, f), field_count(st, f));
	else
		text_strings(out, true, st, f);
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
		text_quoted(out, true, rec->body, rec->len);
		wbuf_printf(out, "}\n");
		return;
	}
	wbuf_printf(out, ",\"type\":\"%s\"", d->name);
	for (f = d->fields; f < d->fields + d->nfields; f++) {
		if (text_shows(d, st, f))
			json_field(out, st, f);
	}
	wbuf_printf(out, "%s}\n", rec->suspect ? ",\"suspect\":true" : "");
}
