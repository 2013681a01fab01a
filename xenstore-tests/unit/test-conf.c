// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * oxenstored's configuration file: quotas and pid file are kept, the defaults
 * of the rest are passed over, and what is lost is named.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "stock/conf.h"

static struct stock_conf read_text(const char *text)
{
	struct stock_conf conf;

	stock_conf_read(text, strlen(text), &conf);
	return conf;
}

static void test_kept(void **state)
{
	struct stock_conf c =
		read_text("# a comment\nquota-maxentity = 700\n"
			  "  quota-maxwatch=77  \n\nquota-transaction\t=\t9\n"
			  "pid-file = /run/a b.pid\nquota-path-max = 512");

	(void)state;
	assert_int_equal(c.limit[QUOTA_NODES], 700);
	assert_int_equal(c.limit[QUOTA_WATCHES], 77);
	assert_int_equal(c.limit[QUOTA_TRANSACTIONS], 9);
	assert_int_equal(c.limit[QUOTA_PATH_MAX], 512);
	assert_false(c.have[QUOTA_NODE_SIZE]);
	assert_string_equal(c.pid_file, "/run/a b.pid");
	assert_string_equal(c.ignored, "");
}

static void test_default(void **state)
{
	struct stock_conf c = read_text("merge-activate = true\n"
					"quota-activate = true\n"
					"perms-watch-activate = true\n"
					"persistent = false\n"
					"access-log-file = /x\n"
					"# quota-maxentity = 5\n");

	(void)state;
	assert_string_equal(c.ignored, "");
	assert_false(c.have[QUOTA_NODES]);
}

static void test_named(void **state)
{
	struct stock_conf c = read_text("merge-activate = false\n"
					"what is this\n"
					"newer-key = 1\n"
					"quota-maxentity = many\n"
					"quota-maxwatch = 0\n"
					"quota-maxsize = 99999999999\n");

	(void)state;
	assert_string_equal(c.ignored,
			    "merge-activate = false, newer-key = 1, "
			    "quota-maxentity = many, quota-maxwatch = 0, "
			    "quota-maxsize = 99999999999");
	assert_false(c.have[QUOTA_WATCHES]);
}

/* More than there is room for, and words without an end. */
static void test_long(void **state)
{
	static char text[20000];
	struct stock_conf c;
	size_t i;

	(void)state;
	for (i = 0; i + 8 < sizeof(text); i += 8)
		memcpy(text + i, "k = val\n", 8);
	stock_conf_read(text, i, &c);
	assert_string_equal(c.ignored + sizeof(c.ignored) - 4, "...");
	memset(text, 'x', sizeof(text));
	text[300] = '=';
	stock_conf_read(text, sizeof(text), &c);
	assert_string_equal(c.ignored, "");
	memset(text, '=', sizeof(text));
	stock_conf_read(text, sizeof(text), &c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_default),
		cmocka_unit_test(test_named),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}
