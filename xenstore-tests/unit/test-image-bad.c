// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Images that are not what they should be: cut, with wild lengths, flipped
 * bits.  Each is refused with the record, field and byte named, or read within
 * its bounds (run it with the sanitizers).
 */
#include "test-image-rich.h"

static void test_every_truncation(void **state)
{
	struct err err;
	char want[64];
	size_t len, i;
	int big;

	(void)state;
	for (big = 0; big < 2; big++) {
		struct rich *rich = rich_new(big);

		for (len = 0; len < rich->len; len++) {
			assert_int_equal(
				sample_read(rich->data, len, NULL, NULL, &err),
				EINVAL);
			if (len < IMAGE_PREAMBLE_SIZE) {
				assert_non_null(strstr(err.text, "preamble"));
				continue;
			}
			for (i = 0; i + 1 < rich->nrecs; i++) {
				if (rich->recs[i + 1].offset > len)
					break;
			}
			if (len >= rich->recs[i].offset + IMAGE_HEAD_SIZE) {
				rich_says(&err, &rich->recs[i], "len");
				continue;
			}
			snprintf(want, sizeof(want), "record %zu at byte ", i);
			assert_non_null(strstr(err.text, want));
		}
		talloc_free(rich);
	}
}

/* The integer of size bytes at p, in the image's order. */
static uint64_t get_int(const uint8_t *p, size_t size, bool big)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < size; i++)
		v = v << 8 | p[big ? i : size - 1 - i];
	return v;
}

static void put_int(uint8_t *p, size_t size, bool big, uint64_t v)
{
	size_t i;

	for (i = 0; i < size; i++, v >>= 8)
		p[big ? size - 1 - i : i] = (uint8_t)v;
}

/* Every value but the right one is refused: len fits its fields exactly. */
static void wild_length(struct rich *rich, bool big, const struct record *rec,
			size_t at, size_t size)
{
	uint64_t right = get_int(rich->data + at, size, big);
	const uint64_t wild[] = {0,	    1,		7,	    8,
				 right - 1, right + 1,	right + 8,  right * 2,
				 0x7f,	    0xff,	0x7fff,	    0x8000,
				 0xffff,    0x10000,	0x7fffffff, 0x80000000,
				 0xfffffff, 0xfffffff8, 0xffffffff, 0x40000000};
	struct err err;
	size_t i;

	for (i = 0; i < SAMPLE_COUNT(wild); i++) {
		put_int(rich->data + at, size, big, wild[i]);
		if (get_int(rich->data + at, size, big) == right)
			continue;
		assert_int_equal(
			sample_read(rich->data, rich->len, NULL, NULL, &err),
			EINVAL);
		rich_says(&err, rec, NULL);
		assert_non_null(strstr(err.text, "field "));
	}
	put_int(rich->data + at, size, big, right);
}

static void test_wild_lengths(void **state)
{
	const struct record_desc *d;
	const struct field *f, *var;
	size_t i, done = 0;
	int big;

	(void)state;
	for (i = 0, big = 0; big < 2; big++, i = 0) {
		struct rich *rich = rich_new(big);

		for (; i < rich->nrecs; i++) {
			const struct record *rec = &rich->recs[i];
			size_t body = rec->offset + IMAGE_HEAD_SIZE;

			wild_length(rich, big, rec, rec->offset + 4, 4);
			d = rec->desc;
			for (var = d->fields + d->nfixed;
			     var < d->fields + d->nfields; var++) {
				for (f = d->fields;
				     f->member != var->len_member; f++)
					;
				wild_length(rich, big, rec, body + f->offset,
					    f->size);
				done++;
			}
		}
		talloc_free(rich);
	}
	assert_true(done > 40);
}

/* What was read is written and read again: the same text. */
static bool reads_the_same(const uint8_t *data, size_t len)
{
	void *ctx = talloc_new(NULL);
	struct image_writer again;
	struct wbuf text, text2;
	struct err err;
	int rc;

	wbuf_init(&text, ctx);
	wbuf_init(&text2, ctx);
	image_writer_init(&again, ctx, data[15] & 1);
	rc = sample_read(data, len, &text, &again, &err);
	if (rc) {
		assert_int_equal(rc, EINVAL);
		assert_non_null(strstr(err.text, "at byte ")
					?: strstr(err.text, "preamble"));
		talloc_free(ctx);
		return false;
	}
	assert_false(again.buf.failed);
	rc = sample_read(again.buf.data, again.buf.len, &text2, NULL, &err);
	if (rc)
		fail_msg("%s", err.text);
	assert_int_equal(text.len, text2.len);
	assert_memory_equal(text.data, text2.data, text.len);
	talloc_free(ctx);
	return true;
}

static void test_every_flip(void **state)
{
	size_t at, read = 0, refused = 0;
	int big, bit;

	(void)state;
	for (big = 0; big < 2; big++) {
		struct rich *rich = rich_new(big);

		for (at = 0; at < rich->len; at++) {
			for (bit = 0; bit <= 8; bit++) {
				uint8_t mask =
					(uint8_t)(bit < 8 ? 1 << bit : 0xff);

				rich->data[at] ^= mask;
				if (reads_the_same(rich->data, rich->len))
					read++;
				else
					refused++;
				rich->data[at] ^= mask;
			}
		}
		talloc_free(rich);
	}
	print_message("%zu flips read, %zu refused\n", read, refused);
	assert_true(read && refused);
}

/* Several bytes at once, cuts and copies of pieces. */
static void test_random_damage(void **state)
{
	struct sample_random rnd = sample_seed();
	struct rich *rich[2] = {rich_new(false), rich_new(true)};
	uint8_t *data = talloc_size(rich[0], rich[0]->len);
	int round;

	(void)state;
	assert_non_null(data);
	for (round = 0; round < 20000; round++) {
		const struct rich *from = rich[round & 1];
		uint64_t n = 1 + sample_below(&rnd, 6);
		size_t len = from->len;

		memcpy(data, from->data, len);
		for (; n; n--)
			data[sample_below(&rnd, len)] =
				(uint8_t)sample_next(&rnd);
		if (!sample_below(&rnd, 4)) {
			size_t to = sample_below(&rnd, len - 64) & ~(size_t)7;
			size_t at = sample_below(&rnd, len - 64) & ~(size_t)7;

			memmove(data + to, data + at,
				sample_below(&rnd, 64) & ~(size_t)7);
		}
		if (!sample_below(&rnd, 8))
			len = IMAGE_PREAMBLE_SIZE +
			      sample_below(&rnd, len - IMAGE_PREAMBLE_SIZE);
		(void)reads_the_same(data, len);
	}
	talloc_free(rich[0]);
	talloc_free(rich[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_wild_lengths),
		cmocka_unit_test(test_every_flip),
		cmocka_unit_test(test_random_damage),
	};

	return cmocka_run_group_tests_name("image bad", tests, NULL, NULL);
}
