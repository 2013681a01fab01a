/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz-image: reads damaged images of all dialects with the image room.
 *
 * Each round damages a copy of one of the given images and reads it in every
 * dialect, from memory of exactly its size and from a stream. Either both
 * refuse it with the same reason, or both read it. Then it is written and read
 * again, converted to every other dialect and read there, and given to the rule
 * that relates nodes to a domain. Memory use stays in proportion to the size of
 * the image.
 *
 *   fuzz-image COUNT SEED IMAGE...    (.hex: digits, # comments)
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "stock/convert.h"
#include "stock/dialect.h"
#include "image/image.h"
#include "migrate/relate.h"
#include "image/text.h"

#define IMAGES_MAX 64

static uint64_t rng;

static uint32_t pick(uint32_t n)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (uint32_t)(rng >> 16) % n;
}

static unsigned long round_now, counts[2][IMAGE_FORMATS]; /* refused, read */
static unsigned long converted;

static _Noreturn void broken(const char *what, const char *text)
{
	printf("fuzz-image: round %lu: %s: %s\n"
	       "run alone: make check-fuzz-image N= SEED=\n",
	       round_now, what, text);
	printf("0 passed, 1 failed\n");
	exit(1);
}

/* ---- images ---- */

struct image {
	uint8_t *p;
	size_t len;
	size_t starts[4096]; /* of records */
	size_t nstarts;
};

static void from_hex(struct image *im)
{
	size_t i, n = 0;
	int high = -1, v;

	for (i = 0; i < im->len; i++) {
		if (im->p[i] == '#')
			while (i < im->len && im->p[i] != '\n')
				i++;
		if (i >= im->len || !isxdigit(im->p[i]))
			continue;
		v = isdigit(im->p[i]) ? im->p[i] - '0'
				      : tolower(im->p[i]) - 'a' + 10;
		if (high >= 0)
			im->p[n++] = (uint8_t)(high << 4 | v);
		high = high < 0 ? v : -1;
	}
	im->len = n;
}

static void find_starts(struct image *im)
{
	struct rbuf b;
	uint32_t len;

	rbuf_init(&b, im->p, im->len);
	rbuf_skip(&b, 16);
	b.big_endian = im->p[15] & 1;
	while (rbuf_left(&b) && im->nstarts < 4096) {
		im->starts[im->nstarts++] = b.pos;
		rbuf_skip(&b, 4);
		len = rbuf_u32(&b);
		rbuf_skip(&b, (len + 7u) & ~7u);
		if (b.failed)
			break;
	}
}

static void load(struct image *im, const char *name)
{
	FILE *f = fopen(name, "re");

	im->p = malloc(1 << 20);
	if (!f || !im->p)
		broken(name, strerror(errno));
	im->len = fread(im->p, 1, 1 << 20, f);
	fclose(f);
	if (strstr(name, ".hex"))
		from_hex(im);
	if (im->len < 32)
		broken(name, "cannot read the image");
	find_starts(im);
}

/* Damages the len bytes at p; returns the new length. */
static size_t spoil(const struct image *im, uint8_t *p, size_t len)
{
	static const uint8_t wild[] = {0, 1,  2,    6,	  7,	8,
				       9, 47, 0x40, 0x7f, 0x80, 0xff};
	size_t at = im->starts[pick((uint32_t)im->nstarts)], to, n;

	switch (pick(8)) {
	case 0:
	case 1:
	case 2: /* near a record's head, where fields are */
		at += pick(48);
		if (at < len)
			p[at] = wild[pick(sizeof(wild))];
		break;
	case 3:
		p[pick((uint32_t)len)] ^= (uint8_t)(1 << pick(8));
		break;
	case 4: /* a wild word */
		at += 4 * pick(10);
		n = pick(2) ? 4 : 2;
		if (at + n <= len)
			memset(p + at, pick(2) ? 0xff : 0x7f, n);
		break;
	case 5: /* a piece copied elsewhere */
		to = im->starts[pick((uint32_t)im->nstarts)];
		n = 8u * (1 + pick(16));
		if (at + n <= len && to + n <= len)
			memmove(p + to, p + at, n);
		break;
	case 6: /* a piece removed */
		n = 8u * (1 + pick(4));
		if (at + n <= len) {
			memmove(p + at, p + at + n, len - at - n);
			len -= n;
		}
		break;
	default: /* the rest removed, sometimes */
		if (!pick(4))
			len = pick((uint32_t)len) + 1;
	}
	return len;
}

/* ---- what must hold ---- */

static void check_memory(const void *ctx, size_t len)
{
	if (talloc_total_size(ctx) > 64 * len + (1 << 20))
		broken("memory", "out of proportion to the image");
}

static void check_reason(int rc, const struct err *err)
{
	if (rc != EINVAL && rc != EEXIST)
		broken("refused with an unexpected errno", strerror(rc));
	if (!strstr(err->text, "at byte") && !strstr(err->text, "preamble"))
		broken("refused without naming a place", err->text);
}

struct pipe_of {
	const uint8_t *p;
	size_t len;
};

static int some_bytes(void *arg, void *to, size_t size, size_t *ret_len,
		      struct err *err)
{
	struct pipe_of *pipe = arg;
	size_t n = 1 + pick(5000);

	(void)err;
	n = n < size ? n : size;
	n = n < pipe->len ? n : pipe->len;
	memcpy(to, pipe->p, n);
	pipe->p += n;
	pipe->len -= n;
	*ret_len = n;
	return 0;
}

struct reading {
	void *ctx;
	struct wbuf text;
	struct image_writer *again; /* or NULL */
	bool suspect;
	struct err err;
};

/* Reads to the end; returns 0 or the error. */
static int read_all(struct reading *g, struct image_reader *r, int rc)
{
	struct record rec;
	bool more = true;

	while (more && !rc) {
		more = image_read(r, &rec, &rc, &g->err);
		if (rc)
			break;
		image_text(&g->text, &rec);
		g->suspect |= !!rec.suspect;
		if (!g->again || !more)
			continue;
		if (rec.desc)
			image_write(g->again, &rec);
		else
			image_write_raw(g->again, rec.type, rec.body, rec.len);
	}
	image_reader_fini(r);
	return rc;
}

static struct reading *reading_new(void *ctx)
{
	struct reading *g = talloc_zero(ctx, struct reading);

	if (!g)
		broken("memory", "out of memory");
	g->ctx = talloc_new(g);
	wbuf_init(&g->text, g);
	return g;
}

static int read_memory(struct reading *g, const uint8_t *p, size_t len,
		       const struct image_format *format)
{
	struct image_reader r;
	int rc = image_reader_init_as(&r, g->ctx, p, len, format, &g->err);

	rc = read_all(g, &r, rc);
	check_memory(g->ctx, len);
	return rc;
}

static int read_stream(struct reading *g, const uint8_t *p, size_t len,
		       const struct image_format *format)
{
	struct pipe_of pipe = {p, len};
	struct image_reader r;
	int rc = image_reader_init_stream(&r, g->ctx, some_bytes, &pipe, format,
					  &g->err);

	return read_all(g, &r, rc);
}

static void same(const struct reading *a, const struct reading *b,
		 const char *what)
{
	if (a->text.len != b->text.len ||
	    (a->text.len && memcmp(a->text.data, b->text.data, a->text.len)))
		broken(what, "has other records");
	/* the number of bytes that a stream has after END is not read */
	if (strcmp(a->err.text, b->err.text) &&
	    !(strstr(a->err.text, "follow END") &&
	      strstr(b->err.text, "follow END")))
		broken(what, b->err.text);
}

/* ---- conversion to another dialect ---- */

struct sink {
	struct image_writer w;
	struct relate *relate;
};

static int put(void *arg, const struct record *rec, struct err *err)
{
	struct sink *s = arg;

	if (rec->type == REC_NODE_DATA && !rec->node.conn_id &&
	    relate_learn(s->relate, rec->node.path, rec->node.value,
			 rec->node.value_len))
		return err_set(err, ENOMEM, "out of memory");
	if (!rec->desc && rec->body)
		image_write_raw(&s->w, rec->type, rec->body, rec->len);
	else
		image_write(&s->w, rec);
	return 0;
}

static void convert(void *ctx, const uint8_t *p, size_t len,
		    const struct image_format *from,
		    const struct image_format *to)
{
	struct reading *g = reading_new(ctx);
	struct image_losses losses;
	struct sink s;
	struct image_convert c = {
		.from = from, .to = to, .put = put, .arg = &s};
	int rc;

	c.other_order = pick(2);
	image_writer_init_as(&s.w, g, (p[15] & 1) ^ c.other_order, to);
	s.relate = relate_new(g, (uint16_t)pick(8));
	rc = image_convert(g->ctx, p, len, &c, &losses, &g->err);
	check_memory(g, len);
	if (rc) {
		check_reason(rc, &g->err);
		return;
	}
	if (image_writer_finish(&s.w) || relate_learned(s.relate))
		broken("converted", "out of memory");
	rc = read_memory(g, s.w.buf.data, s.w.buf.len, to);
	if (rc)
		broken("converted, but refused", g->err.text);
	converted++;
}

/* ---- a round ---- */

static void one(const uint8_t *p, size_t len, unsigned int n)
{
	const struct image_format *format = image_formats[n];
	void *ctx = talloc_new(NULL);
	struct reading *a = reading_new(ctx), *b = reading_new(ctx);
	struct reading *c = reading_new(ctx);
	struct image_writer again;
	unsigned int to;
	int rc;

	image_writer_init_as(&again, ctx, len > 15 && p[15] & 1, format);
	a->again = &again;
	rc = read_memory(a, p, len, format);
	counts[!rc][n]++;
	if (read_stream(b, p, len, format) != rc)
		broken("file and stream have different results", b->err.text);
	same(a, b, "the stream");
	if (rc)
		check_reason(rc, &a->err);
	if (!rc && !a->suspect) {
		if (image_writer_finish(&again))
			broken("written again", "failed");
		rc = read_memory(c, again.buf.data, again.buf.len, format);
		if (rc)
			broken("written again, but refused", c->err.text);
		same(a, c, "the image written again");
	}
	for (to = 0; to < IMAGE_FORMATS && !rc; to++)
		convert(ctx, p, len, format, image_formats[to]);
	talloc_free(ctx);
}

static void round_of(const struct image *im)
{
	uint8_t *p = malloc(im->len), *exact;
	struct image_guess guess;
	struct err err = {0};
	unsigned int i, n = pick(4);
	size_t len = im->len;

	if (!p)
		broken("memory", "out of memory");
	memcpy(p, im->p, len);
	while (n-- && len > 32)
		len = spoil(im, p, len);
	exact = malloc(len); /* a sanitizer notices any byte beyond */
	if (!exact)
		broken("memory", "out of memory");
	memcpy(exact, p, len);
	free(p);
	if (image_dialect_detect(exact, len, &guess, &err))
		check_reason(EINVAL, &err);
	for (i = 0; i < IMAGE_FORMATS; i++)
		one(exact, len, i);
	free(exact);
}

int main(int argc, char **argv)
{
	static struct image images[IMAGES_MAX];
	unsigned long count, seed, n = 0;
	unsigned int d;
	int i;

	if (argc < 4 || argc - 3 > IMAGES_MAX)
		broken("usage", "fuzz-image COUNT SEED IMAGE...");
	setvbuf(stdout, NULL, _IOLBF, 0);
	count = strtoul(argv[1], NULL, 10);
	seed = strtoul(argv[2], NULL, 10);
	for (i = 3; i < argc; i++)
		load(&images[n++], argv[i]);
	printf("fuzz-image: %lu rounds, seed %lu, %lu images\n", count, seed,
	       n);
	rng = seed * 0x9e3779b97f4a7c15ull + 1;
	for (round_now = 0; round_now < count; round_now++)
		round_of(&images[pick((uint32_t)n)]);
	for (d = 0; d < IMAGE_FORMATS; d++) {
		printf("fuzz-image: as %s: %lu read, %lu refused\n",
		       image_formats[d]->name, counts[1][d], counts[0][d]);
		/* if none or all were read, nothing was tested */
		if (!counts[0][d] || !counts[1][d])
			broken("read",
			       "none or all of them; nothing was tested");
	}
	printf("fuzz-image: %lu converted to another dialect\n", converted);
	while (n--)
		free(images[n].p);
	printf("1 passed, 0 failed\n");
	return 0;
}
