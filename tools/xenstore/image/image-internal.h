/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image-internal: what the parts of the writer (image-write.c, image-node.c) and
 * of the reader (image-read*.c, image-node.c) share.
 */
#ifndef IMAGE_IMAGE_INTERNAL_H
#define IMAGE_IMAGE_INTERNAL_H

#include "image/image.h"
#include "image/table.h"

#define round8(n) (((uint64_t)(n) + 7) & ~(uint64_t)7)

/*
 * Room for a record of len bytes, its head and padding written; NULL: failed,
 * as w->buf.failed says.
 */
uint8_t *image_write_head(struct image_writer *w, uint32_t type, uint64_t len);

/*
 * Reads the next record if it is a committed node of which all is there and
 * right; else false, and nothing is done but to *ret_rec.  Of an image in
 * memory in dialect spec.
 */
bool image_read_node(struct image_reader *r, struct record *ret_rec);

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
int image_refuse(const struct walk *w, const char *field, uint64_t at,
		 const char *fmt, ...)
	__attribute__((cold, format(printf, 4, 5)));

/* image-read-body.c: reads w->body by the row d. */
int image_read_body(struct walk *w, const struct record_desc *d);

/*
 * Of a stream: gets at least need bytes into the window, if it still has them.
 * Returns 0 (look at rbuf_left), ENOMEM or what the source said.
 */
int image_want(struct image_reader *r, uint64_t need, struct err *err);

/* image-read-xen.c: see there. */
bool image_watch_is_short(const struct walk *w, const struct record_desc *d);
int image_read_short_watch(struct walk *w, uint64_t *ret_end);

#endif
