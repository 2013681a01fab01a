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

#endif
