// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages for the administrator: however long the path in one is, the reason
 * at its end is kept.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"

static void ends(const struct err *err, const char *end)
{
	size_t len = strlen(err->text), n = strlen(end);

	if (len < n || strcmp(err->text + len - n, end) != 0)
		fail_msg("\"%s\" does not end in \"%s\"", err->text, end);
}

static void begins(const struct err *err, const char *begin)
{
	if (strncmp(err->text, begin, strlen(begin)) != 0)
		fail_msg("\"%s\" does not begin with \"%s\"", err->text, begin);
}

static void path(char *buf, size_t size)
{
	memset(buf, 'x', size - 1);
	buf[size - 1] = '\0';
}

static void test_short(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(err_set(&err, EIO, "%s: %s", "file", "why"), EIO);
	assert_string_equal(err.text, "file: why");
	assert_int_equal(err_prefix(&err, "option %d", 7), EIO);
	assert_string_equal(err.text, "option 7: file: why");
	assert_int_equal(err_set(NULL, ENOMEM, "nobody reads it"), ENOMEM);
}

/* A text that just fits is not cut. */
static void test_full(void **state)
{
	char text[sizeof(((struct err *)0)->text)];
	struct err err;

	(void)state;
	path(text, sizeof(text));
	err_set(&err, EIO, "%s", text);
	assert_string_equal(err.text, text);
	err_set(&err, EIO, "%sy", text);
	assert_int_equal(strlen(err.text), sizeof(text) - 1);
	ends(&err, "xy");
	assert_non_null(strstr(err.text, "x ... x"));
}

static void test_long_path(void **state)
{
	char name[4096];
	struct err err;

	(void)state;
	path(name, sizeof(name));
	err_set(&err, EIO, "pid file %s: File name too long", name);
	begins(&err, "pid file xxx");
	ends(&err, "xxx: File name too long");
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

static void test_long_prefix(void **state)
{
	char name[16384];
	struct err err;
	size_t size;

	(void)state;
	for (size = 200; size < sizeof(name); size += 37) {
		path(name, size);
		err_set(&err, EIO, "the reason");
		assert_int_equal(err_prefix(&err, "--restore %s", name), EIO);
		begins(&err, "--restore xxx");
		ends(&err, "xxx: the reason");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_long_path),
		cmocka_unit_test(test_long_prefix),
	};

	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
