// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Deletion of subtrees: as a whole, in pieces, and at random, compared with a
 * list that has a change for every node: watches, accounts, generations and
 * digest.
 */
#include "test-store.h"

#define TEXT 200000

static uint32_t at(struct world *w, const char *path)
{
	return tree_find(w->s->tree, path, strlen(path));
}

static void add_watch(struct world *w, struct client *c, const char *path)
{
	struct watch *watch;

	(void)!watch_add(w->s, c, path, path, "t", WATCH_NO_DEPTH, &watch);
}

/* Appends the hits of an applied list to text. */
static void told(struct world *w, const struct change_list *l, char *text)
{
	struct watch_hits hits;
	void *ctx = talloc_new(NULL);
	size_t i;

	text += strlen(text);
	assert_int_equal(watch_match(w->s, l, ctx, &hits), 0);
	for (i = 0; i < hits.n; i++)
		text += sprintf(text, "%u:%s\n", hits.hit[i].watch->client->id,
				hits.hit[i].path);
	talloc_free(ctx);
}

static uint32_t leaf(const struct tree *t, uint32_t id)
{
	while (tree_node(t, id)->first)
		id = tree_node(t, id)->first;
	return id;
}

/* The reference: one change for each node, children first. */
static void delete_one_by_one(struct world *w, uint32_t top, struct account *by,
			      char *text)
{
	struct change_list *l = change_list_new(w->s, w->s);
	const struct tree *t = w->s->tree;
	uint32_t id = leaf(t, top), before = 0;
	char path[PATH_SIZE];
	struct change *c;

	l->by = by;
	for (; before != top; before = id) {
		size_t len;

		if (before)
			id = tree_node(t, before)->next
				     ? leaf(t, tree_node(t, before)->next)
				     : tree_node(t, before)->parent;
		len = tree_path(t, id, path);
		c = change_delete(l, path, len, id);
		assert_non_null(c);
		c->exact = id != top;
	}
	assert_int_equal(change_prepare(l), 0);
	change_apply(l);
	told(w, l, text);
	talloc_free(l);
}

/* In pieces of at most `most` nodes; returns how many pieces. */
static uint32_t delete_some(struct world *w, uint32_t top, uint32_t most,
			    struct account *by, char *text)
{
	struct change_list *l;
	uint32_t n = 0, before;
	bool all = false;

	while (!all) {
		before = w->s->tree->count;
		l = change_list_new(w->s, w->s);
		l->by = by;
		assert_int_equal(change_delete_some(l, top, most, &all), 0);
		assert_int_equal(change_prepare(l), 0);
		change_apply(l);
		told(w, l, text);
		talloc_free(l);
		world_check(w);
		assert_true(before - w->s->tree->count <= most);
		assert_true(before > w->s->tree->count);
		n++;
	}
	return n;
}

/* Nobody watches there: one change for any number of nodes. */
static void test_unwatched(void **state)
{
	struct change_list *l;
	struct world w;
	char path[64];
	uint32_t k;

	(void)state;
	world_init(&w);
	for (k = 0; k < 300; k++) {
		sprintf(path, "/t/%u/%u/%u", k & 3, k >> 2 & 3, k >> 4);
		assert_int_equal(put(&w, path, "value of some length"), 0);
	}
	add_watch(&w, &w.one, "/");
	add_watch(&w, &w.one, "/t/3/2/none");
	l = change_list_new(w.s, w.s);
	assert_int_equal(change_delete_subtree(l, at(&w, "/t/1")), 0);
	assert_int_equal(l->n, 1);
	assert_int_equal(change_prepare(l), 0);
	change_apply(l);
	talloc_free(l);
	assert_int_equal(at(&w, "/t/1"), NODE_NONE);
	assert_int_not_equal(at(&w, "/t/2"), NODE_NONE);
	world_check(&w);
	assert_int_equal(rm(&w, "/t"), 0);
	assert_int_equal(w.s->tree->count, 1);
	world_check(&w);
	world_fini(&w);
}

/* Work depends on the nodes, and on no paths but the watched ones. */
static void test_work(void **state)
{
	static const uint32_t sizes[] = {1000, 4000};
	uint64_t work[2];
	struct world w;
	char path[PATH_SIZE];
	uint32_t i, k;
	size_t len;

	(void)state;
	world_init(&w);
	for (i = 0; i < 2; i++) {
		/* chains with watched ends, 1,000 nodes in all */
		for (k = 0; k < sizes[i]; k += 1000) {
			len = (size_t)sprintf(path, "/t/%u", k);
			while (len < 2000) {
				memcpy(path + len, "/a", 3);
				len += 2;
			}
			assert_int_equal(put(&w, path, ""), 0);
			add_watch(&w, &w.one, path);
		}
		work[i] = w.s->work;
		assert_int_equal(rm(&w, "/t"), 0);
		work[i] = w.s->work - work[i];
	}
	assert_true(work[0] < 5000);
	assert_true(work[1] < 5 * work[0]);
	world_fini(&w);
}

/* ---- at random ---- */

static void random_path(struct rnd *r, char *path)
{
	uint32_t depth = 1 + rnd(r, 5);
	size_t len = (size_t)sprintf(path, "/t");

	while (depth--)
		len += (size_t)sprintf(path + len, "/%u", rnd(r, 4));
}

static void fill(struct world *w, struct rnd *r)
{
	struct perm p[2] = {{0, 0}, {0, PERM_READ}};
	struct tx *tx;
	char path[64], text[64];
	uint32_t i;

	for (i = 0; i < 120; i++) {
		random_path(r, path);
		assert_int_equal(put(w, path, rnd(r, 2) ? "" : "a long value"),
				 0);
		if (!rnd(r, 4))
			add_watch(w, rnd(r, 2) ? &w->one : &w->root, path);
		p[0].domid = (uint16_t)rnd(r, 3);
		p[1].domid = (uint16_t)rnd(r, 3);
		if (!rnd(r, 2))
			assert_int_equal(change_node(w, &w->root, NULL,
						     VERB_PERMS, path, NULL, p,
						     1 + rnd(r, 2)),
					 0);
	}
	add_watch(w, &w->two, "/");
	add_watch(w, &w->two, "/t");
	if (rnd(r, 2))
		return;
	assert_int_equal(tx_start(w->s, &w->root, 0, &tx), 0);
	random_path(r, path);
	(void)!get(w, &w->root, tx, path, text, sizeof(text));
	(void)!list_names(w, &w->root, tx, path, text, sizeof(text));
}

static void test_random(void **state)
{
	static char want[TEXT], is[TEXT];
	char path[64];
	struct world w[3];
	struct rnd r, copy;
	uint32_t round, i;

	(void)state;
	rnd_init(&r, "delete", 1);
	for (round = 0; round < 400; round++) {
		copy = r;
		for (i = 0; i < 3; i++) {
			r = copy;
			world_init(&w[i]);
			fill(&w[i], &r);
		}
		do
			random_path(&r, path);
		while (!at(&w[0], path));
		if (!rnd(&r, 3))
			strcpy(path, "/t");
		want[0] = is[0] = 0;
		delete_one_by_one(&w[0], at(&w[0], path), w[0].one.account,
				  want);
		delete_some(&w[1], at(&w[1], path), UINT32_MAX,
			    w[1].one.account, is);
		assert_string_equal(is, want);
		is[0] = 0;
		delete_some(&w[2], at(&w[2], path), 2 + rnd(&r, 30),
			    w[2].one.account, is);
		assert_string_equal(is, want);
		for (i = 1; i < 3; i++) {
			assert_true(tree_digest(w[i].s->tree) ==
				    tree_digest(w[0].s->tree));
			assert_true(w[i].s->generation == w[0].s->generation);
			assert_int_equal(w[i].one.account->disturbed,
					 w[0].one.account->disturbed);
		}
		for (i = 0; i < 3; i++)
			world_fini(&w[i]);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unwatched),
		cmocka_unit_test(test_work),
		cmocka_unit_test(test_random),
	};

	return RUN_TESTS("delete", tests);
}
