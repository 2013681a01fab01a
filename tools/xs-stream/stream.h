/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stream: puts an image behind libxl's stream and takes it off again.
 *
 *	what libxl wrote | head | image | zeros to a multiple of 8 | tail
 *
 *	head, 24 bytes: "xs-image", u32 version 1, u32 0, u64 length of the
 *		image
 *	tail, 40 bytes: u64 length of what libxl wrote, u64 its checksum,
 *		u64 length of the image, u64 checksum of head, image and zeros,
 *		"xs-image" again, the bytes reversed
 *
 * Numbers are big-endian, checksums those of crc64.h.  xl restore stops
 * reading at libxl's END, so that a file with an image behind it can still be
 * restored without one.  Bytes come and go through functions, in memory of a
 * constant size; main.c has them on descriptors, tests have them scripted.
 */
#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Up to size bytes into to, 0 in ret_len at the end.  0 or an errno. */
struct source {
	int (*read)(void *arg, void *to, size_t size, size_t *ret_len,
		    struct err *err);
	void *arg;
};

/* Takes all len bytes.  0 or an errno. */
struct sink {
	int (*write)(void *arg, const void *p, size_t len, struct err *err);
	void *arg;
};

struct stream_found {
	uint64_t stream_len; /* bytes of libxl's */
	uint64_t image_len;  /* bytes of the image */
	bool image;	     /* there is one */
};

/*
 * Copies the stream at in to copy and then writes image, of image_len bytes,
 * to out as it has to stand behind the stream; nothing goes to out before the
 * end of in.  Returns 0; EINVAL when in is no whole stream, has an image already or
 * goes on behind its end, or when image is none or not so long; or what
 * reading or writing gave.  Unless 0, what came out is worth nothing.
 */
int __must_check stream_append(const struct source *in,
			       const struct source *image, uint64_t image_len,
			       const struct sink *copy, const struct sink *out,
			       struct err *err);
/*
 * Copies libxl's part of in to out and the image behind it, if there is one,
 * to image (which may have got some of it when an error is found).  Returns 0
 * and what there was, EINVAL when anything is damaged, or what reading or
 * writing gave.
 */
int __must_check stream_split(const struct source *in, const struct sink *out,
			      const struct sink *image,
			      struct stream_found *ret, struct err *err);

#endif
