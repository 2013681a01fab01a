// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The frame number that INTRODUCE names: clients do not see it, and this daemon
 * does not need it, but another one may.  It survives updates, and stays on
 * this host.
 */
#include "test-host.h"

#include <errno.h>

#include "domain/domain.h"
#include "domain/introduce.h"
#include "image/image.h"
#include "migrate/migrate.h"

#define DOMID 5u
#define GFN   0x30000000000ff7ffull

static int setup(void **state)
{
	(void)state;
	th_begin();
	assert_non_null(sh_domain_new(th.h, DOMID));
	assert_int_equal(domain_introduce(th.d, DOMID, GFN, SH_STORE_PORT), 0);
	return 0;
}

static void expect(uint64_t gfn)
{
	const struct domain *dom = domain_introduced(th.d, DOMID);

	assert_non_null(dom);
	assert_true(dom->have_gfn);
	assert_true(dom->gfn == gfn);
}

static void test_update(void **state)
{
	uint64_t digest = state_digest(th.d);

	(void)state;
	expect(GFN);
	th_update();
	expect(GFN);
	/* builds that do not know the record accept the image, too */
	assert_true(state_digest(th.d) == digest);
	domain_find(th.d, DOMID)->have_gfn = false;
	assert_true(state_digest(th.d) == digest);
	th_update();
	assert_false(domain_find(th.d, DOMID)->have_gfn);
}

static void test_introduced_again(void **state)
{
	(void)state;
	assert_int_equal(domain_introduce(th.d, DOMID, 7, SH_STORE_PORT), 0);
	expect(7);
	/* refused: it keeps the page that it has */
	assert_int_equal(domain_introduce(th.d, DOMID, 8, SH_STORE_PORT + 9),
			 EINVAL);
	expect(7);
	assert_int_equal(domain_release(th.d, DOMID), 0);
	assert_null(domain_find(th.d, DOMID));
}

/* The number means nothing on another host. */
static void test_migration(void **state)
{
	const struct migrate_select all = {0};
	struct image_reader r;
	struct record rec;
	struct wbuf image;
	struct err err = {0};
	int rc = 0;

	(void)state;
	wbuf_init(&image, th.h);
	assert_int_equal(migrate_save(th.d, domain_introduced(th.d, DOMID),
				      &all, &image, &err),
			 0);
	assert_int_equal(
		image_reader_init(&r, th.h, image.data, image.len, &err), 0);
	while (image_read(&r, &rec, &rc, &err))
		assert_false(rec.type == REC_RING_GFN);
	assert_int_equal(rc, 0);
	image_reader_fini(&r);
}

static void test_no_ring(void **state)
{
	const struct record bad[] = {
		{.type = REC_CONNECTION_DATA,
		 .conn = {.conn_id = 9,
			  .type = REC_CONN_SOCKET,
			  .fd = sh_connect(th.h, false)}},
		{.type = REC_RING_GFN, .ring_gfn = {.conn_id = 9, .gfn = 1}},
	};
	struct state_restored ret;
	struct image_writer w;
	struct err err = {0};

	(void)state;
	daemon_free(th.d);
	th_new_daemon();
	image_writer_init(&w, th.h, false);
	image_write(&w, &bad[0]);
	image_write(&w, &bad[1]);
	assert_int_equal(image_writer_finish(&w), 0);
	assert_int_equal(state_restore(th.d, w.buf.data, w.buf.len, &ret, &err),
			 EINVAL);
	assert_non_null(strstr(err.text, "RING_GFN"));
	assert_non_null(strstr(err.text, "not a ring"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_update, setup,
						th_teardown),
		cmocka_unit_test_setup_teardown(test_introduced_again, setup,
						th_teardown),
		cmocka_unit_test_setup_teardown(test_migration, setup,
						th_teardown),
		cmocka_unit_test_setup_teardown(test_no_ring, setup,
						th_teardown),
	};

	return cmocka_run_group_tests_name("ring-gfn", tests, NULL, NULL);
}
