// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Images said in another dialect: what becomes of each thing, what is counted
 * as lost, and that a daemon restores what a stock daemon wrote.  Runs in the
 * checkout's root.
 */
#include "test-image-sample.h"

#include "daemon.h"
#include "stock/convert.h"
#include "state/state.h"
#include "store/check.h"
#include "still-host.h"
#include "test-stock.h"

/* What a conversion gives: its text and its bytes. */
struct result {
	struct wbuf text;
	struct image_writer w;
	struct image_losses losses;
	struct err err;
};

static int put(void *arg, const struct record *rec, struct err *err)
{
	struct result *r = arg;

	(void)err;
	image_write(&r->w, rec);
	return 0;
}

static uint32_t port_of(void *arg, uint16_t domid, uint32_t local_port)
{
	(void)arg;
	return domid * 100u + local_port;
}

/* Converts and reads what came of it. */
static int convert(struct result *r, void *ctx, const struct wbuf *from,
		   const struct image_format *from_format,
		   const struct image_format *to, bool ports)
{
	struct image_convert c = {.from = from_format,
				  .to = to,
				  .put = put,
				  .far_port = ports ? port_of : NULL,
				  .arg = r};
	int rc;

	memset(r, 0, sizeof(*r));
	image_writer_init_as(&r->w, ctx, from->data[15] & 1, to);
	wbuf_init(&r->text, ctx);
	rc = image_convert(ctx, from->data, from->len, &c, &r->losses, &r->err);
	if (rc)
		return rc;
	assert_int_equal(image_writer_finish(&r->w), 0);
	rc = sample_read_as(r->w.buf.data, r->w.buf.len, to, &r->text, NULL,
			    &r->err);
	if (rc)
		fail_msg("%s", r->err.text);
	wbuf_u8(&r->text, 0);
	return 0;
}

static uint64_t all_lost(const struct image_losses *losses)
{
	uint64_t n = 0;
	int i;

	for (i = 0; i < LOSS_COUNT; i++)
		n += losses->n[i];
	return n;
}

/* -- from a dialect of Xen ------------------------------------------------ */

static const struct rec_perm stale[] = {
	{'n', 0, 0}, {'r', REC_PERM_STALE, 5}, {'b', 0, 6}};

static const uint32_t values[] = {1000, 7};

static struct record stock[9];

static void fill_stock(void)
{
	const struct record all[] = {
		STOCK(REC_GLOBAL_DATA, .global = {.rw_fd = 3, .evtchn_fd = 6}),
		STOCK(REC_GLOBAL_QUOTA_DATA,
		      .global_quota = {.n_dom = 2,
				       .values = values,
				       .names = "nodes\0soft-memory"}),
		STOCK(REC_CONNECTION_DATA,
		      .conn = {.conn = {.conn_id = 1,
					.domid = 5,
					.tdomid = 6,
					.evtchn = 33,
					.data_len = 5,
					.data = BYTES_OF("hello")},
			       .in_len = 2,
			       .in = BYTES_OF("in"),
			       .resp_len = 2,
			       .fields = REC_CONN_UNIQUE_ID,
			       .unique_id = 9}),
		{.type = REC_WATCH_DATA,
		 .watch = {.conn_id = 1,
			   .wpath_len = 3,
			   .token_len = 2,
			   .wpath = "/a",
			   .token = "t"}},
		STOCK(REC_WATCH_DATA_EXTENDED,
		      .watch = {.watch = {.conn_id = 1,
					  .wpath_len = 3,
					  .token_len = 2,
					  .wpath = "/b",
					  .token = "t"},
				.depth = 2}),
		STOCK(REC_CONNECTION_DATA,
		      .conn.conn = {.conn_id = 2,
				    .type = REC_CONN_SOCKET,
				    .fd = 12}),
		{.type = REC_NODE_DATA,
		 .node = {.path_len = 2,
			  .perm_count = 3,
			  .perms = stale,
			  .path = "/"}},
		{.type = REC_NODE_DATA,
		 .node = {.path_len = 15,
			  .perm_count = 1,
			  .perms = sample_b5,
			  .path = "@releaseDomain"}},
		STOCK(REC_DOMAIN_DATA, .domain = {.domid = 5,
						  .n_quota = 1,
						  .features = 0xe,
						  .values = values,
						  .names = "nodes"}),
	};

	memcpy(stock, all, sizeof(stock));
}

static const char in_spec[] =
	"HEADER dialect=0 scope=0 nodes=1 conns=2 watches=2 txs=0 digest=0 "
	"writer=\"a stock xenstored, converted\"\n"
	"GLOBAL_DATA rw-socket-fd=3 ro-socket-fd=-1\n"
	"HANDOFF evtchn-fd=6 epoll-fd=-1 virq-port=0\n"
	"QUOTA domid=65535 soft=0 value=1000 name=\"nodes\"\n"
	"QUOTA domid=65535 soft=1 value=7 name=\"memory\"\n"
	"CONNECTION_DATA conn-id=1 conn-type=0 flags=0 domid=5 tdomid=6 "
	"evtchn=533 data=\"hello\"\n"
	"CONN_INPUT conn-id=1 data=\"in\"\n"
	"CONN_OUTPUT conn-id=1 partial=2\n"
	"DOMAIN_STATE domid=5 flags=1 conn-id=1 local-port=33 handle-hi=0 "
	"handle-lo=0\n"
	"DOMAIN_ID domid=5 unique-id=9\n"
	"WATCH_DATA conn-id=1 wpath=\"/a\" token=\"t\"\n"
	"WATCH_DATA conn-id=1 wpath=\"/b\" token=\"t\"\n"
	"WATCH_DEPTH conn-id=1 index=1 depth=2\n"
	"CONNECTION_DATA conn-id=2 conn-type=1 flags=0 socket-fd=12 "
	"data=\"\"\n"
	"NODE_DATA conn-id=0 tx-id=0 access=0 perms=n0,b6 path=\"/\" "
	"value=\"\"\n"
	"SPECIAL_NODE generation=0 perms=b5 path=\"@releaseDomain\"\n"
	"DOM_FEATURES domid=5 features=14\n"
	"QUOTA domid=5 soft=0 value=1000 name=\"nodes\"\n"
	"END\n";

/* And from there to Xen's again. */
static const char in_xen2[] =
	"GLOBAL_DATA rw-socket-fd=3 evtchn-fd=6\n"
	"GLOBAL_QUOTA_DATA n-dom=2 n-glob=0 values=1000,7 "
	"names=[\"nodes\",\"soft-memory\"]\n"
	"CONNECTION_DATA conn-id=1 conn-type=0 fields=1 domid=5 tdomid=6 "
	"evtchn=33 out-resp-len=2 in-data=\"in\" out-data=\"hello\" "
	"unique-id=9\n"
	"WATCH_DATA conn-id=1 wpath=\"/a\" token=\"t\"\n"
	"WATCH_DATA conn-id=1 wpath=\"/b\" token=\"t\"\n"
	"CONNECTION_DATA conn-id=2 conn-type=1 fields=0 socket-fd=12 "
	"out-resp-len=0 in-data=\"\" out-data=\"\"\n"
	"NODE_DATA conn-id=0 tx-id=0 access=0 perms=n0,b6 path=\"/\" "
	"value=\"\"\n"
	"NODE_DATA conn-id=0 tx-id=0 access=0 perms=b5 "
	"path=\"@releaseDomain\" value=\"\"\n"
	"NODE_DATA conn-id=0 tx-id=0 access=0 perms=n0 "
	"path=\"@introduceDomain\" value=\"\"\n"
	"DOMAIN_DATA domid=5 features=14 values=1000 names=[\"nodes\"]\n"
	"END\n";

/* The records above as a daemon of Xen 4.21 or later writes them. */
static void write_stock(struct image_writer *w, void *ctx, bool big)
{
	image_writer_init_as(w, ctx, big, &stock_xen2);
	sample_write(w, stock, SAMPLE_COUNT(stock));
	assert_int_equal(image_writer_finish(w), 0);
}

static void test_there_and_back(void **state)
{
	void *ctx = talloc_new(NULL);
	struct image_writer w;
	struct result spec, xen;
	int big;

	(void)state;
	for (big = 0; big < 2; big++) {
		write_stock(&w, ctx, big);
		assert_int_equal(convert(&spec, ctx, &w.buf, &stock_xen2,
					 &image_format_native, true),
				 0);
		assert_string_equal((char *)spec.text.data, in_spec);
		assert_int_equal(spec.losses.n[LOSS_STALE], 1);
		assert_int_equal(all_lost(&spec.losses), 1);

		assert_int_equal(convert(&xen, ctx, &spec.w.buf,
					 &image_format_native, &stock_xen2,
					 false),
				 0);
		assert_string_equal((char *)xen.text.data, in_xen2);
		assert_int_equal(xen.losses.n[LOSS_DEPTH], 1);
		assert_int_equal(all_lost(&xen.losses), 1);
	}
	talloc_free(ctx);
}

static void test_without_ports(void **state)
{
	void *ctx = talloc_new(NULL);
	struct image_writer w;
	struct result r;

	(void)state;
	write_stock(&w, ctx, false);
	assert_int_equal(convert(&r, ctx, &w.buf, &stock_xen2,
				 &image_format_native, false),
			 0);
	assert_int_equal(r.losses.n[LOSS_FAR_PORT], 1);
	assert_non_null(strstr((char *)r.text.data, "evtchn=0 "));
	talloc_free(ctx);
}

static void test_xen2_to_xen1(void **state)
{
	void *ctx = talloc_new(NULL);
	struct image_writer w;
	struct result r;

	(void)state;
	write_stock(&w, ctx, false);
	assert_int_equal(
		convert(&r, ctx, &w.buf, &stock_xen2, &stock_xen1, false), 0);
	assert_int_equal(r.losses.n[LOSS_QUOTA], 3);
	assert_int_equal(r.losses.n[LOSS_FEATURES], 1);
	assert_int_equal(r.losses.n[LOSS_UNIQUE_ID], 1);
	assert_int_equal(r.losses.n[LOSS_DEPTH], 1);
	assert_int_equal(all_lost(&r.losses), 6);
	/* a flag that both can say stays */
	assert_non_null(strstr((char *)r.text.data, "perms=n0,r5!,b6"));
	assert_null(strstr((char *)r.text.data, "EXTENDED"));
	talloc_free(ctx);
}

/*
 * A domain that a toolstack has said something of, and not introduced yet; what
 * makes no sense is left out, and no domain comes twice.
 */
static void test_not_introduced(void **state)
{
	static const char want[] =
		"DOMAIN_STATE domid=7 flags=0 conn-id=0 local-port=0 "
		"handle-hi=0 handle-lo=0\n"
		"DOM_FEATURES domid=7 features=6\n"
		"QUOTA domid=7 soft=0 value=1000 name=\"nodes\"\n"
		"QUOTA domid=7 soft=1 value=7 name=\"memory\"\n"
		"QUOTA domid=7 soft=0 value=1000 name=\"nodes\"\n"
		"END\n";
	struct record lone = stock[8], again = stock[8], wild = stock[8];
	struct record late = stock[2];
	void *ctx = talloc_new(NULL);
	struct image_writer w;
	struct result r;
	const char *from;

	(void)state;
	stock_in(&lone)->domain.domid = stock_in(&again)->domain.domid = 7;
	stock_in(&lone)->domain.features = 6;
	stock_in(&lone)->domain.n_quota = 2;
	stock_in(&lone)->domain.names = "nodes\0soft-memory";
	stock_in(&wild)->domain.domid = 0x7ff0;
	image_writer_init_as(&w, ctx, false, &stock_xen2);
	image_write(&w, &stock[0]);
	image_write(&w, &lone);
	image_write(&w, &again);
	image_write(&w, &wild);
	assert_int_equal(image_writer_finish(&w), 0);
	assert_int_equal(convert(&r, ctx, &w.buf, &stock_xen2,
				 &image_format_native, true),
			 0);
	from = strstr((char *)r.text.data, "DOMAIN_STATE");
	assert_non_null(from);
	assert_string_equal(from, want);
	assert_int_equal(r.losses.n[LOSS_FEATURES], 2);
	assert_int_equal(r.losses.n[LOSS_QUOTA], 1);

	/* its ring comes behind: what was said before it cannot be kept */
	late.conn.domid = 7;
	image_writer_init_as(&w, ctx, false, &stock_xen2);
	image_write(&w, &stock[0]);
	image_write(&w, &lone);
	image_write(&w, &late);
	assert_int_equal(image_writer_finish(&w), 0);
	assert_int_equal(convert(&r, ctx, &w.buf, &stock_xen2,
				 &image_format_native, true),
			 0);
	assert_int_equal(r.losses.n[LOSS_FEATURES], 1);
	assert_null(strstr((char *)r.text.data, "DOM_FEATURES"));
	talloc_free(ctx);
}

/* No daemon of Xen has ever had our first bit. */
static void test_features(void **state)
{
	static const struct record dom = {
		.type = REC_DOMAIN_STATE,
		.domain = {.domid = 5, .flags = 1, .conn_id = 1}};
	static const struct record features = {
		.type = REC_DOM_FEATURES,
		.features = {.domid = 5, .features = 0xb}};
	void *ctx = talloc_new(NULL);
	struct image_writer w;
	struct result r;

	(void)state;
	image_writer_init(&w, ctx, false);
	image_write(&w, &sample_spec[1]);
	image_write(&w, &dom);
	image_write(&w, &features);
	assert_int_equal(image_writer_finish(&w), 0);
	assert_int_equal(convert(&r, ctx, &w.buf, &image_format_native,
				 &stock_xen2, false),
			 0);
	assert_non_null(strstr((char *)r.text.data,
			       "DOMAIN_DATA domid=5 features=10 "));
	talloc_free(ctx);
}

/* -- to a dialect of Xen -------------------------------------------------- */

/* All of ours that refers to something that is there. */
static void test_what_is_lost(void **state)
{
	void *ctx = talloc_new(NULL);
	struct image_writer w;
	struct result r;
	size_t i;

	(void)state;
	image_writer_init(&w, ctx, false);
	sample_write(&w, sample_spec, SAMPLE_COUNT(sample_spec));
	for (i = 0; i < SAMPLE_COUNT(sample_ext); i++)
		image_write(&w, &sample_ext[i]);
	image_write_raw(&w, REC_OPTIONAL + 0x1234, "x", 1);
	assert_int_equal(image_writer_finish(&w), 0);
	assert_int_equal(convert(&r, ctx, &w.buf, &image_format_native,
				 &stock_xen1, false),
			 0);
	assert_int_equal(r.losses.n[LOSS_TX], 1);
	/* two pending nodes and four records about them */
	assert_int_equal(r.losses.n[LOSS_TX_NODE], 7);
	assert_int_equal(r.losses.n[LOSS_READ_ONLY], 1);
	assert_int_equal(r.losses.n[LOSS_RO_SOCKET], 0);
	assert_int_equal(r.losses.n[LOSS_DEPTH], 1);
	assert_int_equal(r.losses.n[LOSS_GENERATIONS], 2);
	assert_int_equal(r.losses.n[LOSS_CONN_STATE], 1);
	assert_int_equal(r.losses.n[LOSS_DOMAIN], 1);
	assert_int_equal(r.losses.n[LOSS_UPDATE], 2);
	assert_int_equal(r.losses.n[LOSS_LOG], 1);
	assert_int_equal(r.losses.n[LOSS_SPECIAL], 1);
	/* it, and two effects: no file has those */
	assert_int_equal(r.losses.n[LOSS_UNKNOWN], 3);
	assert_non_null(strstr((char *)r.text.data, "evtchn=33 out-resp-len=4 "
						    "in-data=\"\\x01\\xff\\x00"
						    "\" out-data=\"hello\""));
	assert_null(strstr((char *)r.text.data, "TRANSACTION"));
	for (i = 0; i < LOSS_COUNT; i++)
		assert_non_null(image_loss_text((enum image_loss)i));
	talloc_free(ctx);
}

/* A ring with nothing to do is as a stock daemon would have it. */
static void test_idle_ring(void **state)
{
	struct record conn = {.type = REC_CONN_STATE,
			      .conn_state = {.conn_id = 1,
					     .flags = REC_CONN_QUIET,
					     .next_tx_id = 1}};
	void *ctx = talloc_new(NULL);
	struct image_writer w;
	struct result r;

	(void)state;
	image_writer_init(&w, ctx, false);
	image_write(&w, &sample_spec[1]);
	image_write(&w, &conn);
	assert_int_equal(image_writer_finish(&w), 0);
	assert_int_equal(convert(&r, ctx, &w.buf, &image_format_native,
				 &stock_xen1, true),
			 0);
	assert_int_equal(r.losses.n[LOSS_CONN_STATE], 0);
	talloc_free(ctx);
}

/* An entry of a domain that was not there is one that Xen calls stale. */
static void test_absent(void **state)
{
	static const struct rec_perm perms[] = {{'n', 0, 5},
						{'b', 0, 7 | REC_PERM_ABSENT}};
	static const struct record node = {.type = REC_NODE_DATA,
					   .node = {.path_len = 2,
						    .perm_count = 2,
						    .perms = perms,
						    .path = "/"}};
	void *ctx = talloc_new(NULL);
	struct image_writer w;
	struct result r, back;

	(void)state;
	image_writer_init(&w, ctx, false);
	image_write(&w, &node);
	assert_int_equal(image_writer_finish(&w), 0);
	assert_int_equal(convert(&r, ctx, &w.buf, &image_format_native,
				 &stock_xen1, false),
			 0);
	assert_int_equal(convert(&back, ctx, &r.w.buf, &stock_xen1,
				 &image_format_native, false),
			 0);
	assert_int_equal(back.losses.n[LOSS_STALE], 1);
	assert_non_null(strstr((char *)back.text.data, "perms=n5 "));
	talloc_free(ctx);
}

static void test_too_much_input(void **state)
{
	static uint8_t data[65536];
	struct record in = {
		.type = REC_CONN_INPUT,
		.conn_input = {.conn_id = 1, .data = data, .data_len = 65535}};
	void *ctx = talloc_new(NULL);
	struct image_writer w;
	struct result r;

	(void)state;
	for (; in.conn_input.data_len <= 65536; in.conn_input.data_len++) {
		image_writer_init(&w, ctx, false);
		image_write(&w, &sample_spec[1]);
		image_write(&w, &in);
		assert_int_equal(image_writer_finish(&w), 0);
		assert_int_equal(convert(&r, ctx, &w.buf, &image_format_native,
					 &stock_xen1, false),
				 in.conn_input.data_len == 65535 ? 0 : EINVAL);
	}
	assert_non_null(strstr(r.err.text, "record 1 (CONN_INPUT"));
	assert_non_null(
		strstr(r.err.text, "65536 bytes, format xen1 allows 65535"));
	talloc_free(ctx);
}

static void test_no_such_connection(void **state)
{
	void *ctx = talloc_new(NULL);
	struct image_writer w;
	struct result r;

	(void)state;
	image_writer_init(&w, ctx, false);
	image_write(&w, &sample_spec[3]);
	assert_int_equal(image_writer_finish(&w), 0);
	assert_int_equal(convert(&r, ctx, &w.buf, &image_format_native,
				 &stock_xen2, false),
			 EINVAL);
	assert_string_equal(r.err.text,
			    "record 0 (WATCH_DATA, type 0x3): field conn-id "
			    "at byte 24: found 1, which names no connection "
			    "before it");
	talloc_free(ctx);
}

/* -- a daemon restores it ------------------------------------------------- */

static void restores(const char *path, const struct image_format *format,
		     uint32_t nodes, uint32_t conns, uint32_t watches)
{
	static struct still_host host;
	void *ctx = talloc_new(NULL);
	struct state_restored *ret = talloc_zero(ctx, struct state_restored);
	struct config config = {0};
	struct err err = {0};
	struct wbuf image;
	struct result r;
	struct daemon *d;
	FILE *f = fopen(path, "re");
	int c;

	if (!f)
		fail_msg("cannot open %s", path);
	wbuf_init(&image, ctx);
	while ((c = fgetc(f)) != EOF)
		wbuf_u8(&image, (uint8_t)c);
	fclose(f);
	assert_int_equal(
		convert(&r, ctx, &image, format, &image_format_native, true),
		0);
	still_host_init(&host);
	d = daemon_new(NULL, &host.host, NULL, &config, &err);
	assert_non_null(d);
	if (state_restore(d, r.w.buf.data, r.w.buf.len, ret, &err))
		fail_msg("%s: %s", path, err.text);
	assert_int_equal(ret->counts.nodes, nodes);
	assert_int_equal(ret->counts.conns, conns);
	assert_int_equal(ret->counts.watches, watches);
	assert_false(ret->proven);
	if (store_check(d->store, &err))
		fail_msg("%s: %s", path, err.text);
	daemon_free(d);
	talloc_free(ctx);
}

static void test_restored(void **state)
{
	(void)state;
	restores("xenstore-tests/data/xen-4.17-two-pv-guests.img", &stock_xen1,
		 175, 9, 28);
	restores("xenstore-tests/data/xen-4.23-store-only.img", &stock_xen2,
		 312, 3, 1);
	restores("xenstore-tests/image/golden/stock-4.17-guests.img",
		 &stock_xen1, 139, 6, 33);
	restores("xenstore-tests/image/golden/stock-4.17-pending.img",
		 &stock_xen1, 108, 12, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_without_ports),
		cmocka_unit_test(test_xen2_to_xen1),
		cmocka_unit_test(test_not_introduced),
		cmocka_unit_test(test_features),
		cmocka_unit_test(test_what_is_lost),
		cmocka_unit_test(test_idle_ring),
		cmocka_unit_test(test_absent),
		cmocka_unit_test(test_too_much_input),
		cmocka_unit_test(test_no_such_connection),
		cmocka_unit_test(test_restored),
	};

	fill_stock();
	return cmocka_run_group_tests_name("image convert", tests, NULL, NULL);
}
