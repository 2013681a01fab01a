// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of limits, the meaning of 0, accounts of domains. */
#include "test-seed.h"

#include <errno.h>
#include <talloc.h>

#include "store/quota.h"

/* The names that administrators of the stock C daemon know. */
static void test_table(void **state)
{
	static const struct {
		const char *name;
		uint32_t hard;
	} want[] = {
		{"nodes", 1000},
		{"watches", 128},
		{"outstanding", 20},
		{"transactions", 10},
		{"transaction-nodes", 1024},
		{"node-permissions", 5},
		{"path-max", 2048},
		{"path-depth", 32},
		{"node-size", 2048},
		{"memory", 2560 * 1024},
		{"conflicts", 20},
	};
	struct limits l;
	enum quota q, other;
	size_t i;

	(void)state;
	limits_init(&l);
	assert_int_equal(sizeof(want) / sizeof(want[0]), QUOTA_COUNT);
	for (i = 0; i < QUOTA_COUNT; i++) {
		assert_int_equal(quota_by_name(want[i].name, &q), 0);
		assert_int_equal(q, i);
		assert_int_equal(l.hard[q], want[i].hard);
		assert_string_equal(quota_table[q].name, want[i].name);
		assert_true(strlen(quota_table[q].meaning) > 0);
		if (quota_table[q].old) {
			assert_int_equal(
				quota_by_name(quota_table[q].old, &other), 0);
			assert_int_equal(other, q);
		}
	}
	assert_int_equal(quota_by_name("", &q), ENOENT);
	assert_int_equal(quota_by_name("node", &q), ENOENT);
}

/* Which limit applies, and that 0 means no limit. */
static void test_limit(void **state)
{
	struct accounts *as = accounts_new(NULL);
	struct account *a = account_get(as, 5);
	struct limits host;

	(void)state;
	account_ref(a);
	limits_init(&host);
	assert_int_equal(account_limit(&host, NULL, QUOTA_NODES, false), 1000);
	assert_int_equal(account_limit(&host, a, QUOTA_NODES, false), 1000);
	assert_int_equal(account_set_limit(a, QUOTA_NODES, false, 7), 0);
	assert_int_equal(account_set_limit(a, QUOTA_MEMORY, true, 0), 0);
	host.hard[QUOTA_NODES] = 2000;
	host.hard[QUOTA_WATCHES] = 300;
	assert_int_equal(account_limit(&host, a, QUOTA_NODES, false), 7);
	assert_int_equal(account_limit(&host, NULL, QUOTA_NODES, false), 2000);
	assert_int_equal(account_limit(&host, a, QUOTA_WATCHES, false), 300);
	assert_int_equal(account_limit(&host, a, QUOTA_MEMORY, true), 0);
	assert_int_equal(account_limit(&host, a, QUOTA_MEMORY, false),
			 2560 * 1024);
	assert_int_equal(account_set_limit(a, QUOTA_NODES, false, LIMIT_HOST),
			 0);
	assert_int_equal(account_limit(&host, a, QUOTA_NODES, false), 2000);
	assert_int_equal(account_set_limit(a, QUOTA_NODES, false, 0), 0);
	account_forget(as, 5);
	assert_int_equal(account_limit(&host, a, QUOTA_NODES, false), 2000);
	talloc_free(as);
}

/* An existing domain keeps its limits; own limits that equal the host's go. */
static void test_keep(void **state)
{
	struct accounts *as = accounts_new(NULL);
	struct account *a = account_get(as, 5), *b = account_get(as, 6);
	struct limits host;

	(void)state;
	limits_init(&host);
	assert_int_equal(account_keep_limit(a, &host, QUOTA_NODES, false), 0);
	assert_int_equal(account_keep_limit(a, &host, QUOTA_MEMORY, true), 0);
	host.hard[QUOTA_NODES] = 2000;
	host.soft[QUOTA_MEMORY] = 5;
	assert_int_equal(account_limit(&host, a, QUOTA_NODES, false), 1000);
	assert_int_equal(account_limit(&host, a, QUOTA_MEMORY, true),
			 2048 * 1024);
	assert_int_equal(account_limit(&host, b, QUOTA_NODES, false), 2000);
	/* is its own already */
	assert_int_equal(account_keep_limit(a, &host, QUOTA_NODES, false), 0);
	assert_int_equal(account_limit(&host, a, QUOTA_NODES, false), 1000);

	assert_int_equal(account_set_limit(b, QUOTA_NODES, false, 2000), 0);
	assert_int_equal(account_set_limit(b, QUOTA_MEMORY, true, 5), 0);
	assert_int_equal(account_set_limit(a, QUOTA_NODES, false, 2000), 0);
	accounts_share(as, &host);
	assert_null(b->own);
	assert_non_null(a->own);
	host.hard[QUOTA_NODES] = 3000;
	assert_int_equal(account_limit(&host, a, QUOTA_NODES, false), 3000);
	assert_int_equal(account_set_limit(a, QUOTA_MEMORY, true, LIMIT_HOST),
			 0);
	assert_null(a->own);
	talloc_free(as);
}

static void test_accounts(void **state)
{
	struct accounts *a = accounts_new(NULL);
	uint32_t domid;

	(void)state;
	assert_null(account_find(a, 5));
	for (domid = 0; domid <= 0xffff; domid++)
		account_get(a, (uint16_t)domid)->nodes = domid;
	for (domid = 0; domid <= 0xffff; domid++) {
		struct account *acc = account_find(a, (uint16_t)domid);

		assert_non_null(acc);
		assert_int_equal(acc->nodes, domid);
		assert_ptr_equal(account_get(a, (uint16_t)domid), acc);
	}
	talloc_free(a);
}

/* A domain that is gone leaves no account unless it still uses something. */
static void test_forget(void **state)
{
	struct accounts *as = accounts_new(NULL);
	struct account *a = account_get(as, 5);

	(void)state;
	account_forget(as, 5);
	assert_null(account_find(as, 5));
	account_forget(as, 5);

	a = account_get(as, 5);
	account_ref(a);
	account_ref(a);
	account_forget(as, 5);
	account_unref(as, a);
	assert_ptr_equal(account_find(as, 5), a);
	account_unref(as, a);
	assert_null(account_find(as, 5));

	a = account_get(as, 5);
	a->nodes = 1;
	account_ref(a);
	account_unref(as, a);
	account_forget(as, 5);
	assert_ptr_equal(account_find(as, 5), a);
	a->nodes = 0;

	assert_int_equal(account_set_limit(a, QUOTA_NODES, false, 7), 0);
	account_ref(a);
	account_unref(as, a);
	assert_ptr_equal(account_find(as, 5), a);
	account_forget(as, 5);
	assert_null(account_find(as, 5));

	a = account_get(as, 5);
	a->refused[QUOTA_NODES] = 1;
	account_ref(a);
	account_unref(as, a);
	assert_ptr_equal(account_find(as, 5), a);
	talloc_free(as);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),  cmocka_unit_test(test_limit),
		cmocka_unit_test(test_keep),   cmocka_unit_test(test_accounts),
		cmocka_unit_test(test_forget),
	};

	return RUN_TESTS("quota", tests);
}
