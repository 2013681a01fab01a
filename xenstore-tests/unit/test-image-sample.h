/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The images that test-image*.c share: two lists of records as structs (the
 * same that image/golden holds as bytes), one of all of them, and small
 * helpers to write, read and show.  Knows the image room and nothing else.
 */
#ifndef TEST_IMAGE_SAMPLE_H
#define TEST_IMAGE_SAMPLE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include <cmocka.h>

#include "image/format.h"
#include "image/image.h"
#include "image/table.h"
#include "image/text.h"

#define BYTES_OF(s) ((const uint8_t *)(s))

static const struct rec_perm sample_n0[] = {{'n', 0, 0}};
static const struct rec_perm sample_n0r5[] = {{'n', 0, 0}, {'r', 0, 5}};
static const struct rec_perm sample_b5[] = {{'b', 0, 5}};
static const struct rec_perm sample_r0[] = {{'r', 0, 0}};
static const struct rec_generation sample_gens[] = {{10, 11}, {12, 13}};

static const struct record sample_spec[] = {
	{.type = REC_GLOBAL_DATA, .global = {.rw_fd = 3, .ro_fd = -1}},
	{.type = REC_CONNECTION_DATA,
	 .conn = {.conn_id = 1,
		  .type = REC_CONN_RING,
		  .domid = 5,
		  .tdomid = 0x7ff4,
		  .evtchn = 9,
		  .data_len = 5,
		  .data = BYTES_OF("hello")}},
	{.type = REC_CONNECTION_DATA,
	 .conn = {.conn_id = 2,
		  .type = REC_CONN_SOCKET,
		  .flags = REC_CONN_READ_ONLY,
		  .fd = 12}},
	{.type = REC_WATCH_DATA,
	 .watch = {.conn_id = 1,
		   .wpath_len = 7,
		   .token_len = 4,
		   .wpath = "device",
		   .token = "tok"}},
	{.type = REC_TRANSACTION_DATA, .tx = {.conn_id = 1, .tx_id = 7}},
	{.type = REC_NODE_DATA,
	 .node = {.path_len = 2,
		  .perm_count = 1,
		  .perms = sample_n0,
		  .path = "/"}},
	{.type = REC_NODE_DATA,
	 .node = {.path_len = 3,
		  .value_len = 2,
		  .perm_count = 2,
		  .perms = sample_n0r5,
		  .path = "/a",
		  .value = BYTES_OF("\0x")}},
	{.type = REC_NODE_DATA,
	 .node = {.conn_id = 1,
		  .tx_id = 7,
		  .path_len = 3,
		  .value_len = 1,
		  .access = REC_NODE_READ | REC_NODE_WRITTEN,
		  .perm_count = 1,
		  .perms = sample_b5,
		  .path = "/a",
		  .value = BYTES_OF("v")}},
	{.type = REC_NODE_DATA,
	 .node = {.conn_id = 1, .tx_id = 7, .path_len = 3, .path = "/b"}},
};

static const struct record sample_ext[] = {
	{.type = REC_HEADER,
	 .header = {.writer_len = 4,
		    .nodes = 258,
		    .conns = 3,
		    .watches = 4,
		    .txs = 5,
		    .digest = 0x1122334455667788,
		    .writer = "a 1"}},
	{.type = REC_STORE_STATE,
	 .store = {.generation = 0x10000000010, .next_conn_id = 11}},
	{.type = REC_CONN_STATE,
	 .conn_state = {.conn_id = 1,
			.flags = REC_CONN_IGNORED | REC_CONN_NO_RING,
			.next_tx_id = 42}},
	{.type = REC_CONN_INPUT,
	 .conn_input = {.conn_id = 1,
			.data_len = 3,
			.data = BYTES_OF("\x01\xff\x00")}},
	{.type = REC_CONN_OUTPUT, .conn_output = {.conn_id = 1, .partial = 4}},
	{.type = REC_TX_STATE,
	 .tx_state = {.conn_id = 1,
		      .tx_id = 7,
		      .flags = REC_TX_DOOMED,
		      .age_ms = 1000,
		      .created_seq = 6}},
	{.type = REC_TX_NODE,
	 .tx_node = {.conn_id = 1,
		     .tx_id = 7,
		     .did = REC_TX_VALUE | REC_TX_WRITTEN | REC_TX_CREATED,
		     .path_len = 3,
		     .created_seq = 5,
		     .generation = 12,
		     .children_generation = 13,
		     .event_order = 3,
		     .path = "/a"}},
	{.type = REC_TX_CHILDREN,
	 .tx_children = {.conn_id = 1,
			 .tx_id = 7,
			 .path_len = 2,
			 .names_len = 5,
			 .path = "/",
			 .names = "a\0bc"}},
	{.type = REC_SPECIAL_NODE,
	 .special = {.path_len = 15,
		     .perm_count = 1,
		     .generation = 14,
		     .perms = sample_r0,
		     .path = "@releaseDomain"}},
	{.type = REC_DOMAIN_STATE,
	 .domain = {.domid = 5,
		    .flags = REC_DOM_INTRODUCED | REC_DOM_UNUSED,
		    .conn_id = 1,
		    .local_port = 33,
		    .handle_hi = 1,
		    .handle_lo = 2}},
	{.type = REC_WATCH_DEPTH,
	 .watch_depth = {.conn_id = 1, .index = 2, .depth = 3}},
	{.type = REC_DOM_FEATURES, .features = {.domid = 5, .features = 3}},
	{.type = REC_TX_BASE,
	 .tx_base = {.conn_id = 1,
		     .tx_id = 7,
		     .path_len = 3,
		     .flags = REC_TX_BASE_THERE,
		     .content = 21,
		     .children = 22,
		     .path = "/a"}},
	{.type = REC_TX_ENTRY,
	 .tx_entry = {.conn_id = 1,
		      .tx_id = 7,
		      .parent = 2,
		      .did = REC_TX_LISTED | REC_TX_WRITTEN,
		      .flags = REC_TX_ENTRY_WAY,
		      .name_len = 2,
		      .value_len = 3,
		      .perm_count = 1,
		      .names_len = 5,
		      .created_seq = 5,
		      .event_order = 3,
		      .generation = 12,
		      .children_generation = 13,
		      .name = "a",
		      .perms = sample_r0,
		      .value = BYTES_OF("\x01\xff\x00"),
		      .names = "a\0bc"}},
	{.type = REC_NODE_EFFECT,
	 .node_effect = {.kind = REC_NODE_CREATED,
			 .path_len = 3,
			 .value_len = 3,
			 .perm_count = 1,
			 .number = 5,
			 .generation = 12,
			 .perms = sample_r0,
			 .path = "/a",
			 .value = BYTES_OF("\x01\xff\x00")}},
	{.type = REC_CONN_EFFECT,
	 .conn_effect = {.conn_id = 1,
			 .kind = REC_CONN_WATCH,
			 .wpath_len = 3,
			 .token_len = 2,
			 .depth = 2,
			 .wpath = "/a",
			 .token = "t"}},
	{.type = REC_NODE_GENERATIONS,
	 .generations = {.count = 2, .gens = sample_gens}},
	{.type = REC_HANDOFF,
	 .handoff = {.evtchn_fd = 8, .epoll_fd = -1, .virq_port = 17}},
	{.type = REC_UPDATE, .update = {.conn_id = 1, .reply_len = 19}},
	{.type = REC_QUOTA,
	 .quota = {.domid = 0xffff,
		   .name_len = 6,
		   .soft = 1,
		   .value = 1000,
		   .name = "nodes"}},
	{.type = REC_LOG, .log = {.switches = 3, .path_len = 3, .path = "/t"}},
	{.type = REC_QUOTA_COUNT,
	 .quota_count =
		 {.domid = 5, .name_len = 6, .count = 7, .name = "nodes"}},
	{.type = REC_CONN_CREDIT,
	 .conn_credit = {.conn_id = 1, .busy_ms = 2500, .wait_ms = 1251}},
	{.type = REC_UPDATE_RUN,
	 .update_run = {.stopped_us = 0x20000000030,
			.rehearsal_ms = 21,
			.binary_len = 3,
			.binary = "/x"}},
	{.type = REC_RING_STATE,
	 .ring_state = {.conn_id = 1, .req_cons = 4000, .rsp_prod = 5000}},
	{.type = REC_TURN, .turn = {.conn_id = 1, .what = 2}},
	{.type = REC_RING_LOOK,
	 .ring_look = {.conn_id = 1,
		       .flags = 1,
		       .level = 3,
		       .in_us = 6400,
		       .odd_ms = 251,
		       .uncounted_ms = 1300,
		       .lost = 0x20000000031,
		       .logged = 48}},
	{.type = REC_WATCH_LOST, .watch_lost = {.conn_id = 1, .index = 2}},
	{.type = REC_CONN_DEBT, .conn_debt = {.conn_id = 1, .passes = 4097}},
	{.type = REC_TURN_PLACE, .turn_place = {.conn_id = 1, .flags = 3}},
	{.type = REC_RING_GFN,
	 .ring_gfn = {.conn_id = 1, .gfn = 0x3000000000032}},
	{.type = REC_DOMAIN_ID, .domain_id = {.domid = 5, .unique_id = 77}},
	{.type = REC_ROLES, .roles = {.priv_domid = 2, .store_domid = 3}},
};

#define SAMPLE_COUNT(a) (sizeof(a) / sizeof((a)[0]))

static inline void sample_write(struct image_writer *w,
				const struct record *recs, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		image_write(w, &recs[i]);
}

/* All records of both lists and END. */
static inline void sample_rich(struct image_writer *w, void *ctx, bool big)
{
	image_writer_init(w, ctx, big);
	sample_write(w, sample_spec, SAMPLE_COUNT(sample_spec));
	sample_write(w, sample_ext, SAMPLE_COUNT(sample_ext));
	assert_int_equal(image_writer_finish(w), 0);
}

/*
 * Reads the len bytes at data to their END from a copy of just that size, so
 * that a sanitizer sees every byte too far.  Appends the records' text to out
 * and writes them to again, unless NULL.  Returns 0 or the error.
 */
static inline int sample_read_as(const void *data, size_t len,
				 const struct image_format *format,
				 struct wbuf *out, struct image_writer *again,
				 struct err *err)
{
	void *ctx = talloc_new(NULL), *copy = malloc(len ? len : 1);
	struct image_reader r;
	struct record rec;
	bool more = true;
	int rc;

	assert_non_null(copy);
	memcpy(copy, data, len);
	memset(err, 0, sizeof(*err));
	rc = image_reader_init_as(&r, ctx, copy, len, format, err);
	while (more && !rc) {
		more = image_read(&r, &rec, &rc, err);
		if (rc)
			break;
		if (out)
			image_text(out, &rec);
		if (!again)
			continue;
		if (rec.desc)
			image_write(again, &rec);
		else
			image_write_raw(again, rec.type, rec.body, rec.len);
	}
	image_reader_fini(&r);
	talloc_free(ctx);
	free(copy);
	return rc;
}

static inline int sample_read(const void *data, size_t len, struct wbuf *out,
			      struct image_writer *again, struct err *err)
{
	return sample_read_as(data, len, &image_format_native, out, again, err);
}

/* A sequence of numbers to be had again from its seed. */
struct sample_random {
	uint64_t state;
};

/* The seed of TEST_SEED, or always the same; printed. */
static inline struct sample_random sample_seed(void)
{
	const char *text = getenv("TEST_SEED");
	struct sample_random r = {.state = 20240229};

	if (text)
		r.state = strtoull(text, NULL, 0);
	print_message("TEST_SEED=%llu\n", (unsigned long long)r.state);
	return r;
}

static inline uint64_t sample_next(struct sample_random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* From 0 to n - 1. */
static inline uint64_t sample_below(struct sample_random *r, uint64_t n)
{
	return sample_next(r) % n;
}

#endif
