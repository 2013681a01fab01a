// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which domain a number is: by its handle on Xen up to 4.20, by its unique id
 * later. Both survive updates, also between builds that know only one of them.
 */
#include "test-host.h"

#include <errno.h>

#include "domain/death.h"
#include "domain/domain.h"
#include "domain/introduce.h"
#include "image/image.h"

#define DOMID 5u

static int setup(void **state)
{
	(void)state;
	th_begin();
	return 0;
}

static void introduce(void)
{
	assert_non_null(sh_domain_new(th.h, DOMID));
	assert_int_equal(domain_introduce(th.d, DOMID, 0, SH_STORE_PORT), 0);
}

/* Another domain gets the number, and nobody is told. */
static void replace(void)
{
	sh_domain_gone(th.h, sh_domain_find(th.h, DOMID));
	assert_non_null(sh_domain_new(th.h, DOMID));
}

static void expect(bool handle, bool unique_id)
{
	const struct domain *dom = domain_introduced(th.d, DOMID);

	assert_non_null(dom);
	assert_int_equal(dom->handle_lo != 0, handle);
	assert_int_equal(dom->unique_id != 0, unique_id);
}

static void update_to(bool manage)
{
	th.h->manage = manage;
	th_update();
}

static void expect_gone(void)
{
	domains_look(th.d);
	assert_null(domain_find(th.d, DOMID));
	th_settle();
}

static void test_noticed(void **state)
{
	int manage;

	(void)state;
	for (manage = 0; manage < 2; manage++) {
		th.h->manage = manage;
		introduce();
		expect(!manage, manage);
		domains_look(th.d);
		expect(!manage, manage);
		replace();
		expect_gone();
		sh_domain_gone(th.h, sh_domain_find(th.h, DOMID));
	}
}

/* Each build keeps what only the other one knows. */
static void test_other_build(void **state)
{
	int manage;

	(void)state;
	for (manage = 0; manage < 2; manage++) {
		th.h->manage = manage;
		introduce();
		update_to(!manage);
		expect(true, true);
		domains_look(th.d);
		expect(true, true);
		replace();
		expect_gone();
		assert_int_equal(
			domain_introduce(th.d, DOMID, 0, SH_STORE_PORT), 0);
		expect(manage, !manage);
		update_to(manage);
		expect(true, true);
		update_to(!manage);
		replace();
		expect_gone();
		sh_domain_gone(th.h, sh_domain_find(th.h, DOMID));
	}
}

static void test_digest(void **state)
{
	uint64_t digest;

	(void)state;
	introduce();
	digest = state_digest(th.d);
	update_to(true);
	expect(true, true);
	/* builds that skip the record accept the image, too */
	assert_true(state_digest(th.d) == digest);
}

/* A toolstack's INTRODUCE may come before the VIRQ that tells of the death. */
static void test_introduced_unnoticed(void **state)
{
	struct perm p[] = {{0, 0}, {DOMID, PERM_READ}};
	const struct perms *perms;
	int manage;

	(void)state;
	for (manage = 0; manage < 2; manage++) {
		th.h->manage = manage;
		introduce();
		perms = perms_intern(th.d->store->perms, p, 2);
		th.d->store->special[SPECIAL_RELEASE].perms =
			perms_ref(perms_intern(th.d->store->perms, p, 2));
		assert_true(perms_name(perms, DOMID));
		replace();
		assert_int_equal(
			domain_introduce(th.d, DOMID, 0, SH_STORE_PORT), 0);
		th_settle();
		expect(!manage, manage);
		assert_false(perms_name(
			th.d->store->special[SPECIAL_RELEASE].perms, DOMID));
		/* the VIRQ comes: nothing more is wrong */
		domains_look(th.d);
		expect(!manage, manage);
		assert_int_equal(domain_release(th.d, DOMID), 0);
		sh_domain_gone(th.h, sh_domain_find(th.h, DOMID));
	}
}

/* It dies while no daemon runs, and its number is used again. */
static void test_saved(void **state)
{
	int manage;

	(void)state;
	for (manage = 0; manage < 2; manage++) {
		th.h->manage = manage;
		introduce();
		replace();
		th.h->no_handoff = true;
		th_update();
		assert_null(domain_find(th.d, DOMID));
		th.h->no_handoff = false;
		th_settle();
		sh_domain_gone(th.h, sh_domain_find(th.h, DOMID));
	}
}

static void test_no_such_domain(void **state)
{
	const struct record rec = {.type = REC_DOMAIN_ID,
				   .domain_id = {.domid = 9, .unique_id = 1}};
	struct state_restored ret;
	struct image_writer w;
	struct err err = {0};

	(void)state;
	image_writer_init(&w, th.h, false);
	image_write(&w, &rec);
	assert_int_equal(image_writer_finish(&w), 0);
	assert_int_equal(state_restore(th.d, w.buf.data, w.buf.len, &ret, &err),
			 EINVAL);
	assert_non_null(strstr(err.text, "DOMAIN_ID"));
	assert_non_null(strstr(err.text, "domid 9: no such domain"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_noticed, setup,
						th_teardown),
		cmocka_unit_test_setup_teardown(test_other_build, setup,
						th_teardown),
		cmocka_unit_test_setup_teardown(test_digest, setup,
						th_teardown),
		cmocka_unit_test_setup_teardown(test_introduced_unnoticed,
						setup, th_teardown),
		cmocka_unit_test_setup_teardown(test_saved, setup, th_teardown),
		cmocka_unit_test_setup_teardown(test_no_such_domain, setup,
						th_teardown),
	};

	return cmocka_run_group_tests_name("domain-id", tests, NULL, NULL);
}
