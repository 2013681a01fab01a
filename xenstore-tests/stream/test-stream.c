// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-stream: properties of xs-stream's core over random streams, images and
 * piece sizes. Has its own description of the layouts and shares no code with
 * framing.c.
 *
 *   test-stream [-n CASES] [-s SEED]
 *   test-stream --make SEED FILE    a random stream, for the program's test
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gen-stream.h"
#include "stream.h"

/*
 * A source that returns pieces of random sizes; a sink that keeps everything.
 */
struct script {
	struct rng *rng;
	const uint8_t *p;
	size_t len, pos, piece;
};

static int script_read(void *arg, void *to, size_t size, size_t *ret_len,
		       struct err *err)
{
	struct script *s = arg;
	size_t n = 1 + rng_below(s->rng, s->piece);

	(void)err;
	n = n < size ? n : size;
	n = n < s->len - s->pos ? n : s->len - s->pos;
	if (n)
		memcpy(to, s->p + s->pos, n);
	s->pos += n;
	*ret_len = n;
	return 0;
}

static int keep(void *arg, const void *p, size_t len, struct err *err)
{
	(void)err;
	bytes_add(arg, p, len);
	return 0;
}

static int append(struct rng *r, const struct bytes *stream,
		  const struct bytes *image, struct bytes *ret, struct err *err)
{
	size_t piece = 1 + rng_below(r, 3) * rng_below(r, 5000);
	struct script a = {r, stream->p, stream->len, 0, piece};
	struct script b = {r, image->p, image->len, 0, piece};
	struct source from = {script_read, &a}, img = {script_read, &b};
	struct sink to = {keep, ret};

	ret->len = 0;
	return stream_append(&from, &img, image->len, &to, &to, err);
}

static int split(struct rng *r, const struct bytes *in, struct bytes *ret,
		 struct bytes *image, struct stream_found *found,
		 struct err *err)
{
	size_t piece = 1 + rng_below(r, 3) * rng_below(r, 5000);
	struct script a = {r, in->p, in->len, 0, piece};
	struct source from = {script_read, &a};
	struct sink to = {keep, ret}, img = {keep, image};

	ret->len = image->len = 0;
	return stream_split(&from, &to, &img, found, err);
}

static bool same(const struct bytes *a, const struct bytes *b)
{
	return a->len == b->len && (!a->len || !memcmp(a->p, b->p, a->len));
}

static const char *complaint;
static unsigned int failed, checked;

static void check(bool good, const char *what)
{
	checked++;
	if (!good && !complaint)
		complaint = what;
}

struct bench {
	struct bytes stream, image, whole, out, got, damaged;
};

/* What goes in comes out; a stream without an image is unchanged. */
static void case_round(struct rng *r, struct bench *b)
{
	struct stream_found found;
	struct err err;

	check(!append(r, &b->stream, &b->image, &b->whole, &err), "append");
	check(b->whole.len > b->stream.len + b->image.len &&
		      !memcmp(b->whole.p, b->stream.p, b->stream.len),
	      "libxl's part comes first, unchanged");
	check(!split(r, &b->whole, &b->out, &b->got, &found, &err), "split");
	check(same(&b->out, &b->stream), "the stream comes out unchanged");
	check(same(&b->got, &b->image), "the image comes out unchanged");
	check(found.image && found.stream_len == b->stream.len &&
		      found.image_len == b->image.len,
	      "the image found is reported");
	check(!split(r, &b->stream, &b->out, &b->got, &found, &err) &&
		      !found.image && !b->got.len && same(&b->out, &b->stream),
	      "a stream without an image passes unchanged");
	check(append(r, &b->whole, &b->image, &b->out, &err) == EINVAL,
	      "a second image is refused");
}

/* Any changed bit and any missing end is found. */
static void case_damage(struct rng *r, struct bench *b)
{
	struct stream_found found;
	struct err err;
	size_t at, cut;

	at = b->stream.len + rng_below(r, b->whole.len - b->stream.len);
	b->damaged.len = 0;
	bytes_add(&b->damaged, b->whole.p, b->whole.len);
	b->damaged.p[at] ^= (uint8_t)(1u << rng_below(r, 8));
	check(split(r, &b->damaged, &b->out, &b->got, &found, &err) == EINVAL,
	      "a changed bit in the image is found");

	at = rng_below(r, b->stream.len);
	b->damaged.p[at] ^= (uint8_t)(1u << rng_below(r, 8));
	check(split(r, &b->damaged, &b->out, &b->got, &found, &err) == EINVAL,
	      "two changed bits are found");
	b->damaged.len = 0;
	bytes_add(&b->damaged, b->whole.p, b->whole.len);
	b->damaged.p[at] ^= (uint8_t)(1u << rng_below(r, 8));
	check(split(r, &b->damaged, &b->out, &b->got, &found, &err) == EINVAL,
	      "a changed bit in libxl's part is found, with an image");

	cut = rng_below(r, b->whole.len);
	if (cut == b->stream.len)
		cut++;
	b->damaged.len = 0;
	bytes_add(&b->damaged, b->whole.p, cut);
	check(split(r, &b->damaged, &b->out, &b->got, &found, &err) == EINVAL,
	      "a missing end is found");
	cut = rng_below(r, b->stream.len);
	b->damaged.len = 0;
	bytes_add(&b->damaged, b->stream.p, cut);
	check(append(r, &b->damaged, &b->image, &b->out, &err) == EINVAL,
	      "nothing is appended to a broken stream");

	b->damaged.len = 0;
	bytes_add(&b->damaged, b->whole.p, b->whole.len);
	bytes_random(&b->damaged, r, 1 + rng_below(r, 100));
	check(split(r, &b->damaged, &b->out, &b->got, &found, &err) == EINVAL,
	      "data after the image is found");
}

/* An image must look like one and have the stated length. */
static void case_image(struct rng *r, struct bench *b)
{
	struct bytes bad = {0};
	struct err err;

	bytes_add(&bad, b->image.p, b->image.len);
	bad.p[rng_below(r, 8)] ^= 0x20;
	check(append(r, &b->stream, &bad, &b->out, &err) == EINVAL,
	      "data that is no image is not appended");
	bad.len = rng_below(r, 16);
	check(append(r, &b->stream, &bad, &b->out, &err) == EINVAL,
	      "data too short for an image is refused");
	free(bad.p);
}

static void run_case(struct rng *r, struct bench *b)
{
	b->stream.len = b->image.len = 0;
	gen_stream(&b->stream, r);
	gen_image(&b->image, r);
	case_round(r, b);
	if (!complaint) {
		case_damage(r, b);
		case_image(r, b);
	}
}

static void refused(const char *what, const uint8_t *p, size_t len)
{
	struct rng r = {1};
	struct bytes in = {0}, out = {0}, got = {0};
	struct stream_found found;
	struct err err = {0};

	bytes_add(&in, p, len);
	checked++;
	if (split(&r, &in, &out, &got, &found, &err) != EINVAL) {
		printf("not ok %s\n", what);
		failed++;
	}
	free(in.p);
	free(out.p);
	free(got.p);
}

/* Complete files that are not streams for this program. */
static void check_strangers(void)
{
	static const char old[] = "Xen saved domain, xl format\n \0 \r"
				  "\4\3\2\1\1\0\0\0\0\0\0\0\0\0\0\0";
	static const char two[] = "LibxlFmt\0\0\0\3\0\0\0";
	static const char marker[] = "LibxlFmt\0\0\0\2\0\0\0\0"
				     "\1\0\0\0\10\0\0\0"
				     "........";
	static const char remus[] = "LibxlFmt\0\0\0\2\0\0\0\0"
				    "\4\0\0\0\0\0\0";

	refused("a file of xl from before 4.6", (const uint8_t *)old,
		sizeof(old) - 1);
	refused("libxl's version 3", (const uint8_t *)two, sizeof(two));
	refused("a marker with a body", (const uint8_t *)marker,
		sizeof(marker) - 1);
	refused("checkpoints", (const uint8_t *)remus, sizeof(remus));
	refused("an empty file", (const uint8_t *)"", 0);
	refused("arbitrary text", (const uint8_t *)"anything at all", 15);
}

static int make(const char *seed, const char *name)
{
	struct rng r = {strtoull(seed, NULL, 0)};
	struct bytes b = {0};
	FILE *f = fopen(name, "w");

	gen_stream(&b, &r);
	if (!f || fwrite(b.p, 1, b.len, f) != b.len || fclose(f)) {
		perror(name);
		return 2;
	}
	free(b.p);
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t seed = (uint64_t)time(NULL);
	unsigned int i, n = 2000;
	struct bench b = {0};

	if (argc == 4 && !strcmp(argv[1], "--make"))
		return make(argv[2], argv[3]);
	for (i = 1; i + 1 < (unsigned int)argc; i += 2) {
		if (!strcmp(argv[i], "-n"))
			n = (unsigned int)strtoul(argv[i + 1], NULL, 0);
		else if (!strcmp(argv[i], "-s"))
			seed = strtoull(argv[i + 1], NULL, 0);
	}
	check_strangers();
	for (i = 0; i < n; i++) {
		struct rng r = {seed + i};

		complaint = NULL;
		run_case(&r, &b);
		if (complaint) {
			printf("not ok %s (run alone: test-stream -n 1 -s %" PRIu64
			       ")\n",
			       complaint, seed + i);
			failed++;
		}
	}
	free(b.stream.p);
	free(b.image.p);
	free(b.whole.p);
	free(b.out.p);
	free(b.got.p);
	free(b.damaged.p);
	printf("# xs-stream: %u random cases, %u properties, seed %" PRIu64
	       "\n%u passed, %u failed\n",
	       n, checked, seed, n + 6 - failed, failed);
	return failed != 0;
}
