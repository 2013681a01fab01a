// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A first start on Xen 4.21 and later, which says what domains are for: the
 * privileged one, the store's own, and those that wait in their pages; and that
 * updates keep it.
 */
#include "test-host.h"

#include <errno.h>

#include "domain/domain.h"
#include "image/image.h"
#include "store/tree.h"

static int setup(void **state)
{
	(void)state;
	th_begin();
	th.h->manage = true;
	sh_domain_new(th.h, 0)->store = true;
	return 0;
}

static struct sh_domain *domain(uint16_t domid)
{
	struct sh_domain *dom = sh_domain_new(th.h, domid);

	assert_non_null(dom);
	return dom;
}

static void start(void)
{
	struct err err = {0};

	if (daemon_populate(th.d, &err))
		fail_msg("%s", err.text);
	th_settle();
}

/* The owner of "/", of the special nodes and of the node that the start makes. */
static void expect_priv(uint16_t domid)
{
	const struct tree *t = th.d->store->tree;
	unsigned int i;

	assert_int_equal(th.d->config.priv_domid, domid);
	assert_int_equal(th.d->store->priv_domid, domid);
	assert_int_equal(perms_owner(node_perms(t, tree_node(t, NODE_ROOT))),
			 domid);
	assert_int_equal(
		perms_owner(node_perms(
			t, tree_node(t, tree_find(t, "/tool/xenstored", 15)))),
		domid);
	for (i = 0; i < SPECIAL_COUNT; i++)
		assert_int_equal(perms_owner(th.d->store->special[i].perms),
				 domid);
}

static void test_earlier_xen(void **state)
{
	(void)state;
	th.h->manage = false;
	domain(3)->control = true;
	domain(5)->page->evtchn_port = SH_STORE_PORT;
	start();
	expect_priv(0);
	assert_int_equal(th.d->config.store_domid, 0);
	assert_null(domain_find(th.d, 5));
}

static void test_control_domain(void **state)
{
	(void)state;
	domain(3)->control = true;
	domain(4)->control = true;
	start();
	expect_priv(3);
	assert_int_equal(th.d->config.store_domid, 0);
	th_update();
	expect_priv(3);
	/* the command line of an update outranks it */
	th.config.priv_given = true;
	th.config.priv_domid = 4;
	th_update();
	assert_int_equal(th.d->config.priv_domid, 4);
}

static void test_options(void **state)
{
	(void)state;
	domain(3)->control = true;
	domain(4)->store = true;
	th.config.priv_given = th.config.store_given = true;
	daemon_free(th.d);
	th_new_daemon();
	start();
	expect_priv(0);
	assert_int_equal(th.d->config.store_domid, 0);
}

static void test_waiting(void **state)
{
	struct sh_domain *revoked, *odd;

	(void)state;
	domain(5)->page->evtchn_port = SH_STORE_PORT;
	domain(6);
	revoked = domain(7);
	revoked->page->evtchn_port = SH_STORE_PORT;
	revoked->revoked = true;
	odd = domain(8);
	odd->page->evtchn_port = 9;
	odd->page->connection = 1;
	start();
	assert_non_null(domain_introduced(th.d, 5));
	assert_int_equal(domain_introduced(th.d, 5)->conn->remote_port,
			 SH_STORE_PORT);
	assert_false(domain_introduced(th.d, 5)->have_gfn);
	assert_null(domain_find(th.d, 6));
	assert_null(domain_find(th.d, 7));
	assert_null(domain_find(th.d, 8));
	assert_int_equal(sh_mapped(th.h), 1);
	assert_non_null(strstr(th.logged, "domain 8: "));
	assert_non_null(strstr(th.logged, "port 9"));
}

/* It waits for "connected" and an event. */
static void test_told(void **state)
{
	struct sh_domain *dom = domain(5);

	(void)state;
	dom->page->evtchn_port = SH_STORE_PORT;
	dom->page->connection = 1;
	dom->port[SH_STORE_PORT].pending = false;
	start();
	assert_int_equal(dom->page->connection, 0);
	assert_true(dom->port[SH_STORE_PORT].pending);
}

/* The daemon does not run in dom0; the last xenstore domain counts. */
static void own_domain(void)
{
	th.h->own = 3;
	th.h->dom0_ring = true;
}

static void expect_own(void)
{
	const struct domain *own = domain_introduced(th.d, 3);

	assert_int_equal(th.d->config.store_domid, 3);
	assert_non_null(own);
	assert_ptr_equal(own->conn->ring, sh_domain_find(th.h, 3)->page);
	assert_false(own->conn->client.cred.privileged);
	assert_null(domain_find(th.d, 0));
}

static void test_store_domain(void **state)
{
	struct wire_header hdr;
	int fd;

	(void)state;
	domain(3)->store = true;
	own_domain();
	start();
	expect_priv(0);
	expect_own();
	/* clients on the socket run in that domain */
	fd = sh_connect(th.h, false);
	th_settle();
	th_send(fd, WIRE_WRITE, 1, 0, "mine", 5);
	th_settle();
	assert_true(th_take(fd, &hdr, NULL, 0));
	assert_int_equal(hdr.type, WIRE_WRITE);
	assert_true(tree_find(th.d->store->tree, "/local/domain/3/mine", 20));
	th_update();
	expect_own();
	assert_int_equal(th.d->config.priv_domid, 0);
}

static void test_store_option(void **state)
{
	(void)state;
	domain(3);
	own_domain();
	th.h->manage = false;
	th.config.store_given = true;
	th.config.store_domid = 3;
	daemon_free(th.d);
	th_new_daemon();
	start();
	expect_own();
	th_update();
	expect_own();
}

static void test_roles_late(void **state)
{
	const struct record recs[] = {
		{.type = REC_CONNECTION_DATA,
		 .conn = {.conn_id = 9,
			  .type = REC_CONN_SOCKET,
			  .fd = sh_connect(th.h, false)}},
		{.type = REC_ROLES, .roles = {.priv_domid = 1}},
	};
	struct state_restored ret;
	struct image_writer w;
	struct err err = {0};

	(void)state;
	image_writer_init(&w, th.h, false);
	image_write(&w, &recs[0]);
	image_write(&w, &recs[1]);
	assert_int_equal(image_writer_finish(&w), 0);
	assert_int_equal(state_restore(th.d, w.buf.data, w.buf.len, &ret, &err),
			 EINVAL);
	assert_non_null(strstr(err.text, "ROLES"));
	assert_non_null(strstr(err.text, "before connections"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_earlier_xen, setup,
						th_teardown),
		cmocka_unit_test_setup_teardown(test_control_domain, setup,
						th_teardown),
		cmocka_unit_test_setup_teardown(test_options, setup,
						th_teardown),
		cmocka_unit_test_setup_teardown(test_waiting, setup,
						th_teardown),
		cmocka_unit_test_setup_teardown(test_told, setup, th_teardown),
		cmocka_unit_test_setup_teardown(test_store_domain, setup,
						th_teardown),
		cmocka_unit_test_setup_teardown(test_store_option, setup,
						th_teardown),
		cmocka_unit_test_setup_teardown(test_roles_late, setup,
						th_teardown),
	};

	return cmocka_run_group_tests_name("first", tests, NULL, NULL);
}
