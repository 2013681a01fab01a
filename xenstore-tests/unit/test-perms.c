// SPDX-License-Identifier: GPL-2.0-or-later
/* Permission lists: stored once, rights of clients, entries of dead domains. */
#include "test-seed.h"

#include <errno.h>
#include <talloc.h>

#include "store/perms.h"

#define RW (PERM_READ | PERM_WRITE)

static const struct hash_key key = {1, 2};

static unsigned int bits_for(const struct perms *p, uint16_t domid,
			     uint16_t tdomid)
{
	struct cred cred = {domid, tdomid, false};

	return perms_for(p, &cred);
}

static void test_who(void **state)
{
	static const struct perm list[] = {
		{1, PERM_READ}, {2, PERM_WRITE}, {3, 0}, {3, RW}};
	struct perms_table *t = perms_table_new(NULL, &key);
	struct perms *p = perms_intern(t, list, 4);
	struct cred root = {9, PERMS_DOMID_INVALID, true};

	(void)state;
	assert_int_equal(bits_for(p, 1, PERMS_DOMID_INVALID), RW | PERM_OWNER);
	assert_int_equal(bits_for(p, 2, PERMS_DOMID_INVALID), PERM_WRITE);
	/* the first entry that names it counts */
	assert_int_equal(bits_for(p, 3, PERMS_DOMID_INVALID), 0);
	assert_int_equal(bits_for(p, 4, PERMS_DOMID_INVALID), PERM_READ);
	/* SET_TARGET gives the target's rights, including ownership */
	assert_int_equal(bits_for(p, 4, 1), RW | PERM_OWNER);
	assert_int_equal(bits_for(p, 4, 2), PERM_WRITE);
	assert_int_equal(perms_for(p, &root), RW | PERM_OWNER);
	assert_int_equal(perms_owner(p), 1);
	assert_true(perms_name(p, 3));
	assert_false(perms_name(p, 5));
	talloc_free(t);
}

static void test_letters(void **state)
{
	static const char good[] = "nrwb";
	unsigned int bits, c, n = 0;

	(void)state;
	for (c = 0; c < 256; c++)
		n += !perm_bits((char)c, &bits);
	assert_int_equal(n, 4);
	for (c = 0; c < 4; c++) {
		assert_int_equal(perm_bits(good[c], &bits), 0);
		assert_int_equal(bits, c);
		assert_int_equal(perm_letter(bits), good[c]);
	}
}

/* Equal lists are one object; ids of freed ones are used again. */
static void test_interned(void **state)
{
	struct perms_table *t = perms_table_new(NULL, &key);
	struct perms *p[3000];
	uint16_t i;

	(void)state;
	for (i = 0; i < 3000; i++) {
		struct perm list[2] = {{(uint16_t)(i % 1000), 0},
				       {7, PERM_READ}};

		p[i] = perms_intern(t, list, 2);
		assert_non_null(p[i]);
		assert_ptr_equal(perms_by_id(t, p[i]->id), p[i]);
		if (i >= 1000)
			assert_ptr_equal(p[i], p[i - 1000]);
	}
	assert_int_equal(p[5]->refs, 3);
	assert_int_equal(t->next, 1001);
	for (i = 0; i < 3000; i++)
		perms_unref(t, p[i]);
	assert_int_equal(t->tab->count, 0);
	for (i = 0; i < 1000; i++) {
		struct perm other = {i, RW};

		p[i] = perms_intern(t, &other, 1);
	}
	assert_int_equal(t->next, 1001);
	talloc_free(t);
}

static void test_strip(void **state)
{
	static const struct perm list[] = {
		{1, 0}, {5, PERM_READ}, {6, RW}, {5, RW}};
	static const struct perm owner[] = {{5, 0}, {1, PERM_READ}};
	struct perms_table *t = perms_table_new(NULL, &key);
	struct perms *p = perms_intern(t, list, 4);
	struct perms *o = perms_intern(t, owner, 2);
	uint64_t before;

	(void)state;
	perms_account(t, p, 0x1111, true);
	perms_account(t, o, 0x2222, true);
	before = t->digest;
	perms_strip(t, 5, 1);
	assert_int_equal(p->n, 2);
	assert_int_equal(p->p[1].domid, 6);
	assert_true(t->digest != before);
	assert_true(t->digest == p->digest * 0x1111 + o->digest * 0x2222);
	/* owners stay in the list: their nodes are deleted instead */
	assert_int_equal(o->n, 2);
	assert_int_equal(bits_for(p, 5, PERMS_DOMID_INVALID), 0);
	/* the stripped list is found by its new entries */
	assert_ptr_equal(perms_intern(t, p->p, 2), p);
	talloc_free(t);
}

/* A guest's list keeps the entry, which gives the next domain nothing. */
static void test_strip_of_a_guest(void **state)
{
	static const struct perm list[] = {{3, 0}, {5, RW}, {6, PERM_READ}};
	struct perms_table *t = perms_table_new(NULL, &key);
	struct perms *p = perms_intern(t, list, 3);
	uint64_t before;

	(void)state;
	perms_account(t, p, 0x1111, true);
	before = t->digest;
	perms_strip(t, 5, 0);
	assert_int_equal(p->n, 3);
	assert_int_equal(p->p[1].domid, 5 | PERMS_ABSENT);
	assert_false(perms_name(p, 5));
	assert_int_equal(bits_for(p, 5, PERMS_DOMID_INVALID), 0);
	assert_int_equal(bits_for(p, 6, PERMS_DOMID_INVALID), PERM_READ);
	assert_true(t->digest != before);
	assert_true(t->digest == p->digest * 0x1111);
	assert_ptr_equal(perms_intern(t, p->p, 3), p);
	talloc_free(t);
}

/*
 * Lists that a guest could choose so that the digests, which have no key, agree
 * in the half that a table would use.
 */
static void test_keyed(void **state)
{
	struct perms_table *t = perms_table_new(NULL, &key);
	const struct hash_key other = {3, 4};
	struct perms_table *t2 = perms_table_new(NULL, &other);
	struct perm list[2] = {{1, 0}, {2, PERM_READ}};
	struct perms *p = perms_intern(t, list, 2);
	struct perms *p2 = perms_intern(t2, list, 2);

	(void)state;
	assert_true(p->digest == p2->digest);
	assert_int_not_equal(p->link.hash, p2->link.hash);
	talloc_free(t);
	talloc_free(t2);
}

static void count_domid(void *arg, uint16_t domid)
{
	uint32_t *seen = arg;

	assert_true(domid < 10);
	seen[domid]++;
}

/* No new node gets a list that a dead domain owned. */
static void test_retire(void **state)
{
	static const struct perm mine[] = {{5, 0}, {6, PERM_READ}};
	static const struct perm other[] = {{6, 0}, {5, PERM_READ}};
	struct perms_table *t = perms_table_new(NULL, &key);
	struct perms *a = perms_intern(t, mine, 2), *b, *c;
	uint32_t seen[10] = {0};
	struct list lists;

	(void)state;
	list_init(&lists);
	b = perms_intern(t, other, 2);
	perms_domids(t, count_domid, seen);
	assert_int_equal(seen[5], 1);
	assert_int_equal(seen[6], 1);
	perms_retire(t, 5, &lists);
	assert_true(a->retired);
	assert_false(b->retired);
	assert_ptr_equal(list_first(&lists, struct perms_use, link)->perms, a);
	c = perms_intern(t, mine, 2);
	assert_ptr_not_equal(c, a);
	assert_true(perms_equal(c, a));
	/* a retired list is stripped like others, and never found again */
	perms_strip(t, 6, 5);
	assert_int_equal(a->n, 1);
	assert_int_equal(c->n, 1);
	assert_ptr_equal(perms_intern(t, mine, 1), c);
	perms_unref(t, c);
	perms_unref(t, c);
	perms_unref(t, a);
	assert_true(list_empty(&lists));
	perms_strip(t, 5, 0);
	perms_unref(t, b);
	memset(seen, 0, sizeof(seen));
	perms_domids(t, count_domid, seen);
	assert_int_equal(seen[5] + seen[6], 0);
	talloc_free(t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who),
		cmocka_unit_test(test_letters),
		cmocka_unit_test(test_interned),
		cmocka_unit_test(test_strip),
		cmocka_unit_test(test_strip_of_a_guest),
		cmocka_unit_test(test_keyed),
		cmocka_unit_test(test_retire),
	};

	return RUN_TESTS("perms", tests);
}
