// SPDX-License-Identifier: GPL-2.0-or-later
/* What is left of a domain goes with it, wherever it was put. */
#include "test-store.h"

#include <errno.h>

#include "store/purge.h"

static unsigned int purge(struct world *w, uint16_t domid)
{
	struct purge *p = purge_new(w->s, w->s, domid);
	unsigned int lists = 0;
	struct change_list *l;
	int rc;

	assert_non_null(p);
	do {
		l = change_list_new(w->s, w->s);
		rc = purge_next(p, l);
		if (!rc)
			change_apply(l);
		lists += !rc;
		talloc_free(l);
	} while (!rc);
	assert_int_equal(rc, ENOENT);
	talloc_free(p);
	return lists;
}

static void test_everywhere(void **state)
{
	struct world w;
	char text[64];

	(void)state;
	world_init(&w);
	assert_int_equal(put(&w, "/a/mine/x/y", ""), 0);
	assert_int_equal(put(&w, "/b/z", ""), 0);
	assert_int_equal(put(&w, "/mine2/other/mine3", ""), 0);
	assert_int_equal(set_owner(&w, "/a/mine", 1), 0);
	assert_int_equal(set_owner(&w, "/a/mine/x", 2), 0);
	assert_int_equal(set_owner(&w, "/mine2", 1), 0);
	assert_int_equal(set_owner(&w, "/mine2/other/mine3", 1), 0);
	/* topmost ones, each with all below: two lists */
	assert_int_equal(purge(&w, 1), 2);
	assert_int_equal(list_names(&w, &w.root, NULL, "/", text, 64), 0);
	assert_string_equal(text, "a b ");
	assert_int_equal(list_names(&w, &w.root, NULL, "/a", text, 64), 0);
	assert_string_equal(text, "");
	assert_int_equal(account_find(w.s->accounts, 1)->nodes, 0);
	assert_int_equal(account_find(w.s->accounts, 2)->nodes, 0);
	world_check(&w);
	/* nothing of dom0's, of nobody's */
	assert_int_equal(purge(&w, 0), 0);
	assert_int_equal(purge(&w, 77), 0);
	world_fini(&w);
}

/* "/" cannot go: it is given back. */
static void test_root(void **state)
{
	struct world w;
	char text[64];

	(void)state;
	world_init(&w);
	assert_int_equal(put(&w, "/kept", ""), 0);
	assert_int_equal(put(&w, "/gone", ""), 0);
	assert_int_equal(set_owner(&w, "/", 1), 0);
	assert_int_equal(set_owner(&w, "/gone", 1), 0);
	assert_int_equal(purge(&w, 1), 2);
	assert_int_equal(list_names(&w, &w.root, NULL, "/", text, 64), 0);
	assert_string_equal(text, "kept ");
	world_check(&w);
	world_fini(&w);
}

/* Random owners: afterwards nobody owns anything, and nothing else went. */
static void test_random(void **state)
{
	uint32_t round, i, id;
	struct world w;
	struct rnd r;
	char path[64];

	(void)state;
	rnd_init(&r, "purge", 4);
	world_init(&w);
	for (round = 0; round < 200; round++) {
		for (i = 0; i < 60; i++) {
			sprintf(path, "/%u/%u/%u", rnd(&r, 4), rnd(&r, 4),
				rnd(&r, 4));
			path[2 + 2 * rnd(&r, 3)] = 0;
			assert_int_equal(put(&w, path, "some value"), 0);
			if (!rnd(&r, 4))
				assert_int_equal(set_owner(&w, path, 1), 0);
		}
		purge(&w, 1);
		for (id = NODE_ROOT; id;
		     id = tree_next(w.s->tree, NODE_ROOT, id))
			assert_int_not_equal(
				perms_owner(node_perms(
					w.s->tree, tree_node(w.s->tree, id))),
				1);
		world_check(&w);
	}
	world_fini(&w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everywhere),
		cmocka_unit_test(test_root),
		cmocka_unit_test(test_random),
	};

	return RUN_TESTS("purge", tests);
}
