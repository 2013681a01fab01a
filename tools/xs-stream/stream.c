// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stream: see stream.h.
 */
#include "stream.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/bytes.h"
#include "crc64.h"
#include "framing.h"

#define MAGIC	    "xs-image"
#define MAGIC_END   "egami-sx"
#define VERSION	    1
#define HEAD_SIZE   24
#define TAIL_SIZE   40
#define IMAGE_IDENT "xenstore"
#define IMAGE_MIN   16
#define PIECE	    65536

/* Bytes of a source that were read but not used. */
struct input {
	const struct source *from;
	uint8_t data[PIECE];
	size_t len, pos;
	uint64_t at; /* offset of data[pos] in the input */
};

/* Length and checksum of a part. */
struct sum {
	uint64_t len, crc;
};

static void sum_add(struct sum *s, const void *p, size_t len)
{
	s->len += len;
	s->crc = crc64(s->crc, p, len);
}

/* Reads unless there are bytes at in->pos; none after that: the end. */
static int fill(struct input *in, struct err *err)
{
	if (in->pos < in->len)
		return 0;
	in->pos = in->len = 0;
	return in->from->read(in->from->arg, in->data, sizeof(in->data),
			      &in->len, err);
}

static void used(struct input *in, size_t len)
{
	in->pos += len;
	in->at += len;
}

/* Takes len bytes, or fewer if the input ends. */
static int take(struct input *in, void *to, size_t len, size_t *ret_len,
		struct err *err)
{
	size_t n, have = 0;
	int rc;

	while (have < len) {
		rc = fill(in, err);
		if (rc)
			return rc;
		n = in->len - in->pos;
		if (!n)
			break;
		n = n < len - have ? n : len - have;
		memcpy((uint8_t *)to + have, in->data + in->pos, n);
		used(in, n);
		have += n;
	}
	*ret_len = have;
	return 0;
}

/* Copies libxl's part, including its END. */
static int copy_stream(struct input *in, const struct sink *out,
		       struct sum *sum, struct err *err)
{
	struct framing f;
	size_t n;
	int rc;

	framing_init(&f);
	while (!framing_done(&f)) {
		rc = fill(in, err);
		if (rc)
			return rc;
		if (in->len == in->pos)
			break;
		rc = framing_take(&f, in->data + in->pos, in->len - in->pos, &n,
				  err);
		if (rc)
			return rc;
		sum_add(sum, in->data + in->pos, n);
		rc = out->write(out->arg, in->data + in->pos, n, err);
		if (rc)
			return rc;
		used(in, n);
	}
	return framing_finish(&f, err);
}

/* Copies len bytes of an image. */
static int copy_image(struct input *in, uint64_t len, const struct sink *out,
		      struct sum *sum, struct err *err)
{
	uint64_t left = len;
	size_t n;
	int rc = 0;

	for (; !rc && left; left -= n) {
		rc = fill(in, err);
		if (rc)
			return rc;
		n = in->len - in->pos;
		if (!n)
			return err_set(err, EINVAL,
				       "the image is cut off: %" PRIu64
				       " of %" PRIu64 " bytes are missing",
				       left, len);
		n = n < left ? n : (size_t)left;
		sum_add(sum, in->data + in->pos, n);
		rc = out->write(out->arg, in->data + in->pos, n, err);
		used(in, n);
	}
	return rc;
}

static size_t padding(uint64_t len)
{
	return (size_t)(-len & 7);
}

static void put_head(uint8_t head[HEAD_SIZE], uint64_t image_len)
{
	memset(head, 0, HEAD_SIZE);
	memcpy(head, MAGIC, 8);
	bytes_put_u32(head + 8, VERSION, true);
	bytes_put_u64(head + 16, image_len, true);
}

static void put_tail(uint8_t tail[TAIL_SIZE], const struct sum *stream,
		     uint64_t image_len, const struct sum *section)
{
	bytes_put_u64(tail, stream->len, true);
	bytes_put_u64(tail + 8, stream->crc, true);
	bytes_put_u64(tail + 16, image_len, true);
	bytes_put_u64(tail + 24, section->crc, true);
	memcpy(tail + 32, MAGIC_END, 8);
}

/* Refuses anything after libxl's part. */
static int check_ended(struct input *in, struct err *err)
{
	uint8_t more[8];
	size_t n;
	int rc = take(in, more, sizeof(more), &n, err);

	if (rc || !n)
		return rc;
	if (n == sizeof(more) && !memcmp(more, MAGIC, 8))
		return err_set(err, EINVAL,
			       "the stream has an image after it already");
	return err_set(err, EINVAL,
		       "there is more after the stream's end, at byte %" PRIu64,
		       in->at - n);
}

/* Checks the image's first bytes. */
static int check_image(struct input *in, uint64_t len, uint8_t begin[IMAGE_MIN],
		       struct err *err)
{
	size_t n;
	int rc;

	if (len < IMAGE_MIN)
		return err_set(err, EINVAL,
			       "%" PRIu64 " bytes are too few for an image",
			       len);
	rc = take(in, begin, IMAGE_MIN, &n, err);
	if (rc)
		return rc;
	if (n < IMAGE_MIN || memcmp(begin, IMAGE_IDENT, 8))
		return err_set(err, EINVAL, "not an image of a xenstore");
	return 0;
}

/* Writes head, image, zeros and tail. */
static int write_section(struct input *img, uint64_t len,
			 const uint8_t begin[IMAGE_MIN],
			 const struct sum *stream, const struct sink *out,
			 struct err *err)
{
	static const uint8_t zeros[8];
	uint8_t head[HEAD_SIZE + IMAGE_MIN], tail[TAIL_SIZE];
	struct sum section = {0, 0};
	int rc;

	put_head(head, len);
	memcpy(head + HEAD_SIZE, begin, IMAGE_MIN);
	sum_add(&section, head, sizeof(head));
	rc = out->write(out->arg, head, sizeof(head), err);
	if (!rc)
		rc = copy_image(img, len - IMAGE_MIN, out, &section, err);
	if (!rc)
		rc = fill(img, err);
	if (rc)
		return rc;
	if (img->len != img->pos)
		return err_set(err, EINVAL,
			       "the image has grown while it was read");
	sum_add(&section, zeros, padding(len));
	rc = out->write(out->arg, zeros, padding(len), err);
	if (rc)
		return rc;
	put_tail(tail, stream, len, &section);
	return out->write(out->arg, tail, sizeof(tail), err);
}

int stream_append(const struct source *from, const struct source *image,
		  uint64_t image_len, const struct sink *copy,
		  const struct sink *out, struct err *err)
{
	struct input in = {.from = from}, img = {.from = image};
	uint8_t begin[IMAGE_MIN];
	struct sum stream = {0, 0};
	int rc;

	rc = check_image(&img, image_len, begin, err);
	if (rc)
		return err_prefix(err, "the image");
	rc = copy_stream(&in, copy, &stream, err);
	if (!rc)
		rc = check_ended(&in, err);
	if (rc)
		return rc;
	return write_section(&img, image_len, begin, &stream, out, err);
}

static int check_head(const uint8_t *head, size_t len, uint64_t at,
		      uint64_t *ret_len, struct err *err)
{
	if (len < 8 || memcmp(head, MAGIC, 8))
		return err_set(err, EINVAL,
			       "what follows the stream at byte %" PRIu64
			       " is not an image",
			       at);
	if (len < HEAD_SIZE)
		return err_set(err, EINVAL, "the image's head is cut off");
	if (bytes_get_u32(head + 8, true) != VERSION ||
	    bytes_get_u32(head + 12, true))
		return err_set(err, EINVAL,
			       "the image's head is of an unknown version: "
			       "written by a newer xs-stream, or damaged");
	*ret_len = bytes_get_u64(head + 16, true);
	if (*ret_len < IMAGE_MIN)
		return err_set(err, EINVAL, "the image is too short");
	return 0;
}

static int check_tail(struct input *in, const struct sum *stream,
		      uint64_t image_len, const struct sum *section,
		      struct err *err)
{
	uint8_t tail[TAIL_SIZE + 1], want[TAIL_SIZE];
	size_t n;
	int rc = take(in, tail, sizeof(tail), &n, err);

	if (rc)
		return rc;
	put_tail(want, stream, image_len, section);
	if (n != TAIL_SIZE)
		return err_set(
			err, EINVAL,
			n < TAIL_SIZE ? "the checksums after the image are cut "
					"off"
				      : "there is more after the image");
	if (memcmp(tail, want, 16))
		return err_set(err, EINVAL,
			       "libxl's stream is damaged: its length or "
			       "checksum differs");
	if (memcmp(tail, want, TAIL_SIZE))
		return err_set(err, EINVAL,
			       "the image is damaged: its length or checksum "
			       "differs");
	return 0;
}

int stream_split(const struct source *from, const struct sink *out,
		 const struct sink *image, struct stream_found *ret,
		 struct err *err)
{
	struct input in = {.from = from};
	struct sum stream = {0, 0}, section = {0, 0};
	uint8_t head[HEAD_SIZE], pad[8];
	uint64_t image_len = 0;
	size_t n;
	int rc;

	rc = copy_stream(&in, out, &stream, err);
	if (!rc)
		rc = take(&in, head, sizeof(head), &n, err);
	if (rc)
		return rc;
	if (n) {
		rc = check_head(head, n, stream.len, &image_len, err);
		if (rc)
			return rc;
		sum_add(&section, head, sizeof(head));
		rc = copy_image(&in, image_len, image, &section, err);
		if (!rc)
			rc = take(&in, pad, padding(image_len), &n, err);
		if (rc)
			return rc;
		sum_add(&section, pad, n);
		rc = check_tail(&in, &stream, image_len, &section, err);
		if (rc)
			return rc;
	}
	ret->stream_len = stream.len;
	ret->image_len = image_len;
	ret->image = image_len > 0;
	return 0;
}
