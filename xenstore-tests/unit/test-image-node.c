// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * NODE_DATA has a way of its own to bytes and back, for speed.  Beside it: the
 * bytes put together by hand, and the reader of streams, which goes by the
 * table.
 */
#include "test-image-sample.h"

#define ROUNDS 20000
#define NODES  4u
#define PERMS  20u

/* ---- nodes at random, and their bytes by hand ---- */

struct some_node {
	struct rec_node rec;
	struct rec_perm perms[PERMS];
	char path[80];
	uint8_t value[40];
};

static void some(struct sample_random *rnd, struct some_node *n)
{
	bool pending = !sample_below(rnd, 4);
	uint32_t i;

	memset(n, 0, sizeof(*n));
	n->rec.path_len = (uint16_t)(2 + sample_below(rnd, 70));
	n->rec.perm_count = (uint16_t)(1 + sample_below(rnd, PERMS));
	n->rec.value_len = (uint16_t)sample_below(rnd, sizeof(n->value));
	if (pending) {
		n->rec.conn_id = (uint32_t)(1 + sample_below(rnd, 9));
		n->rec.tx_id = (uint32_t)(1 + sample_below(rnd, 9));
		n->rec.access = (uint16_t)sample_below(rnd, 4);
	}
	if (pending && sample_below(rnd, 2))
		n->rec.perm_count = n->rec.value_len = 0;
	for (i = 0; i < n->rec.perm_count; i++)
		n->perms[i] = (struct rec_perm){
			(uint8_t)("wrbn"[sample_below(rnd, 4)]), 0,
			(uint16_t)sample_next(rnd)};
	memset(n->path, 'p', n->rec.path_len - 1u);
	n->path[0] = '/';
	for (i = 0; i < n->rec.value_len; i++)
		n->value[i] = (uint8_t)sample_next(rnd);
	n->rec.perms = n->perms;
	n->rec.path = n->path;
	n->rec.value = n->value;
}

static void by_hand(struct wbuf *b, const struct some_node *n)
{
	uint32_t i, len = 16u + 4u * n->rec.perm_count + n->rec.path_len +
			  n->rec.value_len;

	wbuf_u32(b, REC_NODE_DATA);
	wbuf_u32(b, len);
	wbuf_u32(b, n->rec.conn_id);
	wbuf_u32(b, n->rec.tx_id);
	wbuf_u16(b, n->rec.path_len);
	wbuf_u16(b, n->rec.value_len);
	wbuf_u16(b, n->rec.access);
	wbuf_u16(b, n->rec.perm_count);
	for (i = 0; i < n->rec.perm_count; i++) {
		wbuf_u8(b, n->perms[i].perm);
		wbuf_u8(b, 0);
		wbuf_u16(b, n->perms[i].domid);
	}
	wbuf_bytes(b, n->path, n->rec.path_len);
	wbuf_bytes(b, n->value, n->rec.value_len);
	wbuf_zero(b, -len & 7);
}

/* An image of a few, in memory of ctx; *ret_len long. */
static uint8_t *image_of(struct sample_random *rnd, void *ctx, size_t *ret_len)
{
	struct some_node *nodes = talloc_array(ctx, struct some_node, NODES);
	bool big = sample_below(rnd, 2);
	struct image_writer w;
	struct wbuf hand;
	size_t i;

	assert_non_null(nodes);
	image_writer_init(&w, ctx, big);
	wbuf_init(&hand, ctx);
	hand.big_endian = big;
	for (i = 0; i < NODES; i++) {
		some(rnd, &nodes[i]);
		by_hand(&hand, &nodes[i]);
		image_write_node(&w, &nodes[i].rec);
	}
	assert_int_equal(image_writer_finish(&w), 0);
	assert_int_equal(w.buf.len, IMAGE_PREAMBLE_SIZE + hand.len + 8);
	assert_memory_equal(w.buf.data + IMAGE_PREAMBLE_SIZE, hand.data,
			    hand.len);
	*ret_len = w.buf.len;
	return w.buf.data;
}

/* ---- two readers ---- */

struct stream {
	const uint8_t *data;
	size_t len, at, piece;
};

static int next_piece(void *arg, void *to, size_t size, size_t *ret_len,
		      struct err *err)
{
	struct stream *s = arg;
	size_t n = s->len - s->at;

	(void)err;
	n = n < size ? n : size;
	n = n < s->piece ? n : s->piece;
	memcpy(to, s->data + s->at, n);
	s->at += n;
	*ret_len = n;
	return 0;
}

static void same(const struct record *a, const struct record *b)
{
	const struct rec_node *x = &a->node, *y = &b->node;

	assert_int_equal(a->type, b->type);
	assert_int_equal(a->len, b->len);
	assert_int_equal(a->index, b->index);
	assert_int_equal(a->offset, b->offset);
	assert_ptr_equal(a->desc, b->desc);
	assert_ptr_equal(a->suspect, b->suspect);
	assert_memory_equal(a->body, b->body, a->len);
	if (a->type != REC_NODE_DATA)
		return;
	assert_int_equal(x->conn_id, y->conn_id);
	assert_int_equal(x->tx_id, y->tx_id);
	assert_int_equal(x->path_len, y->path_len);
	assert_int_equal(x->value_len, y->value_len);
	assert_int_equal(x->access, y->access);
	assert_int_equal(x->perm_count, y->perm_count);
	assert_memory_equal(x->perms, y->perms,
			    x->perm_count * sizeof(*x->perms));
	assert_memory_equal(x->path, y->path, x->path_len);
	assert_memory_equal(x->value, y->value, x->value_len);
}

/* Both readers see the same; true: all was read. */
static bool read_both(struct sample_random *rnd, void *ctx, const uint8_t *data,
		      size_t len)
{
	struct stream s = {data, len, 0, 1 + sample_below(rnd, 100)};
	struct image_reader memory, stream;
	struct record a, b;
	struct err e1 = {0}, e2 = {0};
	int rc, rc2;
	bool more;

	assert_int_equal(image_reader_init(&memory, ctx, data, len, &e1), 0);
	assert_int_equal(image_reader_init_stream(&stream, ctx, next_piece, &s,
						  &image_format_native, &e2),
			 0);
	do {
		memset(&a, 0xff, sizeof(a)); /* what is not set is seen */
		more = image_read(&memory, &a, &rc, &e1);
		assert_int_equal(more, image_read(&stream, &b, &rc2, &e2));
		assert_int_equal(rc, rc2);
		assert_int_equal(memory.records, stream.records);
		if (more)
			same(&a, &b);
	} while (more);
	if (rc)
		assert_string_equal(e1.text, e2.text);
	image_reader_fini(&memory);
	image_reader_fini(&stream);
	return !rc;
}

static void test_as_by_the_table(void **state)
{
	struct sample_random rnd = sample_seed();
	size_t i, len, refused = 0, read = 0;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		void *ctx = talloc_new(NULL);
		uint8_t *data = image_of(&rnd, ctx, &len);
		size_t at;

		assert_true(read_both(&rnd, ctx, data, len));
		/* one byte not as it should be, behind the preamble */
		at = IMAGE_PREAMBLE_SIZE +
		     sample_below(&rnd, len - IMAGE_PREAMBLE_SIZE);
		data[at] ^= (uint8_t)(1 + sample_below(&rnd, 255));
		if (read_both(&rnd, ctx, data, len))
			read++;
		else
			refused++;
		talloc_free(ctx);
	}
	printf("# a byte changed: %zu images refused, %zu read\n", refused,
	       read);
	assert_true(refused > ROUNDS / 10 && read > ROUNDS / 10);
}

/* The longest path there is, and one byte more. */
static void test_path_too_long(void **state)
{
	struct sample_random rnd = sample_seed();
	char path[3074];
	struct rec_perm perm = {'n', 0, 0};
	struct rec_node node = {.perms = &perm, .perm_count = 1, .path = path};
	int more;

	(void)state;
	for (more = 0; more < 2; more++) {
		void *ctx = talloc_new(NULL);
		struct image_writer w;

		image_writer_init(&w, ctx, false);
		node.path_len = 3;
		memcpy(path, "/a", 3);
		image_write_node(&w, &node); /* makes the scratch */
		node.path_len = (uint16_t)(3073 + more);
		memset(path, 'p', sizeof(path));
		path[0] = '/';
		path[node.path_len - 1] = '\0';
		image_write_node(&w, &node);
		assert_int_equal(image_writer_finish(&w), 0);
		assert_int_equal(read_both(&rnd, ctx, w.buf.data, w.buf.len),
				 !more);
		talloc_free(ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_path_too_long),
		cmocka_unit_test(test_as_by_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
