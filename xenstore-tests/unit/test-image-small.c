// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Images of a record or two: the least there can be, the longest path, what is
 * not known, what cannot be written.
 */
#include "test-image-sample.h"

static void test_end_alone(void **state)
{
	void *ctx = talloc_new(NULL);
	struct image_writer w;
	struct image_reader r;
	struct record rec;
	struct err err;
	int big, rc;

	(void)state;
	for (big = 0; big < 2; big++) {
		image_writer_init(&w, ctx, big);
		assert_int_equal(image_writer_finish(&w), 0);
		assert_int_equal(w.buf.len, 24);
		assert_int_equal(
			image_reader_init(&r, ctx, w.buf.data, 24, &err), 0);
		assert_false(image_read(&r, &rec, &rc, &err));
		assert_int_equal(rc, 0);
		assert_int_equal(r.records, 1);
		assert_false(image_read(&r, &rec, &rc, &err));
		assert_int_equal(rc, 0);
		image_reader_fini(&r);
	}
	talloc_free(ctx);
}

static void test_no_sockets(void **state)
{
	struct record rec = {.type = REC_GLOBAL_DATA,
			     .global = {.rw_fd = -1, .ro_fd = -1}};
	void *ctx = talloc_new(NULL);
	struct image_writer w;
	struct wbuf text;
	struct err err;
	int big;

	(void)state;
	for (big = 0; big < 2; big++) {
		image_writer_init(&w, ctx, big);
		image_write(&w, &rec);
		assert_int_equal(image_writer_finish(&w), 0);
		wbuf_init(&text, ctx);
		assert_int_equal(
			sample_read(w.buf.data, w.buf.len, &text, NULL, &err),
			0);
		wbuf_u8(&text, 0);
		assert_string_equal(
			(char *)text.data,
			"GLOBAL_DATA rw-socket-fd=-1 ro-socket-fd=-1\nEND\n");
	}
	talloc_free(ctx);
}

/* The longest legal path has 3072 bytes and its NUL. */
static void test_longest_path(void **state)
{
	static char path[3075];
	struct record rec = {
		.type = REC_NODE_DATA,
		.node = {.perm_count = 1, .perms = sample_n0, .path = path}};
	void *ctx = talloc_new(NULL);
	struct image_writer w;
	struct err err;
	uint16_t len;

	(void)state;
	for (len = 3072; len <= 3073; len++) {
		memset(path, 'a', len);
		path[0] = '/';
		path[len] = 0;
		rec.node.path_len = (uint16_t)(len + 1);
		image_writer_init(&w, ctx, false);
		image_write(&w, &rec);
		assert_int_equal(image_writer_finish(&w), 0);
		assert_int_equal(
			sample_read(w.buf.data, w.buf.len, NULL, NULL, &err),
			len == 3072 ? 0 : EINVAL);
	}
	assert_non_null(strstr(err.text, "path-len"));
	talloc_free(ctx);
}

static void test_unknown_optional(void **state)
{
	void *ctx = talloc_new(NULL);
	struct image_writer w;
	struct wbuf text;
	struct err err;

	(void)state;
	image_writer_init(&w, ctx, false);
	image_write(&w, &sample_spec[0]);
	image_write_raw(&w, 0x87654321, "abc\n", 4);
	image_write_raw(&w, 0xffffffff, NULL, 0);
	image_write(&w, &sample_spec[4]);
	assert_int_equal(image_writer_finish(&w), 0);
	wbuf_init(&text, ctx);
	assert_int_equal(sample_read(w.buf.data, w.buf.len, &text, NULL, &err),
			 0);
	wbuf_u8(&text, 0);
	assert_string_equal((char *)text.data,
			    "GLOBAL_DATA rw-socket-fd=3 ro-socket-fd=-1\n"
			    "UNKNOWN type=0x87654321 len=4 body=\"abc\\x0a\"\n"
			    "UNKNOWN type=0xffffffff len=0 body=\"\"\n"
			    "TRANSACTION_DATA conn-id=1 tx-id=7\nEND\n");
	talloc_free(ctx);
}

static void test_what_cannot_be_written(void **state)
{
	struct record rec = {.type = 0x81234567};
	void *ctx = talloc_new(NULL);
	struct image_writer w;

	(void)state;
	image_writer_init(&w, ctx, false);
	image_write(&w, &rec);
	assert_int_equal(image_writer_finish(&w), ENOMEM);

	image_writer_init(&w, ctx, false);
	rec.type = REC_CONN_INPUT; /* a body of 8 bytes too many */
	rec.conn_input.data_len = UINT32_MAX;
	image_write(&w, &rec);
	assert_int_equal(image_writer_finish(&w), ENOMEM);
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_end_alone),
		cmocka_unit_test(test_no_sockets),
		cmocka_unit_test(test_longest_path),
		cmocka_unit_test(test_unknown_optional),
		cmocka_unit_test(test_what_cannot_be_written),
	};

	return cmocka_run_group_tests_name("image small", tests, NULL, NULL);
}
