// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Change lists: nothing changes before they are applied, and then everything
 * does, including accounts, generations and digest.
 */
#include "test-store.h"

static struct perms *perms_of(struct world *w, uint16_t domid)
{
	struct perm p = {domid, 0};
	struct perms *perms = perms_intern(w->s->perms, &p, 1);

	assert_non_null(perms);
	return perms;
}

static uint32_t at(struct world *w, const char *path)
{
	return tree_find(w->s->tree, path, strlen(path));
}

/* A list that is filled and freed has no effect. */
static void test_dropped(void **state)
{
	struct change_list *l;
	struct perms *p;
	uint64_t digest, gen;
	struct world w;
	uint32_t refs;

	(void)state;
	world_init(&w);
	assert_int_equal(put(&w, "/a/b", "a value that is not short"), 0);
	p = perms_of(&w, 1);
	digest = tree_digest(w.s->tree);
	gen = w.s->generation;
	refs = p->refs;
	l = change_list_new(w.s, w.s);
	assert_non_null(change_create(l, "/a/c", 4, at(&w, "/a"), p,
				      (const uint8_t *)"0123456789", 10));
	assert_non_null(change_create(l, "/a/c/d", 6, NODE_NONE, p, NULL, 0));
	assert_non_null(change_value(l, "/a", 2, at(&w, "/a"),
				     (const uint8_t *)"0123456789", 10));
	assert_non_null(change_perms(l, "/a", 2, at(&w, "/a"), p));
	assert_int_equal(change_delete_subtree(l, at(&w, "/a")), 0);
	assert_int_equal(change_prepare(l), 0);
	assert_true(p->refs > refs);
	talloc_free(l);
	assert_int_equal(p->refs, refs);
	assert_true(tree_digest(w.s->tree) == digest);
	assert_true(w.s->generation == gen);
	world_check(&w);
	perms_unref(w.s->perms, p);
	world_fini(&w);
}

static void test_applied(void **state)
{
	struct change_list *l;
	struct perms *p;
	struct world w;
	char text[32];
	uint64_t gen;

	(void)state;
	world_init(&w);
	assert_int_equal(put(&w, "/a/b", "1"), 0);
	gen = w.s->generation;
	p = perms_of(&w, 1);
	l = change_list_new(w.s, w.s);
	assert_non_null(change_create(l, "/a/c", 4, at(&w, "/a"), p,
				      (const uint8_t *)"0123456789", 10));
	assert_non_null(change_create(l, "/a/c/d", 6, NODE_NONE, p, NULL, 0));
	assert_non_null(change_perms(l, "/a", 2, at(&w, "/a"), p));
	assert_non_null(change_value(l, "/a", 2, at(&w, "/a"),
				     (const uint8_t *)"v", 1));
	assert_int_equal(change_delete_subtree(l, at(&w, "/a/b")), 0);
	assert_int_equal(change_prepare(l), 0);
	change_apply(l);
	talloc_free(l);
	perms_unref(w.s->perms, p);
	assert_int_equal(get(&w, &w.one, NULL, "/a", text, sizeof(text)), 0);
	assert_string_equal(text, "v");
	assert_int_equal(get(&w, &w.one, NULL, "/a/c", text, sizeof(text)), 0);
	assert_string_equal(text, "0123456789");
	assert_int_equal(at(&w, "/a/b"), NODE_NONE);
	assert_int_equal(account_find(w.s->accounts, 1)->nodes, 3);
	assert_int_equal(account_find(w.s->accounts, 0)->nodes, 1);
	assert_true(w.s->generation > gen);
	world_check(&w);
	world_fini(&w);
}

/* Children come before parents, in any shape; the top node fires upward. */
static void test_subtree_order(void **state)
{
	struct change_list *l;
	struct change *c;
	uint32_t n = 0, k, id;
	struct watch *watch;
	struct world w;
	char path[64];

	(void)state;
	world_init(&w);
	for (k = 0; k < 64; k++) {
		sprintf(path, "/t/%u/%u/%u", k & 3, k >> 2 & 3, k >> 4);
		assert_int_equal(put(&w, path, ""), 0);
	}
	/* nodes that nobody watches are not in the list: test-delete.c */
	for (id = at(&w, "/t"); id;
	     id = tree_next(w.s->tree, at(&w, "/t"), id)) {
		tree_path(w.s->tree, id, path);
		assert_int_equal(watch_add(w.s, &w.root, path, path, "",
					   WATCH_NO_DEPTH, &watch),
				 0);
	}
	l = change_list_new(w.s, w.s);
	assert_int_equal(change_delete_subtree(l, at(&w, "/t")), 0);
	list_for_each (c, &l->head, link) {
		const struct change *later;
		struct list *at_list;

		n++;
		assert_int_equal(c->exact, strcmp(c->path, "/t") != 0);
		for (at_list = c->link.next; at_list != &l->head;
		     at_list = at_list->next) {
			later = list_entry(at_list, struct change, link);
			assert_false(path_within(later->path, later->path_len,
						 c->path, c->path_len));
		}
	}
	assert_int_equal(n, 1 + 4 + 16 + 64);
	assert_int_equal(change_prepare(l), 0);
	change_apply(l);
	talloc_free(l);
	assert_int_equal(w.s->tree->count, 1);
	world_check(&w);
	world_fini(&w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dropped),
		cmocka_unit_test(test_applied),
		cmocka_unit_test(test_subtree_order),
	};

	return RUN_TESTS("change", tests);
}
