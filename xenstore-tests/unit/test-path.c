// SPDX-License-Identifier: GPL-2.0-or-later
/* Paths: valid ones, parents, depth, absolute form. */
#include "test-seed.h"

#include <errno.h>

#include "store/path.h"

static void test_valid(void **state)
{
	static const char *const good[] = {
		"/", "/a", "/a/b", "/A-Z_09@", "/a/-/_/@", "/local/domain/0"};
	static const char *const bad[] = {
		"",	"a",	"//",	"/a/",	 "/a//b", "//a", "/a b",
		"/a.b", "/a:b", "/a\n", "/\x80", "/a\\",  "@a",	 "/a*"};
	char path[PATH_ABS_MAX + 2];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(path_valid(good[i], strlen(good[i])));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(path_valid(bad[i], strlen(bad[i])));
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	assert_true(path_valid(path, PATH_ABS_MAX));
	assert_false(path_valid(path, PATH_ABS_MAX + 1));
	/* a path with a NUL inside is invalid */
	assert_false(path_valid("/a\0b", 4));
}

/* Of all bytes exactly those of the protocol are allowed. */
static void test_alphabet(void **state)
{
	unsigned int c, n = 0;

	(void)state;
	for (c = 0; c < 256; c++) {
		char path[3] = {'/', (char)c, 'x'};

		n += path_valid(path, 3);
	}
	assert_int_equal(n, 26 + 26 + 10 + 3); /* '/' makes "//x" */
}

static void test_absolute(void **state)
{
	static char buf[PATH_SIZE], rel[PATH_ABS_MAX + 2];
	size_t len = 0;

	(void)state;
	assert_int_equal(path_absolute("/x", 5, buf, &len), 0);
	assert_string_equal(buf, "/x");
	assert_int_equal(len, 2);
	assert_int_equal(path_absolute("x/y", 65535, buf, &len), 0);
	assert_string_equal(buf, "/local/domain/65535/x/y");
	assert_int_equal(len, strlen(buf));
	assert_int_equal(path_absolute("@x", 5, buf, &len), 0);
	assert_string_equal(buf, "@x");
	assert_int_equal(path_absolute("", 5, buf, &len), EINVAL);
	assert_int_equal(path_absolute("x/", 5, buf, &len), EINVAL);
	memset(rel, 'r', sizeof(rel) - 1);
	rel[PATH_REL_MAX + 1] = 0;
	assert_int_equal(path_absolute(rel, 5, buf, &len), EINVAL);
	rel[PATH_REL_MAX] = 0;
	assert_int_equal(path_absolute(rel, 5, buf, &len), 0);
	memset(rel, 'r', sizeof(rel) - 1);
	rel[0] = '/';
	rel[PATH_ABS_MAX + 1] = 0;
	assert_int_equal(path_absolute(rel, 5, buf, &len), EINVAL);
	rel[PATH_ABS_MAX] = 0;
	assert_int_equal(path_absolute(rel, 5, buf, &len), 0);
	assert_int_equal(len, PATH_ABS_MAX);
}

static void test_parts(void **state)
{
	(void)state;
	assert_int_equal(path_parent_len("/", 1), 0);
	assert_int_equal(path_parent_len("/a", 2), 1);
	assert_int_equal(path_parent_len("/a/b", 4), 2);
	assert_int_equal(path_depth("/", 1), 0);
	assert_int_equal(path_depth("/a", 2), 1);
	assert_int_equal(path_depth("/a/b/c", 6), 3);
	assert_true(path_within("/a/b", 4, "/a", 2));
	assert_true(path_within("/a", 2, "/a", 2));
	assert_true(path_within("/a", 2, "/", 1));
	assert_false(path_within("/ab", 3, "/a", 2));
	assert_false(path_within("/a", 2, "/a/b", 4));
	assert_int_equal(path_quota_len("/local/domain/1/abc", 19), 3);
	assert_int_equal(path_quota_len("/local/domain/1", 15), 15);
	assert_int_equal(path_quota_len("/local/domain/x/abc", 19), 19);
	assert_int_equal(path_quota_len("/abc", 4), 4);
	assert_int_equal(path_quota_depth("/", 1), 0);
	assert_int_equal(path_quota_depth("/a/b/c", 6), 3);
	assert_int_equal(path_quota_depth("/local/domain/1", 15), 3);
	assert_int_equal(path_quota_depth("/local/domain/1/a", 17), 1);
	assert_int_equal(path_quota_depth("/local/domain/1/a/b", 19), 2);
	assert_int_equal(path_quota_depth("/local/domain/x/a", 17), 4);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_alphabet),
		cmocka_unit_test(test_absolute),
		cmocka_unit_test(test_parts),
	};

	return RUN_TESTS("path", tests);
}
