// SPDX-License-Identifier: GPL-2.0-or-later
/* The nodes of a dead domain are removed, wherever they are. */
#include "test-store.h"

#include <errno.h>

#include "store/purge.h"

static unsigned int purge_some(struct world *w, uint16_t domid, uint32_t most)
{
	struct purge *p = purge_new(w->s, w->s, domid);
	unsigned int lists = 0;
	struct change_list *l;
	int rc;

	assert_non_null(p);
	do {
		l = change_list_new(w->s, w->s);
		rc = purge_next(p, l, most);
		if (!rc)
			change_apply(l);
		lists += !rc;
		talloc_free(l);
	} while (!rc);
	assert_int_equal(rc, ENOENT);
	talloc_free(p);
	return lists;
}

static unsigned int purge(struct world *w, uint16_t domid)
{
	return purge_some(w, domid, UINT32_MAX);
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
	/* two topmost nodes, each with all below: two lists */
	assert_int_equal(purge(&w, 1), 2);
	assert_int_equal(list_names(&w, &w.root, NULL, "/", text, 64), 0);
	assert_string_equal(text, "a b ");
	assert_int_equal(list_names(&w, &w.root, NULL, "/a", text, 64), 0);
	assert_string_equal(text, "");
	assert_int_equal(account_find(w.s->accounts, 1)->nodes, 0);
	assert_int_equal(account_find(w.s->accounts, 2)->nodes, 0);
	world_check(&w);
	/* nothing of dom0, nothing of a domain that does not exist */
	assert_int_equal(purge(&w, 0), 0);
	assert_int_equal(purge(&w, 77), 0);
	world_fini(&w);
}

/* "/" cannot be removed: dom0 gets it back. */
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

/* In pieces: nodes created in between stay, and no piece is large. */
static void test_pieces(void **state)
{
	struct world w;
	struct purge *p;
	struct change_list *l;
	uint32_t i, before, empty = 0, pieces = 0;
	char path[64];
	uint16_t domid;
	uint64_t work;
	int rc;

	(void)state;
	world_init(&w);
	assert_int_equal(put(&w, "/mine", ""), 0);
	assert_int_equal(put(&w, "/theirs/of/one", ""), 0);
	assert_int_equal(set_owner(&w, "/mine", 1), 0);
	assert_int_equal(set_owner(&w, "/theirs/of", 1), 0);
	for (i = 0; i < 3000; i++) {
		sprintf(path, "/mine/%u/%u", i % 50, i);
		assert_int_equal(put(&w, path, "a value of some length"), 0);
	}
	p = purge_new(w.s, w.s, 1);
	assert_non_null(p);
	assert_true(purge_concerns(w.s, "/mine/1/no", 10, &domid));
	assert_int_equal(domid, 1);
	assert_false(purge_concerns(w.s, "/theirs", 7, &domid));
	/*
	 * the next domain of that number, and a new node at an old one's path
	 */
	assert_int_equal(put(&w, "/next", ""), 0);
	assert_int_equal(set_owner(&w, "/next", 1), 0);
	assert_false(purge_concerns(w.s, "/next", 5, &domid));
	assert_int_equal(rm(&w, "/theirs/of"), 0);
	for (;;) {
		l = change_list_new(w.s, w.s);
		before = w.s->tree->count;
		work = w.s->work;
		rc = purge_next(p, l, 100);
		if (rc)
			break;
		change_apply(l);
		assert_true(w.s->work - work < 1000);
		assert_true(before - w.s->tree->count <= 100);
		empty += before == w.s->tree->count;
		pieces++;
		talloc_free(l);
		if (pieces == empty + 1)
			assert_int_equal(put(&w, "/theirs/of", ""), 0);
		world_check(&w);
	}
	assert_int_equal(rc, ENOENT);
	talloc_free(l);
	talloc_free(p);
	assert_true(pieces - empty >= 30);
	assert_int_equal(tree_find(w.s->tree, "/mine", 5), NODE_NONE);
	assert_int_not_equal(tree_find(w.s->tree, "/theirs/of", 10), NODE_NONE);
	assert_int_equal(account_find(w.s->accounts, 1)->nodes, 1);
	assert_int_equal(w.s->tree->count, 4);
	world_check(&w);
	world_fini(&w);
}

/* Random owners: afterwards all their nodes are gone, and no others. */
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
		purge_some(&w, 1, rnd(&r, 2) ? UINT32_MAX : 2 + rnd(&r, 9));
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
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_random),
	};

	return RUN_TESTS("purge", tests);
}
