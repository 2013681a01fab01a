/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image-internal: shared by the files of the writer (image-write.c,
 * image-node.c) and of the reader (image-read*.c, image-node.c).
 */
#ifndef IMAGE_IMAGE_INTERNAL_H
#define IMAGE_IMAGE_INTERNAL_H

#include "image/format.h"
#include "image/image.h"

/*
 * Appends a record's head and padding.  Returns the place of its body of len
 * bytes, or NULL with w->buf.failed set.
 */
uint8_t *image_write_head(struct image_writer *w, uint32_t type, uint64_t len);

/*
 * Reads the next record if it is a plain committed node, complete and valid.
 * Otherwise returns false; only *ret_rec may have changed.  For images of the
 * native format in memory.
 */
bool image_read_node(struct image_reader *r, struct record *ret_rec);

/* image-read-body.c: reads w->body by its row d.  Returns 0 or an errno. */
int image_read_body(struct walk *w, const struct record_desc *d);

/*
 * Fills a stream's window up to `need` bytes, fewer at the stream's end (the
 * caller looks at rbuf_left).  Returns 0, ENOMEM or the source's errno.
 */
int image_want(struct image_reader *r, uint64_t need, struct err *err);

#endif
