// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which nodes relate to a domain: what each part of the rule takes in, and
 * that a guest gets nothing of another's by what it writes.
 */
#include "test-image-sample.h"

#include "migrate/relate.h"

struct node {
	const char *path, *value;
	uint16_t owner;
	bool relates; /* to domain 5 */
};

/* All nodes are shown, in both directions, and then asked for. */
static void check(const struct node *nodes, size_t n)
{
	struct relate *r;
	size_t i, j;
	int way;

	for (way = 0; way < 2; way++) {
		r = relate_new(NULL, 5);
		assert_non_null(r);
		for (i = 0; i < n; i++) {
			j = way ? n - 1 - i : i;
			assert_int_equal(relate_learn(r, nodes[j].path,
						      nodes[j].value,
						      strlen(nodes[j].value)),
					 0);
		}
		assert_int_equal(relate_learned(r), 0);
		for (i = 0; i < n; i++) {
			if (relate_node(r, nodes[i].path, nodes[i].owner) !=
			    nodes[i].relates)
				fail_msg("%s: not as it should", nodes[i].path);
		}
		talloc_free(r);
	}
}

#define CHECK(nodes) check(nodes, SAMPLE_COUNT(nodes))

static void test_what_a_toolstack_writes(void **state)
{
	static const struct node nodes[] = {
		{"/", "", 0, false},
		{"/local", "", 0, false},
		{"/local/domain", "", 0, false},
		{"/local/domain/5", "", 0, true},
		{"/local/domain/5/vm", "/vm/aaaa", 0, true},
		{"/local/domain/5/data/x", "y", 5, true},
		{"/local/domain/5/device/vbd/51712/backend",
		 "/local/domain/0/backend/vbd/5/51712", 5, true},
		{"/local/domain/50", "", 0, false},
		{"/local/domain/50/vm", "/vm/bbbb", 0, false},
		{"/local/domain/0/backend/vbd", "", 0, false},
		{"/local/domain/0/backend/vbd/5", "", 0, true},
		{"/local/domain/0/backend/vbd/5/51712/frontend",
		 "/local/domain/5/device/vbd/51712", 0, true},
		{"/local/domain/0/backend/vbd/5/51712/params", "/dev/x", 0,
		 true},
		{"/local/domain/0/backend/vbd/50/51712", "", 0, false},
		{"/local/domain/0/backend/vbd/50/51712/frontend-id", "50", 0,
		 false},
		{"/vm", "", 0, false},
		{"/vm/aaaa", "", 0, true},
		{"/vm/aaaa/name", "guest", 0, true},
		{"/vm/aaaab", "", 0, false},
		{"/vm/bbbb/name", "other", 0, false},
		{"/libxl", "", 0, false},
		{"/libxl/5/device/vbd/51712", "", 0, true},
		{"/libxl/50", "", 0, false},
		{"/tool/mine", "", 5, true},
		{"/tool/theirs", "", 6, false},
		{"/local/domain/0/device-model/5/state", "running", 0, false},
	};

	(void)state;
	CHECK(nodes);
}

/* A backend in a driver domain, an area named otherwise than by the domid. */
static void test_backends_elsewhere(void **state)
{
	static const struct node nodes[] = {
		{"/local/domain/3/backend/vif/5/0/mac", "", 0, true},
		{"/local/domain/3/backend/odd/area/frontend",
		 "/local/domain/5/device/odd/0", 0, true},
		{"/local/domain/3/backend/odd/area/state", "4", 0, true},
		{"/local/domain/3/backend/odd/other/frontend-id", "5", 0, true},
		{"/local/domain/3/backend/odd/other/x/y", "", 0, true},
		{"/local/domain/3/backend/odd/third/frontend-id", "6", 0,
		 false},
		/* named by both sides, outside of a backend folder */
		{"/local/domain/5/device/weird/0/backend",
		 "/local/domain/3/weird/0", 5, true},
		{"/local/domain/3/weird/0/frontend",
		 "/local/domain/5/device/weird/0", 3, true},
		{"/local/domain/3/weird/0/z", "", 3, true},
		{"/local/domain/3/weird/1", "", 3, false},
	};

	(void)state;
	CHECK(nodes);
}

/* What domain 5 writes below its home gives it nothing of others. */
static void test_a_guest_cannot_choose(void **state)
{
	static const struct node nodes[] = {
		{"/local/domain/5/device/a/0/backend",
		 "/local/domain/0/backend/vbd/7/0", 5, true},
		{"/local/domain/0/backend/vbd/7/0/params", "", 0, false},
		{"/local/domain/5/device/b/0/backend", "/local/domain/7", 5,
		 true},
		{"/local/domain/7/frontend", "/local/domain/5/device/b/0", 7,
		 false},
		{"/local/domain/7/secret", "", 7, false},
		{"/local/domain/5/device/c/0/backend", "/", 5, true},
		{"/frontend", "/local/domain/5/device/c/0", 0, false},
		{"/local/domain/5/device/d/0/backend", "/vm/bbbb", 5, true},
		{"/vm/bbbb/frontend", "/local/domain/5/device/d/0", 0, false},
		{"/local/domain/5/x/vm", "/vm/bbbb", 5, true},
		/* a guest as its own backend's author */
		{"/local/domain/7/backend/frontend-id", "5", 7, false},
		{"/local/domain/7/backend/t/frontend-id", "5", 7, false},
		{"/local/domain/7/backend/t", "", 7, false},
	};

	(void)state;
	CHECK(nodes);
}

static void test_home_names_one_vm(void **state)
{
	static const struct node deep[] = {
		{"/local/domain/5/vm", "/vm/a/b", 0, true},
		{"/vm/a/b", "", 0, false},
	};
	static const struct node all[] = {
		{"/local/domain/5/vm", "/vm", 0, true},
		{"/vm", "", 0, false},
	};
	static const struct node slash[] = {
		{"/local/domain/5/vm", "/vm/a/", 0, true},
		{"/vm/a", "", 0, false},
	};

	(void)state;
	CHECK(deep);
	CHECK(all);
	CHECK(slash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_a_toolstack_writes),
		cmocka_unit_test(test_backends_elsewhere),
		cmocka_unit_test(test_a_guest_cannot_choose),
		cmocka_unit_test(test_home_names_one_vm),
	};

	return cmocka_run_group_tests_name("image relate", tests, NULL, NULL);
}
