// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a stock daemon of Xen 4.21 or later says of domains, taken over: their
 * features and quotas, also of one that is not introduced yet, before and
 * after an update of our own.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "domain/domain.h"
#include "image/image.h"
#include "stock/take-over.h"
#include "still-host.h"
#include "store/store.h"
#include "transport/ring.h"

#include "test-stock.h"

#define NEWEST "xenstore-tests/data/xen-4.23-store-only.img"

static const struct rec_perm n0[] = {{'n', 0, 0}};
static const uint32_t host_values[] = {2000, 7}, values[] = {1000, 7};

static struct record newer[7];

static void fill_newer(void)
{
	const struct record all[] = {
		STOCK(REC_GLOBAL_DATA,
		      .global = {.rw_fd = -1, .evtchn_fd = -1}),
		STOCK(REC_GLOBAL_QUOTA_DATA,
		      .global_quota = {.n_dom = 2,
				       .values = host_values,
				       .names = "nodes\0soft-memory"}),
		STOCK(REC_CONNECTION_DATA, .conn.conn = {.conn_id = 1,
							 .domid = 5,
							 .tdomid = 0x7ff4,
							 .evtchn = 33}),
		STOCK(REC_CONNECTION_DATA, .conn.conn = {.conn_id = 2,
							 .domid = 6,
							 .tdomid = 0x7ff4,
							 .evtchn = 34}),
		{.type = REC_NODE_DATA,
		 .node = {.path_len = 2,
			  .perm_count = 1,
			  .perms = n0,
			  .path = "/"}},
		/* 5 is introduced, 7 is not, 6 has no record */
		STOCK(REC_DOMAIN_DATA,
		      .domain = {.domid = 5,
				 .features = 2,
				 .n_quota = 2,
				 .values = values,
				 .names = "nodes\0soft-memory"}),
		STOCK(REC_DOMAIN_DATA,
		      .domain = {.domid = 7,
				 .features = 6,
				 .n_quota = 2,
				 .values = values,
				 .names = "nodes\0soft-memory"}),
	};

	memcpy(newer, all, sizeof(newer));
}

struct world {
	struct still_host host;
	struct state_restored ret;
	struct wbuf image;
	struct daemon *d;
	void *ctx;
};

/* One at a time, as its page has to be aligned. */
static struct world *new_world(void)
{
	static struct world w;

	memset(&w, 0, sizeof(w));
	w.ctx = talloc_new(NULL);
	return &w;
}

static void end(struct world *w)
{
	daemon_free(w->d);
	talloc_free(w->ctx);
}

static void new_daemon(struct world *w)
{
	struct config config = {0};
	struct err err;

	w->d = daemon_new(NULL, &w->host.host, NULL, &config, &err);
	assert_non_null(w->d);
}

static void take(struct world *w)
{
	struct err err = {0};

	still_host_init(&w->host);
	((struct ring *)(void *)w->host.page)->server_features = 14;
	new_daemon(w);
	if (stock_take_over(w->d, w->image.data, w->image.len, &w->ret, &err))
		fail_msg("not taken over: %s", err.text);
}

/* As it is, in another daemon, which has the same. */
static void update(struct world *w)
{
	struct state_dump_options opt = {0};
	uint64_t digest = state_digest(w->d);
	struct state_counts counts;
	struct wbuf image;
	struct err err = {0};

	wbuf_init(&image, w->ctx);
	assert_int_equal(
		state_dump(w->d, &opt, state_into_wbuf, &image, &counts, &err),
		0);
	daemon_free(w->d);
	new_daemon(w);
	if (state_restore(w->d, image.data, image.len, &w->ret, &err))
		fail_msg("not restored: %s", err.text);
	assert_int_equal(state_digest(w->d), digest);
}

static uint32_t limit(const struct world *w, uint16_t domid, enum quota q,
		      bool soft)
{
	return account_limit(&w->d->store->limits,
			     account_find(w->d->store->accounts, domid), q,
			     soft);
}

static void look(const struct world *w)
{
	static const uint32_t features[] = {[5] = 2, [6] = 14, [7] = 6};
	uint16_t domid;

	for (domid = 5; domid <= 7; domid++) {
		struct domain *dom = domain_find(w->d, domid);

		assert_non_null(dom);
		assert_int_equal(dom->conn != NULL, domid != 7);
		assert_int_equal(dom->features, features[domid]);
		assert_int_equal(limit(w, domid, QUOTA_NODES, false),
				 domid == 6 ? 2000 : 1000);
	}
}

static void test_not_introduced(void **state)
{
	struct world *w = new_world();
	struct image_writer to;
	size_t i;

	(void)state;
	image_writer_init_as(&to, w->ctx, false, &stock_xen2);
	for (i = 0; i < sizeof(newer) / sizeof(newer[0]); i++)
		image_write(&to, &newer[i]);
	assert_int_equal(image_writer_finish(&to), 0);
	w->image = to.buf;
	take(w);
	look(w);
	update(w);
	look(w);
	/* what was the same is the host's, as `quota set` has it */
	w->d->store->limits.soft[QUOTA_MEMORY] = 9;
	assert_int_equal(limit(w, 7, QUOTA_MEMORY, true), 9);
	end(w);
}

/* All quotas of dom0, which has kept one that has been changed since. */
static void test_newest(void **state)
{
	struct world *w = new_world();
	const struct account *a;
	FILE *f = fopen(NEWEST, "re");
	unsigned int q;
	int c;

	(void)state;
	assert_non_null(f);
	wbuf_init(&w->image, w->ctx);
	while ((c = fgetc(f)) != EOF)
		wbuf_u8(&w->image, (uint8_t)c);
	fclose(f);
	take(w);
	assert_int_equal(w->d->store->limits.hard[QUOTA_NODES], 2000);
	a = account_find(w->d->store->accounts, 0);
	assert_non_null(a);
	assert_non_null(a->own);
	for (q = 0; q < QUOTA_COUNT; q++) {
		assert_true(a->own->soft[q] == LIMIT_HOST);
		assert_true(a->own->hard[q] ==
			    (q == QUOTA_NODES ? 1000 : LIMIT_HOST));
	}
	update(w);
	assert_int_equal(limit(w, 0, QUOTA_NODES, false), 1000);
	end(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_not_introduced),
		cmocka_unit_test(test_newest),
	};

	fill_newer();
	return cmocka_run_group_tests_name("take stock", tests, NULL, NULL);
}
