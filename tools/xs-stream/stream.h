/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stream: appends an image to libxl's stream and takes it off again.
 *
 *	what libxl wrote | head | image | zeros to a multiple of 8 | tail
 *
 *	head, 24 bytes: "xs-image", u32 version 1, u32 0, u64 length of the
 *		image
 *	tail, 40 bytes: u64 length of what libxl wrote, u64 its checksum,
 *		u64 length of the image, u64 checksum of head, image and zeros,
 *		"xs-image" again, the bytes reversed
 *
 * Numbers are big-endian, checksums are of crc64.h.  xl restore stops reading
 * at libxl's END, so it can restore a file with an image after it, without the
 * image.  Bytes are read and written through functions, which main.c gives
 * descriptors and tests script; memory use is constant.
 */
#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Reads up to size bytes into to; sets *ret_len, to 0 at the end.  Returns 0 or
 * an errno with err.
 */
struct source {
	int (*read)(void *arg, void *to, size_t size, size_t *ret_len,
		    struct err *err);
	void *arg;
};

/* Writes all len bytes.  Returns 0 or an errno with err. */
struct sink {
	int (*write)(void *arg, const void *p, size_t len, struct err *err);
	void *arg;
};

struct stream_found {
	uint64_t stream_len; /* bytes of libxl's part */
	uint64_t image_len;  /* bytes of the image */
	bool image;	     /* there is an image */
};

/*
 * Copies the stream from in to copy, then writes image, of image_len bytes, to
 * out in the form above.  Nothing is written to out before the end of in.
 * Returns 0; EINVAL with err if in is not one whole stream or has an image
 * already, or if image is not an image of that length; or the error of reading
 * or writing.  On error the output must not be used.
 */
int __must_check stream_append(const struct source *in,
			       const struct source *image, uint64_t image_len,
			       const struct sink *copy, const struct sink *out,
			       struct err *err);
/*
 * Copies libxl's part of in to out, and the image after it, if there is one,
 * to image.  Returns 0 with *ret set, EINVAL with err if anything is damaged,
 * or the error of reading or writing.  On error the output must not be used.
 */
int __must_check stream_split(const struct source *in, const struct sink *out,
			      const struct sink *image,
			      struct stream_found *ret, struct err *err);

#endif
