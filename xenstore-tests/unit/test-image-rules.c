// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Images that break one rule of the format: a field out of its limits, a
 * preamble, a record's frame.  Each is refused with the record, field and byte
 * named.
 */
#include "test-image-rich.h"

/* -- rules, one by one --------------------------------------------------- */

/* An image of rec alone is refused for that field. */
static void refused(const struct record *rec, const char *field)
{
	struct record place = {.type = rec->type};
	void *ctx = talloc_new(NULL);
	struct image_writer w;
	struct err err;
	int big;

	place.desc = record_find(rec->type);
	for (big = 0; big < 2; big++) {
		image_writer_init(&w, ctx, big);
		image_write(&w, rec);
		assert_int_equal(image_writer_finish(&w), 0);
		assert_int_equal(
			sample_read(w.buf.data, w.buf.len, NULL, NULL, &err),
			EINVAL);
		rich_says(&err, &place, field);
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
	REFUSED(rec, conn_state.flags, 128, "flags");
	rec = sample_of(REC_TX_STATE, 0);
	REFUSED(rec, tx_state.tx_id, 0, "tx-id");
	REFUSED(rec, tx_state.flags, 0x80000001, "flags");
	rec = sample_of(REC_TX_NODE, 0);
	REFUSED(rec, tx_node.did, 0x800, "did");
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
	rec = sample_of(REC_TURN, 0);
	REFUSED(rec, turn.conn_id, 0, "conn-id");
	REFUSED(rec, turn.what, 4, "what");
	rec = sample_of(REC_RING_LOOK, 0);
	REFUSED(rec, ring_look.conn_id, 0, "conn-id");
	REFUSED(rec, ring_look.flags, 2, "flags");
	REFUSED(rec, ring_look.level, 256, "level");
	rec = sample_of(REC_WATCH_LOST, 0);
	REFUSED(rec, watch_lost.conn_id, 0, "conn-id");
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
	raw_refused(0x4000000f, "", 0, "field type at byte 16");
	raw_refused(0x7fffffff, "", 0, "field type at byte 16");
}

static void test_end(void **state)
{
	struct rich *rich = rich_new(false);
	uint8_t *longer = talloc_zero_size(rich, rich->len + 8);
	struct err err;

	(void)state;
	raw_refused(REC_END, "12345678", 8, "(END, type 0x0): field len");
	raw_refused(REC_END, NULL, 0, "8 bytes follow END");
	memcpy(longer, rich->data, rich->len);
	assert_int_equal(sample_read(longer, rich->len + 1, NULL, NULL, &err),
			 EINVAL);
	assert_non_null(strstr(err.text, "1 bytes follow END"));
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
	int i, rc;

	(void)state;
	rich->data[IMAGE_PREAMBLE_SIZE] = 0x77;
	assert_int_equal(
		image_reader_init(&r, rich, rich->data, rich->len, &err), 0);
	for (i = 0; i < 3; i++) {
		assert_false(image_read(&r, &rec, &rc, &err));
		assert_int_equal(rc, EINVAL);
		assert_non_null(strstr(err.text, "record 0 (unknown"));
	}
	assert_false(image_read(&r, &rec, &rc, NULL));
	assert_int_equal(rc, EINVAL);
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
	};

	return cmocka_run_group_tests_name("image rules", tests, NULL, NULL);
}
