// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The dump that oxenstored reads: what each record becomes, where a guest's
 * frame number comes from, what is refused and what is counted as lost.  Its
 * lines are those that oxenstored 4.17 writes itself.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "image/image.h"
#include "stock/ox-dump.h"
#include "stock/ox-write.h"

#define STR(s)	  .path = (s), .path_len = sizeof(s)
#define VALUE(s)  .value = (const uint8_t *)(s), .value_len = sizeof(s) - 1
#define NO_TARGET 0x7ff4

static const struct rec_perm n0[] = {{'n', 0, 0}}, n5[] = {{'n', 0, 5}},
			     n0r5[] = {{'n', 0, 0}, {'r', 0, 5}},
			     n0w5[] = {{'n', 0, 0}, {'w', 0, 5}},
			     gone[] = {{'r', 0, 9 | REC_PERM_ABSENT},
				       {'w', 0, 8 | REC_PERM_ABSENT},
				       {'b', 0, 5}};

enum {
	GLOBAL,
	HANDOFF,
	DOM0,
	DOM0_STATE,
	RING,
	RING_STATE,
	RING_WATCH,
	RING_GFN,
	SOCKET,
	SOCKET_WATCH,
	ROOT,
	HOME,
	REF,
	PORT,
	MIXED,
	SPECIAL,
	COUNT
};

static struct world {
	void *ctx;
	struct record rec[COUNT];
	struct image_losses losses;
	struct err err;
	struct wbuf out;
} w;

static int setup(void **state)
{
	const struct record all[COUNT] = {
		[GLOBAL] = {.type = REC_GLOBAL_DATA,
			    .global = {.rw_fd = 3, .ro_fd = -1}},
		[HANDOFF] = {.type = REC_HANDOFF,
			     .handoff = {.evtchn_fd = 5,
					 .epoll_fd = 6,
					 .virq_port = 1}},
		[DOM0] = {.type = REC_CONNECTION_DATA,
			  .conn = {.conn_id = 1,
				   .tdomid = NO_TARGET,
				   .evtchn = 7}},
		[DOM0_STATE] = {.type = REC_DOMAIN_STATE,
				.domain = {.flags = REC_DOM_INTRODUCED,
					   .conn_id = 1,
					   .local_port = 16}},
		[RING] = {.type = REC_CONNECTION_DATA,
			  .conn = {.conn_id = 2,
				   .domid = 5,
				   .tdomid = NO_TARGET,
				   .evtchn = 1}},
		[RING_STATE] = {.type = REC_DOMAIN_STATE,
				.domain = {.domid = 5,
					   .flags = REC_DOM_INTRODUCED,
					   .conn_id = 2,
					   .local_port = 17}},
		[RING_WATCH] = {.type = REC_WATCH_DATA,
				.watch = {.conn_id = 2,
					  .wpath_len = 8,
					  .token_len = 4,
					  .wpath = "data/w1",
					  .token = "tok"}},
		[RING_GFN] = {.type = REC_RING_GFN,
			      .ring_gfn = {.conn_id = 2, .gfn = 1046527}},
		[SOCKET] = {.type = REC_CONNECTION_DATA,
			    .conn = {.conn_id = 3,
				     .type = REC_CONN_SOCKET,
				     .fd = 8}},
		[SOCKET_WATCH] = {.type = REC_WATCH_DATA,
				  .watch = {.conn_id = 3,
					    .wpath_len = 15,
					    .token_len = 1,
					    .wpath = "@releaseDomain",
					    .token = ""}},
		[ROOT] = {.type = REC_NODE_DATA,
			  .node = {STR("/"), .perms = n0, .perm_count = 1}},
		[HOME] = {.type = REC_NODE_DATA,
			  .node = {STR("/local/domain/5"), .perms = n0r5,
				   .perm_count = 2}},
		[REF] = {.type = REC_NODE_DATA,
			 .node = {STR("/local/domain/5/store/ring-ref"),
				  VALUE("77"), .perms = n0r5, .perm_count = 2}},
		[PORT] = {.type = REC_NODE_DATA,
			  .node = {STR("/local/domain/5/store/port"),
				   VALUE("1"), .perms = n0r5, .perm_count = 2}},
		[MIXED] = {.type = REC_NODE_DATA,
			   .node = {STR("/a"), VALUE("\0\001\377z"),
				    .perms = gone, .perm_count = 3}},
		[SPECIAL] = {.type = REC_SPECIAL_NODE,
			     .special = {.path = "@releaseDomain",
					 .path_len = 15,
					 .perms = n0r5,
					 .perm_count = 2}},
	};

	(void)state;
	memset(&w, 0, sizeof(w));
	w.ctx = talloc_new(NULL);
	memcpy(w.rec, all, sizeof(all));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	talloc_free(w.ctx);
	return 0;
}

/* Writes all records but `without` (COUNT: none is left out). */
static int dump(unsigned int without, bool force)
{
	struct image_writer image;
	unsigned int i;
	int rc;

	image_writer_init(&image, w.ctx, false);
	for (i = 0; i < COUNT; i++)
		if (i != without)
			image_write(&image, &w.rec[i]);
	assert_int_equal(image_writer_finish(&image), 0);
	wbuf_init(&w.out, w.ctx);
	rc = ox_write(w.ctx, image.buf.data, image.buf.len, force, &w.out,
		      &w.losses, &w.err);
	wbuf_u8(&w.out, 0);
	return rc;
}

static const char *text(void)
{
	return (const char *)w.out.data;
}

static void has(const char *line)
{
	if (!strstr(text(), line))
		fail_msg("no %s in:\n%s", line, text());
}

static void hasnt(const char *part)
{
	if (strstr(text(), part))
		fail_msg("%s in:\n%s", part, text());
}

static void refused(int rc, const char *why)
{
	assert_int_equal(rc, ENOTSUP);
	if (!strstr(w.err.text, why))
		fail_msg("%s: %s", why, w.err.text);
}

static void test_lines(void **state)
{
	(void)state;
	if (dump(COUNT, false))
		fail_msg("%s", w.err.text);
	assert_string_equal(
		text(),
		"$xenstored-dump-format\n"
		"global,3\n"
		"evtchn-dev,5,1\n"
		"dom,0,0,7,16\n"
		"dom,5,1046527,1,17\n"
		"watch,5,646174612f7731,746f6b\n"
		"socket,8\n"
		"watch,-8,4072656c65617365446f6d61696e,\n"
		"store,2f,6e30,\n"
		"store,2f6c6f63616c2f646f6d61696e2f35,6e30007235,\n"
		"store,2f6c6f63616c2f646f6d61696e2f352f73746f72652f72696e672d"
		"726566,6e30007235,3737\n"
		"store,2f6c6f63616c2f646f6d61696e2f352f73746f72652f706f7274,"
		"6e30007235,31\n"
		"store,2f61,7230006235,0001ff7a\n"
		"store,2f4072656c65617365446f6d61696e,6e30007235,\n"
		"store,2f40696e74726f64756365446f6d61696e,6e30,\n");
	assert_int_equal(w.losses.n[LOSS_STALE], 2);
	assert_int_equal(w.losses.n[LOSS_RING], 0);
	assert_int_equal(w.losses.n[LOSS_MESSAGES], 0);
}

static int take(void *arg, const struct record *rec, struct err *err)
{
	(void)rec;
	(void)err;
	++*(unsigned int *)arg;
	return 0;
}

/* What this daemon writes, it also reads. */
static void test_read_again(void **state)
{
	struct image_losses losses;
	unsigned int n = 0;
	struct ox_dump d = {.header = true, .put = take, .arg = &n};
	int i;

	(void)state;
	/* only nodes with a parent */
	w.rec[HOME].node =
		(struct rec_node){STR("/b"), .perms = n0, .perm_count = 1};
	w.rec[REF].node = (struct rec_node){STR("/b/c"), VALUE("x"),
					    .perms = n0, .perm_count = 1};
	w.rec[PORT].node = w.rec[REF].node;
	w.rec[PORT].node.path = "/b/d";
	assert_int_equal(dump(COUNT, false), 0);
	d.data = w.out.data;
	d.len = w.out.len - 1; /* without the NUL of dump() */
	assert_true(ox_dump_begins(d.data, d.len));
	if (ox_dump_read(w.ctx, &d, &losses, &w.err))
		fail_msg("%s", w.err.text);
	for (i = 0; i < LOSS_COUNT; i++)
		assert_int_equal(losses.n[i], 0);
	assert_true(n >= 15);
}

/* INTRODUCE was not seen: the toolstack's nodes say the number. */
static void test_frame_of_nodes(void **state)
{
	(void)state;
	assert_int_equal(dump(RING_GFN, false), 0);
	has("\ndom,5,77,1,17\n");
}

/* None of these nodes is believed. */
static void test_no_frame(void **state)
{
	static const char why[] = "frame number, which is unknown for domain 5";
	struct record good[COUNT];

	(void)state;
	memcpy(good, w.rec, sizeof(good));
	w.rec[RING_GFN] = w.rec[ROOT];
	refused(dump(REF, false), why);
	refused(dump(PORT, false), why);
	refused(dump(PORT, true), why);
	w.rec[REF].node.perms = n0w5;
	refused(dump(COUNT, false), why);
	w.rec[REF].node.perms = n5;
	w.rec[REF].node.perm_count = 1;
	refused(dump(COUNT, false), why);
	w.rec[REF] = good[REF];
	w.rec[PORT].node.perms = n0w5;
	refused(dump(COUNT, false), why);
	w.rec[PORT] = good[PORT];
	w.rec[PORT].node.value = (const uint8_t *)"2"; /* not this ring's */
	refused(dump(COUNT, false), why);
	w.rec[PORT].node.value = (const uint8_t *)"x";
	refused(dump(COUNT, false), why);
	w.rec[PORT] = good[PORT];
	w.rec[REF].node.value = (const uint8_t *)"-7";
	refused(dump(COUNT, false), why);
	w.rec[REF] = good[REF];
	assert_int_equal(dump(COUNT, false), 0);
}

static void test_target(void **state)
{
	(void)state;
	w.rec[RING].conn.tdomid = 4;
	refused(dump(COUNT, false), "domain 5: it has the rights of domain 4");
	assert_int_equal(dump(COUNT, true), 0);
	has("\ndom,5,1046527,1,17\n");
	assert_int_equal(w.losses.n[LOSS_TARGET], 1);
}

/* oxenstored fails to clean up after a death if a port is not bound. */
static void test_no_port(void **state)
{
	(void)state;
	w.rec[RING_STATE].domain.local_port = 0;
	refused(dump(COUNT, false), "domain 5: its event channel is not bound");
	assert_int_equal(dump(COUNT, true), 0);
	hasnt("dom,5");
	hasnt("watch,5");
	has("watch,-8");
	assert_int_equal(w.losses.n[LOSS_RING], 1);
	assert_int_equal(w.losses.n[LOSS_LOCAL_PORT], 0);
}

static void test_long_value(void **state)
{
	static const uint8_t bytes[OX_VALUE_MAX + 1];

	(void)state;
	w.rec[MIXED].node.value = bytes;
	w.rec[MIXED].node.value_len = OX_VALUE_MAX;
	assert_int_equal(dump(COUNT, false), 0);
	w.rec[MIXED].node.value_len = OX_VALUE_MAX + 1;
	refused(dump(COUNT, false), "/a: its value has 2049 bytes");
	refused(dump(COUNT, false), "-F hands over without it");
	assert_int_equal(dump(COUNT, true), 0);
	hasnt("store,2f61");
	assert_int_equal(w.losses.n[LOSS_NODE], 1);
}

static void test_many_watches(void **state)
{
	struct record more[OX_WATCHES_MAX + 1];
	struct image_writer image;
	unsigned int i, n, of;
	int rc;

	(void)state;
	for (of = 1; of <= 3; of++) {
		w.rec[RING_WATCH].watch.conn_id = of;
		for (n = OX_WATCHES_MAX; n <= OX_WATCHES_MAX + 1; n++) {
			image_writer_init(&image, w.ctx, false);
			for (i = 0; i < COUNT; i++)
				if (i != RING_WATCH)
					image_write(&image, &w.rec[i]);
			for (i = 0; i < n; i++) {
				more[i] = w.rec[RING_WATCH];
				image_write(&image, &more[i]);
			}
			assert_int_equal(image_writer_finish(&image), 0);
			wbuf_init(&w.out, w.ctx);
			rc = ox_write(w.ctx, image.buf.data, image.buf.len,
				      false, &w.out, &w.losses, &w.err);
			if (of == 2 && n > OX_WATCHES_MAX)
				refused(rc, "domain 5: it has more than 100");
			else
				assert_int_equal(rc, 0);
		}
	}
}

/* Only the reply to the update itself, which the guard sends. */
static void test_messages(void **state)
{
	const struct record update = {
		.type = REC_UPDATE, .update = {.conn_id = 3, .reply_len = 19}};

	(void)state;
	w.rec[SOCKET].conn.data_len = 19;
	w.rec[SOCKET].conn.data = (const uint8_t *)"the reply is OK....";
	assert_int_equal(dump(COUNT, false), 0);
	assert_int_equal(w.losses.n[LOSS_MESSAGES], 1);
	w.rec[MIXED] = update;
	assert_int_equal(dump(COUNT, false), 0);
	assert_int_equal(w.losses.n[LOSS_MESSAGES], 0);
}

/* The first of several reasons, and how many there are. */
static void test_several(void **state)
{
	static const uint8_t bytes[OX_VALUE_MAX + 1];

	(void)state;
	w.rec[RING].conn.tdomid = 4;
	w.rec[MIXED].node.value = bytes;
	w.rec[MIXED].node.value_len = sizeof(bytes);
	refused(dump(COUNT, false), "SET_TARGET");
	refused(dump(COUNT, false), "and 1 more that oxenstored would lose");
}

static void test_bad_image(void **state)
{
	(void)state;
	w.rec[RING_WATCH].watch.conn_id = 9;
	assert_int_equal(dump(COUNT, false), EINVAL);
	wbuf_init(&w.out, w.ctx);
	assert_int_equal(ox_write(w.ctx, "no image", 8, false, &w.out,
				  &w.losses, &w.err),
			 EINVAL);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(test_lines),	   TEST(test_read_again),
		TEST(test_frame_of_nodes), TEST(test_no_frame),
		TEST(test_target),	   TEST(test_no_port),
		TEST(test_long_value),	   TEST(test_many_watches),
		TEST(test_messages),	   TEST(test_several),
		TEST(test_bad_image),
	};

	return cmocka_run_group_tests_name("ox-write", tests, NULL, NULL);
}
