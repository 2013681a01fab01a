// SPDX-License-Identifier: GPL-2.0-or-later
/* Readers and writers of bytes: byte order, bounds, state after a failure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include <cmocka.h>

#include "base/buf.h"

static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13};

static void test_read_order(void **state)
{
	struct rbuf b;

	(void)state;
	rbuf_init(&b, bytes, sizeof(bytes));
	assert_int_equal(rbuf_u8(&b), 0x01);
	assert_int_equal(rbuf_u16(&b), 0x0302);
	assert_int_equal(rbuf_u32(&b), 0x07060504);
	rbuf_init(&b, bytes, sizeof(bytes));
	assert_true(rbuf_u64(&b) == 0x0807060504030201);
	b.pos = 0;
	b.big_endian = true;
	assert_int_equal(rbuf_u16(&b), 0x0102);
	assert_int_equal(rbuf_u32(&b), 0x03040506);
	b.pos = 1;
	assert_true(rbuf_u64(&b) == 0x0203040506070809);
	assert_int_equal(rbuf_left(&b), 4);
	assert_false(b.failed);
}

/* The first read beyond the end fails, and all later ones. */
static void test_read_bounds(void **state)
{
	uint8_t *copy = malloc(3);
	struct rbuf b;

	(void)state;
	assert_non_null(copy);
	memcpy(copy, bytes, 3);
	rbuf_init(&b, copy, 3);
	assert_int_equal(rbuf_u32(&b), 0);
	assert_true(b.failed);
	assert_int_equal(rbuf_u8(&b), 0);
	assert_null(rbuf_bytes(&b, 1));
	assert_int_equal(b.pos, 0);

	rbuf_init(&b, copy, 3);
	rbuf_skip(&b, 3);
	assert_false(b.failed);
	assert_int_equal(rbuf_left(&b), 0);
	assert_int_equal(rbuf_u8(&b), 0);
	assert_true(b.failed);

	rbuf_init(&b, copy, 3);
	rbuf_skip(&b, 1);
	assert_null(rbuf_bytes(&b, SIZE_MAX));
	assert_true(b.failed);

	rbuf_init(&b, copy, 3);
	assert_ptr_equal(rbuf_bytes(&b, 2), copy);
	assert_ptr_equal(rbuf_bytes(&b, 1), copy + 2);
	assert_false(b.failed);
	free(copy);
}

static void test_write_order(void **state)
{
	static const uint8_t want[] = {1,    2, 0, 0,	 5,   4,  3, 10,
				       9,    8, 7, 6,	 0,   0,  0, 0,
				       0x12, 0, 0, 0x34, 'x', '7'};
	void *ctx = talloc_new(NULL);
	struct wbuf b;

	(void)state;
	wbuf_init(&b, ctx);
	wbuf_u8(&b, 1);
	wbuf_u8(&b, 2);
	wbuf_align(&b, 4);
	wbuf_align(&b, 4);
	wbuf_u16(&b, 0x0405);
	wbuf_u8(&b, 3);
	wbuf_u32(&b, 0x0708090a);
	wbuf_u8(&b, 6);
	wbuf_zero(&b, 4);
	b.big_endian = true;
	wbuf_u32(&b, 0);
	wbuf_patch_u32(&b, 16, 0x12000034);
	wbuf_patch_u32(&b, 17, 0xffffffff); /* it is incomplete */
	wbuf_printf(&b, "x%d", 7);
	wbuf_bytes(&b, NULL, 0);
	assert_false(b.failed);
	assert_int_equal(b.len, sizeof(want));
	assert_memory_equal(b.data, want, sizeof(want));
	wbuf_u64(&b, 0x0102030405060708);
	assert_memory_equal(b.data + sizeof(want), bytes, 8);
	wbuf_fini(&b);
	assert_int_equal(talloc_total_blocks(ctx), 1);
	talloc_free(ctx);
}

/* A full fixed buffer fails and keeps its content. */
static void test_fixed(void **state)
{
	uint8_t *place = malloc(6);
	struct wbuf b;

	(void)state;
	assert_non_null(place);
	wbuf_init_fixed(&b, place, 6);
	wbuf_u32(&b, 0x04030201);
	wbuf_u32(&b, 7);
	assert_true(b.failed);
	assert_int_equal(b.len, 4);
	wbuf_u16(&b, 7); /* would fit, but bytes before it are missing */
	assert_int_equal(b.len, 4);
	assert_memory_equal(place, bytes, 4);

	wbuf_init_fixed(&b, place, 6);
	wbuf_bytes(&b, bytes, 6);
	assert_false(b.failed);
	assert_null(wbuf_space(&b, SIZE_MAX));
	assert_true(b.failed);
	wbuf_fini(&b);
	free(place);
}

static void test_growth(void **state)
{
	void *ctx = talloc_new(NULL);
	struct wbuf b;
	uint32_t i;

	(void)state;
	wbuf_init(&b, ctx);
	for (i = 0; i < 300000; i++)
		wbuf_u32(&b, i);
	assert_false(b.failed);
	assert_int_equal(b.len, 1200000);
	for (i = 0; i < 300000; i++) {
		uint32_t v;

		memcpy(&v, b.data + i * 4, sizeof(v));
		assert_true(v == i);
	}
	assert_null(wbuf_space(&b, SIZE_MAX - 8));
	assert_true(b.failed);
	talloc_free(ctx);
}

/* Larger than talloc allows in one piece; freed with its context. */
static void test_large(void **state)
{
	const size_t chunk = (size_t)50 << 20;
	void *ctx = talloc_new(NULL);
	struct wbuf b;
	uint8_t *p;
	int i;

	(void)state;
	wbuf_init(&b, ctx);
	wbuf_bytes(&b, bytes, sizeof(bytes));
	for (i = 0; i < 6; i++) {
		p = wbuf_space(&b, chunk);
		assert_non_null(p);
		p[0] = (uint8_t)i;
		p[chunk - 1] = (uint8_t)(i + 100);
	}
	assert_false(b.failed);
	assert_int_equal(b.len, 6 * chunk + sizeof(bytes));
	assert_memory_equal(b.data, bytes, sizeof(bytes));
	p = b.data + sizeof(bytes);
	for (i = 0; i < 6; i++, p += chunk) {
		assert_int_equal(p[0], i);
		assert_int_equal(p[chunk - 1], i + 100);
	}
	wbuf_fini(&b);
	assert_int_equal(talloc_total_blocks(ctx), 1);

	wbuf_init(&b, ctx);
	assert_non_null(wbuf_space(&b, 6 * chunk));
	talloc_free(ctx);
}

static void test_printf(void **state)
{
	void *ctx = talloc_new(NULL);
	char long_text[2000];
	struct wbuf b;
	size_t n;

	(void)state;
	memset(long_text, 'a', sizeof(long_text));
	for (n = 500; n < 530; n++) {
		wbuf_init(&b, ctx);
		wbuf_printf(&b, "%.*s", (int)n, long_text);
		wbuf_printf(&b, "%s", "b");
		assert_int_equal(b.len, n + 1);
		assert_memory_equal(b.data, long_text, n);
		assert_int_equal(b.data[n], 'b');
		wbuf_fini(&b);
	}
	wbuf_init_fixed(&b, long_text, 600);
	wbuf_printf(&b, "%0700d", 1);
	assert_true(b.failed);
	assert_int_equal(b.len, 0);
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_order),
		cmocka_unit_test(test_read_bounds),
		cmocka_unit_test(test_write_order),
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_printf),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
