// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tree under random requests: its digest is always that of an equal new
 * tree, children keep their order, and a node stays small.
 */
#include "test-store.h"

#include <errno.h>

#define NAMES 6

static void random_path(struct rnd *r, char *path)
{
	unsigned int depth = 1 + rnd(r, 5);

	while (depth--)
		path += sprintf(path, "/n%u", rnd(r, NAMES));
}

static void random_change(struct world *w, struct rnd *r)
{
	static char value[200];
	struct perm p[2] = {{(uint16_t)rnd(r, 3), (uint16_t)rnd(r, 4)},
			    {(uint16_t)rnd(r, 3), (uint16_t)rnd(r, 4)}};
	char path[64];
	uint32_t what = rnd(r, 100), len = rnd(r, 30);
	int rc;

	random_path(r, path);
	if (!rnd(r, 20))
		len = rnd(r, sizeof(value));
	memset(value, 'a' + (int)rnd(r, 26), len);
	value[len] = 0;
	if (what < 55)
		rc = change_node(w, &w->root, NULL, VERB_WRITE, path, value,
				 NULL, 0);
	else if (what < 65)
		rc = change_node(w, &w->root, NULL, VERB_MKDIR, path, NULL,
				 NULL, 0);
	else if (what < 85)
		rc = change_node(w, &w->root, NULL, VERB_PERMS, path, NULL, p,
				 1 + rnd(r, 2));
	else
		rc = change_node(w, &w->root, NULL, VERB_RM, path, NULL, NULL,
				 0);
	assert_true(!rc || rc == ENOENT);
}

/* Copies a node into another tree, as the last child of its parent. */
static void copy_node(const struct tree *from, struct tree *to, uint32_t id)
{
	const struct node *n = tree_node(from, id);
	const struct perms *p = node_perms(from, n);
	uint8_t *block = value_alloc(to, n->value_len);
	struct perms *perms = perms_intern(to->perms, p->p, p->n);
	char path[PATH_SIZE];
	size_t len = tree_path(from, id, path);
	uint32_t copy = NODE_ROOT;

	if (block)
		memcpy(block, node_value(n), n->value_len);
	assert_int_equal(tree_reserve(to, 1), 0);
	if (id == NODE_ROOT) {
		tree_set_value(to, copy, node_value(n), block, n->value_len, 0);
		tree_set_perms(to, copy, perms, 0);
	} else {
		copy = tree_add(to,
				tree_find(to, path, path_parent_len(path, len)),
				name_intern(to, n->name->s, n->name->len),
				perms, node_value(n), block, n->value_len, 0);
	}
	tree_set_gens(to, copy, n->value_gen, n->children_gen);
}

/* The digest depends on the content, not on its history. */
static uint64_t rebuilt_digest(const struct world *w)
{
	const struct tree *t = w->s->tree;
	struct world copy;
	uint64_t digest;
	uint32_t id;

	world_init(&copy);
	for (id = NODE_ROOT; id; id = tree_next(t, NODE_ROOT, id))
		copy_node(t, copy.s->tree, id);
	digest = tree_digest(copy.s->tree);
	world_fini(&copy);
	return digest;
}

static void test_random(void **state)
{
	struct world w;
	struct rnd r;
	int i;

	(void)state;
	rnd_init(&r, "tree", 3);
	world_init(&w);
	for (i = 1; i <= 100000; i++) {
		random_change(&w, &r);
		if (i % 500)
			continue;
		world_check(&w);
		assert_true(tree_digest(w.s->tree) == rebuilt_digest(&w));
	}
	assert_true(w.s->tree->count > 20);
	assert_int_equal(rm(&w, "/n0"), 0);
	world_fini(&w);
}

/*
 * The same content in another way: another digest only if clients can see it.
 */
static void test_digest_means(void **state)
{
	struct world a, b;

	(void)state;
	world_init(&a);
	world_init(&b);
	assert_int_equal(put(&a, "/x", "1"), 0);
	assert_int_equal(put(&b, "/x", "1"), 0);
	assert_true(tree_digest(a.s->tree) == tree_digest(b.s->tree));
	assert_int_equal(put(&a, "/x", "2"), 0);
	assert_int_equal(put(&b, "/x", "3"), 0);
	assert_true(tree_digest(a.s->tree) != tree_digest(b.s->tree));
	assert_int_equal(put(&b, "/x", "2"), 0);
	/* the value is the same again, the generation is not */
	assert_true(tree_digest(a.s->tree) != tree_digest(b.s->tree));
	world_fini(&a);
	world_fini(&b);
}

static void test_child_order(void **state)
{
	char want[4096] = "", text[4096], path[32];
	struct world w;
	int i;

	(void)state;
	world_init(&w);
	for (i = 0; i < 200; i++) {
		sprintf(path, "/d/%d", i * 7919 % 200);
		assert_int_equal(put(&w, path, ""), 0);
	}
	for (i = 0; i < 200; i += 2) {
		sprintf(path, "/d/%d", i * 7919 % 200);
		assert_int_equal(rm(&w, path), 0);
	}
	for (i = 1; i < 200; i += 2)
		sprintf(want + strlen(want), "%d ", i * 7919 % 200);
	assert_int_equal(put(&w, "/d/last", ""), 0);
	strcat(want, "last ");
	assert_int_equal(
		list_names(&w, &w.root, NULL, "/d", text, sizeof(text)), 0);
	assert_string_equal(text, want);
	world_check(&w);
	world_fini(&w);
}

/* A preorder walk visits each node below its root once, and no other. */
static void test_walk(void **state)
{
	struct world w;
	uint32_t id, n = 0, sub;

	(void)state;
	world_init(&w);
	assert_int_equal(put(&w, "/a/b/c", ""), 0);
	assert_int_equal(put(&w, "/a/d", ""), 0);
	assert_int_equal(put(&w, "/e", ""), 0);
	for (id = NODE_ROOT; id; id = tree_next(w.s->tree, NODE_ROOT, id))
		n++;
	assert_int_equal(n, 6);
	sub = tree_find(w.s->tree, "/a", 2);
	for (id = sub, n = 0; id; id = tree_next(w.s->tree, sub, id))
		n++;
	assert_int_equal(n, 4);
	world_fini(&w);
}

/* Nodes as a toolstack writes them for a guest: few names, small values. */
static void one_guest(struct world *w, unsigned int domid)
{
	static const char *const leaf[] = {
		"name",
		"vm",
		"memory/target",
		"memory/static-max",
		"device/vbd/51712/backend",
		"device/vbd/51712/state",
		"device/vbd/51712/ring-ref",
		"device/vbd/51712/event-channel",
		"device/vif/0/backend",
		"device/vif/0/mac",
		"device/vif/0/state",
		"device/vif/0/tx-ring-ref",
		"console/port",
		"console/ring-ref",
		"console/type",
		"store/port",
		"store/ring-ref",
		"cpu/0/availability",
		"control/shutdown",
		"data/updated",
		"domid",
	};
	char path[128], value[64];
	size_t i;

	for (i = 0; i < sizeof(leaf) / sizeof(leaf[0]); i++) {
		sprintf(path, "/local/domain/%u/%s", domid, leaf[i]);
		sprintf(value, "%u", domid * 31 + (unsigned int)i);
		if (strstr(leaf[i], "backend") || !strcmp(leaf[i], "vm"))
			sprintf(value, "/local/domain/0/backend/vbd/%u/51712",
				domid);
		assert_int_equal(put(w, path, value), 0);
	}
	sprintf(path, "/local/domain/%u", domid);
	assert_int_equal(set_owner(w, path, 1), 0);
}

/* In total: nodes, names, values, index, permissions, accounts. */
static size_t memory_of(const struct world *w)
{
	return tree_memory(w->s->tree) + talloc_total_size(w->s->accounts) +
	       talloc_total_size(w->s->watches);
}

static void test_memory(void **state)
{
	unsigned int domid = 1;
	struct world w;
	size_t before, bytes;

	(void)state;
	world_init(&w);
	before = memory_of(&w);
	while (w.s->tree->count < 100000)
		one_guest(&w, domid++);
	bytes = (memory_of(&w) - before) / w.s->tree->count;
	printf("# tree: %zu bytes a node at %u nodes\n", bytes,
	       w.s->tree->count);
	assert_true(bytes <= 150);
	world_check(&w);
	world_fini(&w);
}

/* The memory of many nodes is freed with them, except for a few pieces. */
static void test_memory_back(void **state)
{
	unsigned int domid = 1, i;
	struct world w;
	char path[64];
	size_t before;

	(void)state;
	world_init(&w);
	before = memory_of(&w);
	while (w.s->tree->count < 300000)
		one_guest(&w, domid++);
	for (i = 0; i < 50000; i++) {
		sprintf(path, "/local/names/%u", i);
		assert_int_equal(put(&w, path, "a value of its own length"), 0);
	}
	assert_true(memory_of(&w) - before > 20u << 20);
	assert_int_equal(put(&w, "/kept/in/between", "by somebody"), 0);
	assert_int_equal(rm(&w, "/local"), 0);
	world_check(&w);
	assert_true(memory_of(&w) - before < 8u << 20);
	world_fini(&w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_digest_means),
		cmocka_unit_test(test_child_order),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_memory_back),
	};

	return RUN_TESTS("tree", tests);
}
