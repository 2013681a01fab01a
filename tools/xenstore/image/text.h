/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text: a record as a line to be read by people and compared by tests.
 */
#ifndef IMAGE_TEXT_H
#define IMAGE_TEXT_H

#include "base/buf.h"
#include "image/record.h"

/*
 * Appends "NAME field=value ...\n" to out: what rec->type has by the table of
 * records, without padding and without the lengths, which the values show.
 * Strings and bytes are quoted, with \xNN for what does not print.  A type
 * that is not known gives "UNKNOWN type=0x... len=... body=...".
 */
void image_text(struct wbuf *out, const struct record *rec);

/*
 * Its pieces, for another form of the same (xs-image --json).  st: the members
 * of a record, as table.h has them; hex: what stands before the two digits
 * of a byte that does not print.
 */
struct field;
struct record_desc;

/* Whether a field is to be seen: no padding, and no length of another one. */
bool text_shows(const struct record_desc *d, const uint8_t *st,
		const struct field *f);
/* A field that is a number. */
void text_number(struct wbuf *out, const uint8_t *st, const struct field *f);
/* n numbers with commas between them. */
void text_values(struct wbuf *out, const uint32_t *v, uint64_t n);
/* len bytes in quotes, printable ASCII as it is. */
void text_quoted(struct wbuf *out, const char *hex, const uint8_t *p,
		 uint64_t len);
/* A field of bytes, of one string or of several, these in brackets. */
void text_strings(struct wbuf *out, const char *hex, const uint8_t *st,
		  const struct field *f);

#endif
