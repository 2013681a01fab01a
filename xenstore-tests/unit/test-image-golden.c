// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The bytes of every record against images written by hand, in both byte
 * orders and both directions: structs give these bytes, these bytes give the
 * text.  Runs in the checkout's root, or finds the files by TEST_GOLDEN_DIR.
 */
#include "test-image-sample.h"

#include <ctype.h>

static FILE *golden_open(const char *name, const char *suffix)
{
	const char *dir = getenv("TEST_GOLDEN_DIR");
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s%s",
		 dir ? dir : "xenstore-tests/image/golden", name, suffix);
	f = fopen(path, "re");
	if (!f)
		fail_msg("cannot open %s", path);
	return f;
}

static uint8_t hex_digit(int c)
{
	return (uint8_t)(isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
}

/* The bytes of NAME-le.hex or NAME-be.hex. */
static void golden_bytes(struct wbuf *out, const char *name, bool big)
{
	FILE *f = golden_open(name, big ? "-be.hex" : "-le.hex");
	int c, high = -1;

	while ((c = fgetc(f)) != EOF) {
		if (c == '#') {
			while (c != '\n' && c != EOF)
				c = fgetc(f);
			continue;
		}
		if (isspace(c))
			continue;
		assert_true(isxdigit(c));
		if (high < 0) {
			high = hex_digit(c);
			continue;
		}
		wbuf_u8(out, (uint8_t)(high << 4 | hex_digit(c)));
		high = -1;
	}
	assert_int_equal(high, -1);
	fclose(f);
}

static void golden_text(struct wbuf *out, const char *name)
{
	FILE *f = golden_open(name, ".txt");
	int c;

	while ((c = fgetc(f)) != EOF)
		wbuf_u8(out, (uint8_t)c);
	fclose(f);
	wbuf_u8(out, 0);
}

static void check_golden(const char *name, const struct record *recs,
			 size_t count, bool big)
{
	void *ctx = talloc_new(NULL);
	struct wbuf bytes, text, want;
	struct image_writer w, again;
	struct err err;
	size_t i;
	int rc;

	wbuf_init(&bytes, ctx);
	wbuf_init(&text, ctx);
	wbuf_init(&want, ctx);
	golden_bytes(&bytes, name, big);
	golden_text(&want, name);

	image_writer_init(&w, ctx, big);
	sample_write(&w, recs, count);
	assert_int_equal(image_writer_finish(&w), 0);
	assert_int_equal(w.records, count + 1);
	for (i = 0; i < w.buf.len && i < bytes.len; i++) {
		if (w.buf.data[i] != bytes.data[i])
			fail_msg("%s: byte %zu is %02x, not %02x", name, i,
				 w.buf.data[i], bytes.data[i]);
	}
	assert_int_equal(w.buf.len, bytes.len);

	image_writer_init(&again, ctx, big);
	rc = sample_read(bytes.data, bytes.len, &text, &again, &err);
	if (rc)
		fail_msg("%s: %s", name, err.text);
	wbuf_u8(&text, 0);
	assert_string_equal((char *)text.data, (char *)want.data);
	assert_int_equal(again.buf.len, bytes.len);
	assert_memory_equal(again.buf.data, bytes.data, bytes.len);
	talloc_free(ctx);
}

static void test_spec(void **state)
{
	(void)state;
	check_golden("spec", sample_spec, SAMPLE_COUNT(sample_spec), false);
	check_golden("spec", sample_spec, SAMPLE_COUNT(sample_spec), true);
}

static void test_extensions(void **state)
{
	(void)state;
	check_golden("ext", sample_ext, SAMPLE_COUNT(sample_ext), false);
	check_golden("ext", sample_ext, SAMPLE_COUNT(sample_ext), true);
}

/* Fills all padding and reserved fields of the image with rubbish. */
static void spoil_padding(void *ctx, struct wbuf *bytes)
{
	struct image_reader r;
	struct record rec;
	struct err err;
	int rc;

	rc = image_reader_init(&r, ctx, bytes->data, bytes->len, &err);
	assert_int_equal(rc, 0);
	while (image_read(&r, &rec, &rc, &err)) {
		uint8_t *body = bytes->data + rec.offset + IMAGE_HEAD_SIZE;
		const struct field *f = rec.desc->fields;
		size_t at;

		for (; f < rec.desc->fields + rec.desc->nfixed; f++) {
			if (f->kind == FIELD_PAD &&
			    field_cond_holds((uint8_t *)&rec + RECORD_MEMBERS,
					     &f->when))
				memset(body + f->offset, 0xa5, f->size);
		}
		if (rec.type == REC_SPECIAL_NODE ||
		    (rec.type == REC_NODE_DATA && rec.node.perm_count))
			body[17] = 0xff; /* of the first permission */
		for (at = rec.len; at % 8; at++)
			body[at] = 0x5a;
	}
	assert_int_equal(rc, 0);
	image_reader_fini(&r);
}

/* What the format calls padding or reserved may hold anything when read. */
static void test_padding_is_ignored(void **state)
{
	static const char *const names[] = {"spec", "ext"};
	void *ctx = talloc_new(NULL);
	struct wbuf bytes, text, want;
	struct err err;
	size_t i;
	int rc;

	(void)state;
	for (i = 0; i < SAMPLE_COUNT(names); i++) {
		wbuf_init(&bytes, ctx);
		wbuf_init(&text, ctx);
		wbuf_init(&want, ctx);
		golden_bytes(&bytes, names[i], false);
		golden_text(&want, names[i]);
		spoil_padding(ctx, &bytes);
		rc = sample_read(bytes.data, bytes.len, &text, NULL, &err);
		if (rc)
			fail_msg("%s", err.text);
		wbuf_u8(&text, 0);
		assert_string_equal((char *)text.data, (char *)want.data);
	}
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spec),
		cmocka_unit_test(test_extensions),
		cmocka_unit_test(test_padding_is_ignored),
	};

	return cmocka_run_group_tests_name("image golden", tests, NULL, NULL);
}
