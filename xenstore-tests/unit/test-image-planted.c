// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the image of a whole daemon may not plant: numbers that no domain has,
 * of which one means everybody who acts for no other.  And what it may: entries
 * of domains that were not there.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <talloc.h>

#include "daemon.h"
#include "image/image.h"
#include "state/state.h"
#include "still-host.h"
#include "store/store.h"
#include "transport/ring.h"

static struct still_host host;

/* The records of an image into a new daemon; NULL: they are taken. */
static void restored(const struct record *rec, size_t n, const char *refusal)
{
	struct config config = {0};
	struct state_restored ret;
	struct err err = {0};
	struct image_writer w;
	struct daemon *d;
	size_t i;
	int rc;

	still_host_init(&host);
	d = daemon_new(NULL, &host.host, NULL, &config, &err);
	assert_non_null(d);
	image_writer_init(&w, d, false);
	for (i = 0; i < n; i++)
		image_write(&w, &rec[i]);
	assert_int_equal(image_writer_finish(&w), 0);
	rc = state_restore(d, w.buf.data, w.buf.len, &ret, &err);
	if (!rc != !refusal || (refusal && !strstr(err.text, refusal)))
		fail_msg("\"%s\" in place of \"%s\"", err.text,
			 refusal ? refusal : "taken");
	daemon_free(d);
}

static void node(const struct rec_perm *perms, uint16_t n, const char *refusal)
{
	const struct record rec = {.type = REC_NODE_DATA,
				   .node = {.path = "/",
					    .path_len = 2,
					    .perms = perms,
					    .perm_count = n}};

	restored(&rec, 1, refusal);
}

static void ring(uint16_t domid, uint16_t tdomid, const char *refusal)
{
	const struct record rec = {.type = REC_CONNECTION_DATA,
				   .conn = {.conn_id = 1,
					    .domid = domid,
					    .tdomid = tdomid,
					    .evtchn = 3}};

	restored(&rec, 1, refusal);
}

static void test_permissions(void **state)
{
	static const struct rec_perm invalid[] = {{'n', 0, 0},
						  {'b', 0, 0x7ff4}};
	static const struct rec_perm owner[] = {{'n', 0, 0x7ff4}};
	static const struct rec_perm gone_owner[] = {{'n', 0, 0x8005}};
	static const struct rec_perm wild[] = {{'n', 0, 0}, {'r', 0, 0x7ff1}};
	static const struct rec_perm good[] = {
		{'n', 0, 5}, {'r', 0, 0x7ff5}, {'b', 0, 0x8007}};

	(void)state;
	node(invalid, 2, "path /: permissions for 32756, a reserved domid");
	node(owner, 1, "permissions for 32756");
	node(gone_owner, 1, "permissions for 32773");
	node(wild, 2, "permissions for 32753");
	node(good, 3, NULL);
}

static void test_special(void **state)
{
	static const struct rec_perm all[] = {{'n', 0, 0}, {'r', 0, 0x7ff4}};
	static const struct record rec = {.type = REC_SPECIAL_NODE,
					  .special = {.path = "@releaseDomain",
						      .path_len = 15,
						      .perms = all,
						      .perm_count = 2}};

	(void)state;
	restored(&rec, 1, "permissions for 32756");
}

static void test_in_a_transaction(void **state)
{
	static const struct rec_perm all[] = {{'n', 0, 0}, {'b', 0, 0x7ff4}};
	static const struct record recs[] = {
		{.type = REC_CONNECTION_DATA,
		 .conn = {.conn_id = 1,
			  .domid = 5,
			  .tdomid = 0x7ff4,
			  .evtchn = 3}},
		{.type = REC_TRANSACTION_DATA, .tx = {1, 1}},
		{.type = REC_NODE_DATA,
		 .node = {.conn_id = 1,
			  .tx_id = 1,
			  .path = "/x",
			  .path_len = 3,
			  .access = REC_NODE_WRITTEN,
			  .perms = all,
			  .perm_count = 2}},
	};

	(void)state;
	restored(recs, 3, "permissions for 32756");
}

static void test_domids(void **state)
{
	static const struct record domain = {.type = REC_DOMAIN_STATE,
					     .domain = {.domid = 0x7ff4}};
	static const struct record quota = {
		.type = REC_QUOTA,
		.quota = {.domid = 0x8005, .name = "nodes", .name_len = 6}};

	(void)state;
	ring(5, 0x7ff4, NULL);
	ring(5, 6, NULL);
	ring(0x7ff4, 0x7ff4, "domid 32756 is a reserved domid");
	ring(0x8005, 0x7ff4, "domid 32773 is a reserved domid");
	ring(5, 0x7ff5, "tdomid 32757 is a reserved domid");
	ring(5, 0xffff, "tdomid 65535 is a reserved domid");
	restored(&domain, 1, "domid 32756 is a reserved domid");
	restored(&quota, 1, "domid 32773 is a reserved domid");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_permissions),
		cmocka_unit_test(test_special),
		cmocka_unit_test(test_in_a_transaction),
		cmocka_unit_test(test_domids),
	};

	return cmocka_run_group_tests_name("image-planted", tests, NULL, NULL);
}
