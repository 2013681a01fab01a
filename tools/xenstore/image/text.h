/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text: a record as a line of text, for people and for tests.
 */
#ifndef IMAGE_TEXT_H
#define IMAGE_TEXT_H

#include "base/buf.h"
#include "image/record.h"

/*
 * Appends "NAME field=value ...\n" to out, by the record's row.  Padding is
 * left out, and so are lengths that the values show.  Strings and bytes are
 * quoted, with \xNN for unprintable ones.  An unknown type gives
 * "UNKNOWN type=0x... len=... body=...".
 */
void image_text(struct wbuf *out, const struct record *rec);

/*
 * Its parts, also used for xs-image --json.  st: the record's struct, as in
 * table.h.  json: escapes are \u00NN and lists have brackets.
 */
struct field;
struct record_desc;

/* Whether a field is shown: not padding, not the length of another field. */
bool text_shows(const struct record_desc *d, const uint8_t *st,
		const struct field *f);
/* Whether its member is a number. */
bool text_is_number(const struct field *f);
void text_number(struct wbuf *out, const void *st, const struct field *f);
/* len bytes in quotes. */
void text_quoted(struct wbuf *out, bool json, const uint8_t *p, uint64_t len);
/* len bytes of strings, each with its NUL, in brackets. */
void text_names(struct wbuf *out, bool json, const uint8_t *p, uint64_t len);
/* A field of bytes, of one string or of several, or of FIELD_OTHER. */
void text_strings(struct wbuf *out, bool json, const void *st,
		  const struct field *f);

#endif
