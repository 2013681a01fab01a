// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The dialects of Xen releases: bytes written by hand and images that stock
 * daemons wrote are read and come out of the writer again byte for byte; the
 * watches that one of them writes wrongly; which dialect an image has; images
 * from a stream.  Runs in the checkout's root.
 */
#include "test-image-sample.h"

#include <ctype.h>
#include <unistd.h>

#include "stock/dialect.h"
#include "test-stock.h"

#define GOLDEN "xenstore-tests/image/golden/"
#define DATA   "xenstore-tests/data/"

static void file_bytes(struct wbuf *out, const char *path)
{
	FILE *f = fopen(path, "re");
	int c;

	if (!f)
		fail_msg("cannot open %s", path);
	while ((c = fgetc(f)) != EOF)
		wbuf_u8(out, (uint8_t)c);
	fclose(f);
}

/* Hex digits; blanks and comments do not count. */
static void hex_bytes(struct wbuf *out, const char *path)
{
	struct wbuf text;
	size_t i, j = 0;
	unsigned int v;

	wbuf_init(&text, out->ctx);
	file_bytes(&text, path);
	for (i = 0; i < text.len; i++) {
		if (text.data[i] == '#')
			while (text.data[i] != '\n')
				i++;
		if (!isspace(text.data[i]))
			text.data[j++] = text.data[i];
	}
	for (i = 0; i + 2 <= j; i += 2) {
		assert_int_equal(sscanf((char *)text.data + i, "%2x", &v), 1);
		wbuf_u8(out, (uint8_t)v);
	}
	assert_int_equal(i, j);
}

static const struct image_format *detect(const struct wbuf *image,
					 enum image_evidence evidence)
{
	struct image_guess g;
	struct err err;

	assert_int_equal(
		image_dialect_detect(image->data, image->len, &g, &err), 0);
	assert_int_equal(g.evidence, evidence);
	return g.format;
}

/* Reads bytes and writes what was read: the same bytes; the text is in out. */
static void reads_and_writes(const struct wbuf *bytes,
			     const struct image_format *format,
			     struct wbuf *out)
{
	struct image_writer again;
	struct err err;
	int rc;

	image_writer_init_as(&again, out->ctx, bytes->data[15] & 1, format);
	rc = sample_read_as(bytes->data, bytes->len, format, out, &again, &err);
	if (rc)
		fail_msg("%s", err.text);
	assert_false(again.buf.failed);
	assert_int_equal(again.buf.len, bytes->len);
	assert_memory_equal(again.buf.data, bytes->data, bytes->len);
	wbuf_u8(out, 0);
}

static void check_golden(const char *name, bool big,
			 const struct image_format *format,
			 enum image_evidence evidence)
{
	void *ctx = talloc_new(NULL);
	struct wbuf bytes, want, text;
	char path[200];

	wbuf_init(&bytes, ctx);
	wbuf_init(&want, ctx);
	wbuf_init(&text, ctx);
	snprintf(path, sizeof(path), GOLDEN "%s-%s.hex", name,
		 big ? "be" : "le");
	hex_bytes(&bytes, path);
	snprintf(path, sizeof(path), GOLDEN "%s.txt", name);
	file_bytes(&want, path);
	wbuf_u8(&want, 0);
	assert_ptr_equal(detect(&bytes, evidence), format);
	reads_and_writes(&bytes, format, &text);
	assert_string_equal((char *)text.data, (char *)want.data);
	talloc_free(ctx);
}

static void test_golden(void **state)
{
	int big;

	(void)state;
	for (big = 0; big < 2; big++) {
		check_golden("xen1", big, &stock_xen1, IMAGE_BY_XEN_RECORD);
		check_golden("xen2", big, &stock_xen2, IMAGE_BY_VERSION);
		check_golden("spec", big, &image_format_native,
			     IMAGE_BY_CONNECTION);
		check_golden("ext", big, &image_format_native,
			     IMAGE_BY_OUR_RECORD);
	}
}

static void test_stock_images(void **state)
{
	void *ctx = talloc_new(NULL);
	struct wbuf bytes, text;

	(void)state;
	wbuf_init(&bytes, ctx);
	wbuf_init(&text, ctx);
	file_bytes(&bytes, DATA "xen-4.17-two-pv-guests.img");
	assert_ptr_equal(detect(&bytes, IMAGE_BY_XEN_RECORD), &stock_xen1);
	reads_and_writes(&bytes, &stock_xen1, &text);
	wbuf_init(&bytes, ctx);
	wbuf_init(&text, ctx);
	file_bytes(&bytes, DATA "xen-4.23-store-only.img");
	assert_ptr_equal(detect(&bytes, IMAGE_BY_VERSION), &stock_xen2);
	reads_and_writes(&bytes, &stock_xen2, &text);
	assert_non_null(strstr((char *)text.data, "soft-memory"));
	talloc_free(ctx);
}

/* -- which dialect ------------------------------------------------------- */

/* An image of these records is seen to be of that dialect. */
static void seen_as(const struct record *recs, size_t n,
		    const struct image_format *written,
		    const struct image_format *format,
		    enum image_evidence evidence)
{
	void *ctx = talloc_new(NULL);
	struct image_writer w;
	int big;

	for (big = 0; big < 2; big++) {
		image_writer_init_as(&w, ctx, big, written);
		sample_write(&w, recs, n);
		assert_int_equal(image_writer_finish(&w), 0);
		assert_ptr_equal(detect(&w.buf, evidence), format);
		/* as a stock daemon does when told to write version 1 */
		if (written == &stock_xen2) {
			w.buf.data[11] = 1;
			assert_ptr_equal(
				detect(&w.buf,
				       evidence ? evidence : IMAGE_BY_NOTHING),
				evidence ? format : &image_format_native);
		}
	}
	talloc_free(ctx);
}

static void test_detection(void **state)
{
	static const struct record ring = {
		.type = REC_CONNECTION_DATA,
		.conn = {.conn_id = 1, .domid = 5, .tdomid = 0x7ff4}};
	struct record recs[2] = {ring, ring};

	(void)state;
	seen_as(NULL, 0, &image_format_native, &image_format_native,
		IMAGE_BY_NOTHING);
	seen_as(NULL, 0, &stock_xen2, &stock_xen2, IMAGE_BY_VERSION);
	/* an idle one, its padding counted, is as long here as there */
	seen_as(&ring, 1, &image_format_native, &image_format_native,
		IMAGE_BY_CONNECTION);
	seen_as(&ring, 1, &stock_xen1, &image_format_native, IMAGE_BY_NOTHING);
	recs[1].conn.data = BYTES_OF("0123456789");
	recs[1].conn.data_len = 10;
	seen_as(recs, 2, &image_format_native, &image_format_native,
		IMAGE_BY_CONNECTION);
	seen_as(recs, 2, &stock_xen1, &stock_xen1, IMAGE_BY_CONNECTION);
	recs[0].type = REC_DOMAIN_DATA;
	seen_as(recs, 1, &stock_xen1, &stock_xen1, IMAGE_BY_XEN_RECORD);
}

static void test_detection_of_no_image(void **state)
{
	static const char bad[][17] = {"", "xenstore", "xenstorf\0\0\0\1\0\0\0",
				       "xenstore\0\0\0\3\0\0\0",
				       "xenstore\0\0\0\1\0\0\0\2"};
	struct image_guess g;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < SAMPLE_COUNT(bad); i++) {
		assert_int_equal(
			image_dialect_detect(bad[i], i == 1 ? 8 : 16, &g, &err),
			EINVAL);
		assert_non_null(strstr(err.text, "preamble"));
	}
}

/* -- the watches of 4.21 ------------------------------------------------- */

/*
 * Appends such a watch as its writer makes it: 12 bytes counted, 8 written,
 * filled up to a multiple of 8 of the stream.
 */
static void put_short_watch(struct wbuf *b, const char *wpath,
			    const char *token)
{
	size_t wl = strlen(wpath) + 1, tl = strlen(token) + 1;

	wbuf_u32(b, REC_WATCH_DATA_EXTENDED);
	wbuf_u32(b, (uint32_t)((12 + wl + tl + 7) & ~(size_t)7));
	wbuf_u32(b, 1);
	wbuf_u16(b, (uint16_t)wl);
	wbuf_u16(b, (uint16_t)tl);
	wbuf_bytes(b, wpath, wl);
	wbuf_bytes(b, token, tl);
	wbuf_align(b, 8);
}

static void test_short_watches(void **state)
{
	static const char paths[] = "/abcdefghijklmnop";
	void *ctx = talloc_new(NULL);
	struct image_writer w;
	struct wbuf text, want;
	char path[32];
	struct err err;
	size_t n, last;

	(void)state;
	/* one in the middle, one just before END, and of each length */
	for (n = 1; n < sizeof(paths); n++) {
		image_writer_init_as(&w, ctx, n & 1, &stock_xen2);
		wbuf_init(&want, ctx);
		wbuf_init(&text, ctx);
		memcpy(path, paths, n);
		path[n] = 0;
		for (last = 0; last < 2; last++) {
			put_short_watch(&w.buf, path, "t");
			wbuf_printf(&want,
				    "WATCH_DATA_EXTENDED conn-id=1 "
				    "depth=65535 wpath=\"%s\" token=\"t\" "
				    "(depth lost by its writer)\n",
				    path);
			if (last)
				break;
			image_write(&w, &sample_spec[3]);
			wbuf_printf(&want, "WATCH_DATA conn-id=1 "
					   "wpath=\"device\" token=\"tok\"\n");
		}
		assert_int_equal(image_writer_finish(&w), 0);
		wbuf_printf(&want, "END\n");
		if (sample_read_as(w.buf.data, w.buf.len, &stock_xen2, &text,
				   NULL, &err))
			fail_msg("%s: %s", path, err.text);
		wbuf_u8(&want, 0);
		wbuf_u8(&text, 0);
		assert_string_equal((char *)text.data, (char *)want.data);
	}
	talloc_free(ctx);
}

/* Their strings have the limits of the row. */
static void test_short_watch_limits(void **state)
{
	void *ctx = talloc_new(NULL);
	struct image_writer w;
	struct err err;

	(void)state;
	image_writer_init_as(&w, ctx, false, &stock_xen2);
	put_short_watch(&w.buf, "", "token");
	assert_int_equal(image_writer_finish(&w), 0);
	assert_int_equal(sample_read_as(w.buf.data, w.buf.len, &stock_xen2,
					NULL, NULL, &err),
			 EINVAL);
	assert_non_null(strstr(err.text, "field wpath-len"));
	talloc_free(ctx);
}

/* -- rules --------------------------------------------------------------- */

static void xen_refused(const struct record *rec, const char *words)
{
	void *ctx = talloc_new(NULL);
	struct image_writer w;
	struct err err;

	image_writer_init_as(&w, ctx, false, &stock_xen1);
	image_write(&w, rec);
	assert_int_equal(image_writer_finish(&w), 0);
	assert_int_equal(sample_read_as(w.buf.data, w.buf.len, &stock_xen1,
					NULL, NULL, &err),
			 EINVAL);
	if (!strstr(err.text, words))
		fail_msg("\"%s\" does not say \"%s\"", err.text, words);
	talloc_free(ctx);
}

static void test_rules(void **state)
{
	static const uint32_t values[] = {1, 2};
	struct record conn = STOCK(REC_CONNECTION_DATA,
				   .conn = {.conn.conn_id = 1, .fields = 2});
	struct record quota = STOCK(
		REC_DOMAIN_DATA,
		.domain = {.n_quota = 2, .values = values, .names = "a\0"});
	struct record watch =
		STOCK(REC_WATCH_DATA_EXTENDED, .watch.watch = {.conn_id = 1,
							       .wpath_len = 3,
							       .token_len = 2,
							       .wpath = "abc",
							       .token = "t"});

	(void)state;
	xen_refused(&conn, "field fields at byte 30: found 2");
	xen_refused(&quota, "field names at byte 42: found an empty name");
	xen_refused(&watch, "field wpath at byte 38: found no NUL");
	watch.watch.wpath = "ab";
	watch.watch.conn_id = 0;
	xen_refused(&watch, "field conn-id at byte 24: found 0");
}

static void test_ours_are_not_known(void **state)
{
	void *ctx = talloc_new(NULL);
	struct image_writer w;
	struct err err;

	(void)state;
	image_writer_init_as(&w, ctx, false, &stock_xen2);
	image_write_raw(&w, REC_CONN_OUTPUT, "12345678", 8);
	assert_int_equal(image_writer_finish(&w), 0);
	assert_int_equal(sample_read_as(w.buf.data, w.buf.len, &stock_xen2,
					NULL, NULL, &err),
			 EINVAL);
	assert_non_null(strstr(err.text, "field type at byte 16"));
	talloc_free(ctx);
}

/* -- streams ------------------------------------------------------------- */

struct pipe_of {
	const uint8_t *p;
	size_t len;
	struct sample_random *rnd;
};

/* A few bytes at a time. */
static int some_bytes(void *arg, void *to, size_t size, size_t *ret_len,
		      struct err *err)
{
	struct pipe_of *pipe = arg;
	size_t n = 1 + sample_below(pipe->rnd, 40);

	(void)err;
	if (n > size)
		n = size;
	if (n > pipe->len)
		n = pipe->len;
	memcpy(to, pipe->p, n);
	pipe->p += n;
	pipe->len -= n;
	*ret_len = n;
	return 0;
}

/* The text of an image read from a stream, then the error if there is one. */
static int stream_text(struct sample_random *rnd, const void *data, size_t len,
		       const struct image_format *format, struct wbuf *out,
		       struct err *err)
{
	struct pipe_of pipe = {data, len, rnd};
	struct image_reader r;
	struct record rec;
	bool more = true;
	int rc, rc2;

	rc = image_reader_init_stream(&r, out->ctx, some_bytes, &pipe, format,
				      err);
	while (more && !rc) {
		more = image_read(&r, &rec, &rc, err);
		if (!rc)
			image_text(out, &rec);
	}
	/* what an error leaves can be asked again */
	if (rc && r.source) {
		assert_false(image_read(&r, &rec, &rc2, NULL));
		assert_int_equal(rc2, rc);
	}
	image_reader_fini(&r);
	return rc;
}

/* Whole or cut: a stream says just what memory says. */
static void test_streams(void **state)
{
	static const char *const names[] = {"spec-le", "ext-be", "xen1-le",
					    "xen2-be"};
	static const struct image_format *const formats[] = {
		&image_format_native, &image_format_native, &stock_xen1,
		&stock_xen2};
	struct sample_random rnd = sample_seed();
	struct wbuf bytes, text, text2;
	struct err err, err2;
	char path[200];
	size_t i, len;
	void *ctx;

	(void)state;
	for (i = 0; i < SAMPLE_COUNT(names); i++) {
		ctx = talloc_new(NULL);
		wbuf_init(&bytes, ctx);
		snprintf(path, sizeof(path), GOLDEN "%s.hex", names[i]);
		hex_bytes(&bytes, path);
		for (len = IMAGE_PREAMBLE_SIZE; len <= bytes.len; len++) {
			wbuf_init(&text, ctx);
			wbuf_init(&text2, ctx);
			memset(&err2, 0, sizeof(err2));
			assert_int_equal(
				sample_read_as(bytes.data, len, formats[i],
					       &text, NULL, &err),
				stream_text(&rnd, bytes.data, len, formats[i],
					    &text2, &err2));
			assert_string_equal(err.text, err2.text);
			assert_int_equal(text.len, text2.len);
			assert_memory_equal(text.data, text2.data, text.len);
		}
		talloc_free(ctx);
	}
}

/* A wild length does not make the reader ask for so much memory. */
static void test_stream_memory(void **state)
{
	struct sample_random rnd = sample_seed();
	void *ctx = talloc_new(NULL);
	struct pipe_of pipe = {.rnd = &rnd};
	struct image_writer w;
	struct image_reader r;
	struct record rec;
	struct err err;
	int rc;

	(void)state;
	image_writer_init(&w, ctx, false);
	image_write_raw(&w, REC_OPTIONAL + 77, "12345678", 8);
	memset(w.buf.data + IMAGE_PREAMBLE_SIZE + 4, 0xff, 4);
	pipe.p = w.buf.data;
	pipe.len = w.buf.len;
	assert_int_equal(image_reader_init_stream(&r, ctx, some_bytes, &pipe,
						  &image_format_native, &err),
			 0);
	assert_false(image_read(&r, &rec, &rc, &err));
	assert_int_equal(rc, EINVAL);
	assert_non_null(strstr(err.text, "8 bytes are left"));
	assert_true(r.window.size <= 1 << 18);
	image_reader_fini(&r);
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_stock_images),
		cmocka_unit_test(test_detection),
		cmocka_unit_test(test_detection_of_no_image),
		cmocka_unit_test(test_short_watches),
		cmocka_unit_test(test_short_watch_limits),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_ours_are_not_known),
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_stream_memory),
	};

	return cmocka_run_group_tests_name("image xen", tests, NULL, NULL);
}
