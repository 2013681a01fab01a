// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Images that are not what they should be: cut, with wild lengths, flipped
 * bits, broken rules.  Each is refused with the record, field and byte named,
 * or read within its bounds (run it with the sanitizers).
 */
#include "test-image-sample.h"

/* The rich image, to be spoiled, and where its records are. */
struct rich {
	struct image_writer w;
	uint8_t *data;
	size_t len;
	struct record recs[64];
	size_t nrecs;
};

static struct rich *rich_new(bool big)
{
	struct rich *rich = talloc_zero(NULL, struct rich);
	struct image_reader r;
	struct err err;
	int rc;

	assert_non_null(rich);
	sample_rich(&rich->w, rich, big);
	rich->data = rich->w.buf.data;
	rich->len = rich->w.buf.len;
	rc = image_reader_init(&r, rich, rich->data, rich->len, &err);
	assert_int_equal(rc, 0);
	do {
		rc = image_read(&r, &rich->recs[rich->nrecs++], &err);
		assert_true(rich->nrecs < SAMPLE_COUNT(rich->recs));
	} while (!rc);
	assert_int_equal(rc, ENOENT);
	image_reader_fini(&r);
	return rich;
}

/* err says which record, what field (unless NULL) and which byte. */
static void check_says(const struct err *err, const struct record *rec,
		       const char *field)
{
	char want[80];

	assert_int_equal(err->code, EINVAL);
	snprintf(want, sizeof(want), "record %llu (%s, type 0x%x): ",
		 (unsigned long long)rec->index, rec->desc->name, rec->type);
	if (strncmp(err->text, want, strlen(want)) ||
	    !strstr(err->text, "at byte "))
		fail_msg("\"%s\" does not begin with \"%s\"", err->text, want);
	snprintf(want, sizeof(want), "field %s ", field);
	if (field && !strstr(err->text, want))
		fail_msg("\"%s\" does not say \"%s\"", err->text, want);
}

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
				check_says(&err, &rich->recs[i], "len");
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
		check_says(&err, rec, NULL);
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

/* -- rules, one by one --------------------------------------------------- */

/* An image of rec alone is refused for that field. */
static void refused(const struct record *rec, const char *field)
{
	struct record place = {.type = rec->type};
	void *ctx = talloc_new(NULL);
	struct image_writer w;
	struct err err;
	int big;

	place.desc = record_find(rec->type, REC_DIALECT_SPEC);
	for (big = 0; big < 2; big++) {
		image_writer_init(&w, ctx, big);
		image_write(&w, rec);
		assert_int_equal(image_writer_finish(&w), 0);
		assert_int_equal(
			sample_read(w.buf.data, w.buf.len, NULL, NULL, &err),
			EINVAL);
		check_says(&err, &place, field);
	}
	talloc_free(ctx);
}

/* A copy of the first sample record of that type, found from `from` on. */
static struct record sample_of(uint32_t type, size_t from)
{
	const struct record *rec = sample_spec + from;

	if (type > REC_NODE_DATA)
		rec = sample_ext;
	while (rec->type != type)
		rec++;
	return *rec;
}

#define REFUSED(rec, member, value, field)                                     \
	do {                                                                   \
		struct record spoilt = (rec);                                  \
                                                                               \
		spoilt.member = (value);                                       \
		refused(&spoilt, field);                                       \
	} while (0)

static void test_connection_rules(void **state)
{
	struct record ring = sample_of(REC_CONNECTION_DATA, 0);
	struct record sock = sample_of(REC_CONNECTION_DATA, 2);
	struct record global = sample_of(REC_GLOBAL_DATA, 0);

	(void)state;
	REFUSED(global, global.rw_fd, -2, "rw-socket-fd");
	REFUSED(global, global.ro_fd, INT32_MIN, "ro-socket-fd");
	REFUSED(ring, conn.conn_id, 0, "conn-id");
	REFUSED(ring, conn.type, 2, "conn-type");
	REFUSED(ring, conn.type, 0xffff, "conn-type");
	REFUSED(ring, conn.flags, 1, "flags");
	REFUSED(sock, conn.conn_id, 0, "conn-id");
	REFUSED(sock, conn.flags, 2, "flags");
	REFUSED(sock, conn.flags, 0x8001, "flags");
	REFUSED(sock, conn.fd, -1, "socket-fd");
}

static void test_watch_rules(void **state)
{
	struct record rec = sample_of(REC_WATCH_DATA, 0);

	(void)state;
	REFUSED(rec, watch.conn_id, 0, "conn-id");
	REFUSED(rec, watch.wpath, "device/", "wpath");
	REFUSED(rec, watch.wpath, "dev\0ce", "wpath");
	REFUSED(rec, watch.token, "toke", "token");
	REFUSED(rec, watch.token, "t\0k", "token");
	REFUSED(rec, watch.wpath_len, 0, "wpath-len");
	REFUSED(rec, watch.wpath_len, 1, "wpath-len");
	REFUSED(rec, watch.token_len, 0, "token-len");
	rec = sample_of(REC_TRANSACTION_DATA, 0);
	REFUSED(rec, tx.conn_id, 0, "conn-id");
	REFUSED(rec, tx.tx_id, 0, "tx-id");
}

static void test_node_rules(void **state)
{
	static const struct rec_perm bad[] = {{'n', 0, 0}, {'x', 0, 1}};
	static const struct rec_perm none[] = {{0, 0, 0}, {'r', 0, 1}};
	struct record node = sample_of(REC_NODE_DATA, 6);
	struct record gone = sample_of(REC_NODE_DATA, 8);

	(void)state;
	REFUSED(node, node.perm_count, 0, "perm-count");
	REFUSED(node, node.perms, bad, "perms");
	REFUSED(node, node.perms, none, "perms");
	REFUSED(node, node.path, "xa", "path");
	REFUSED(node, node.path, "@a", "path");
	REFUSED(node, node.path, "/\0", "path");
	REFUSED(node, node.path, "/ab", "path");
	REFUSED(node, node.path_len, 0, "path-len");
	REFUSED(node, node.path_len, 1, "path-len");
	REFUSED(gone, node.tx_id, 0, "tx-id");
	REFUSED(gone, node.access, 4, "access");
	gone.node.value = BYTES_OF("v");
	REFUSED(gone, node.value_len, 1, "value-len");
}

static void test_extension_rules(void **state)
{
	struct record rec = sample_of(REC_HEADER, 0);

	(void)state;
	REFUSED(rec, header.dialect, 1, "dialect");
	REFUSED(rec, header.scope, 2, "scope");
	REFUSED(rec, header.writer, "a\0b", "writer");
	rec = sample_of(REC_CONN_STATE, 0);
	REFUSED(rec, conn_state.conn_id, 0, "conn-id");
	REFUSED(rec, conn_state.flags, 32, "flags");
	rec = sample_of(REC_TX_STATE, 0);
	REFUSED(rec, tx_state.tx_id, 0, "tx-id");
	REFUSED(rec, tx_state.flags, 0x80000001, "flags");
	rec = sample_of(REC_TX_NODE, 0);
	REFUSED(rec, tx_node.did, 0x200, "did");
	REFUSED(rec, tx_node.path, "ab", "path");
	rec = sample_of(REC_TX_CHILDREN, 0);
	REFUSED(rec, tx_children.names, "a\0bcd", "names");
	REFUSED(rec, tx_children.names, "\0abc", "names");
	REFUSED(rec, tx_children.names, "a\0\0c", "names");
	rec = sample_of(REC_SPECIAL_NODE, 0);
	REFUSED(rec, special.path, "/releaseDomain", "path");
	REFUSED(rec, special.perm_count, 0, "perm-count");
	rec = sample_of(REC_DOMAIN_STATE, 0);
	REFUSED(rec, domain.flags, 16, "flags");
	rec = sample_of(REC_HANDOFF, 0);
	REFUSED(rec, handoff.evtchn_fd, -2, "evtchn-fd");
	rec = sample_of(REC_QUOTA, 0);
	REFUSED(rec, quota.soft, 2, "soft");
}

/* -- framing ------------------------------------------------------------- */

static void test_preamble(void **state)
{
	struct rich *rich = rich_new(false);
	struct err err;

	(void)state;
	rich->data[0] ^= 1;
	assert_int_equal(sample_read(rich->data, rich->len, NULL, NULL, &err),
			 EINVAL);
	assert_non_null(strstr(err.text, "ident"));
	rich->data[0] ^= 1;
	rich->data[11] = 2;
	assert_int_equal(sample_read(rich->data, rich->len, NULL, NULL, &err),
			 EINVAL);
	assert_string_equal(err.text, "preamble: field version at byte 8: "
				      "found 2, allowed 1");
	rich->data[11] = 1;
	rich->data[15] = 2;
	assert_int_equal(sample_read(rich->data, rich->len, NULL, NULL, &err),
			 EINVAL);
	assert_non_null(strstr(err.text, "flags at byte 12"));
	talloc_free(rich);
}

/* An image of this record and END is refused with these words. */
static void raw_refused(uint32_t type, const void *body, uint32_t len,
			const char *words)
{
	void *ctx = talloc_new(NULL);
	struct image_writer w;
	struct err err;

	image_writer_init(&w, ctx, false);
	image_write_raw(&w, type, body, len);
	assert_int_equal(image_writer_finish(&w), 0);
	assert_int_equal(sample_read(w.buf.data, w.buf.len, NULL, NULL, &err),
			 EINVAL);
	if (!strstr(err.text, words))
		fail_msg("\"%s\" does not say \"%s\"", err.text, words);
	talloc_free(ctx);
}

static void test_unknown_types(void **state)
{
	(void)state;
	raw_refused(6, "", 0, "record 0 (unknown, type 0x6): field type at");
	raw_refused(0x3fffffff, "", 0, "field type at byte 16");
	raw_refused(0x40000000, "", 0, "field type at byte 16");
	raw_refused(0x4000000c, "", 0, "field type at byte 16");
	raw_refused(0x7fffffff, "", 0, "field type at byte 16");
}

static void test_end(void **state)
{
	struct rich *rich = rich_new(false);
	uint8_t *longer = talloc_zero_size(rich, rich->len + 8);
	struct err err;

	(void)state;
	raw_refused(REC_END, "12345678", 8, "(END, type 0x0): field len");
	raw_refused(REC_END, NULL, 0, "8 bytes behind END");
	memcpy(longer, rich->data, rich->len);
	assert_int_equal(sample_read(longer, rich->len + 1, NULL, NULL, &err),
			 EINVAL);
	assert_non_null(strstr(err.text, "1 bytes behind END"));
	assert_int_equal(
		sample_read(rich->data, rich->len - 8, NULL, NULL, &err),
		EINVAL);
	assert_non_null(strstr(err.text, "ends without END"));
	talloc_free(rich);
}

/* After an error the reader stands where it stood. */
static void test_error_stays(void **state)
{
	struct rich *rich = rich_new(false);
	struct image_reader r;
	struct record rec;
	struct err err;
	int i;

	(void)state;
	rich->data[IMAGE_PREAMBLE_SIZE] = 0x77;
	assert_int_equal(
		image_reader_init(&r, rich, rich->data, rich->len, &err), 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(image_read(&r, &rec, &err), EINVAL);
		assert_non_null(strstr(err.text, "record 0 (unknown"));
	}
	assert_int_equal(image_read(&r, &rec, NULL), EINVAL);
	image_reader_fini(&r);
	talloc_free(rich);
}

/*
 * What a stock daemon writes at version 1 is framed alike and laid out
 * otherwise: input and output lengths @16..20 and data @24.  Not misread.
 */
static void test_stock_connection(void **state)
{
	static const uint8_t idle[24] = {1, [8] = 1, [10] = 0xf4, 0x7f, 3};
	static const uint8_t busy[32] = {
		1, [8] = 1, [10] = 0xf4, 0x7f, 3, [16] = 2, 0, 0, 0, 6};

	(void)state;
	raw_refused(REC_CONNECTION_DATA, idle, sizeof(idle),
		    "field len at byte 20: found 24, allowed 20");
	raw_refused(REC_CONNECTION_DATA, busy, sizeof(busy),
		    "field len at byte 20: found 32, allowed 22");
	raw_refused(REC_NODE_DATA,
		    "\0\0\0\0\0\0\0\0\x11\0\0\0\0\0\1\0n\0\0\0@introduceDomain",
		    37, "found first byte 0x40, allowed '/'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_preamble),
		cmocka_unit_test(test_unknown_types),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_error_stays),
		cmocka_unit_test(test_stock_connection),
		cmocka_unit_test(test_connection_rules),
		cmocka_unit_test(test_watch_rules),
		cmocka_unit_test(test_node_rules),
		cmocka_unit_test(test_extension_rules),
		cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_wild_lengths),
		cmocka_unit_test(test_every_flip),
		cmocka_unit_test(test_random_damage),
	};

	return cmocka_run_group_tests_name("image bad", tests, NULL, NULL);
}
