// SPDX-License-Identifier: GPL-2.0-or-later
/* Numbers: digits only, never wrapped, limits exact. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/parse.h"

static void gives(const char *s, uint64_t max, uint64_t want)
{
	uint64_t v = ~want;

	assert_int_equal(parse_u64(s, max, &v), 0);
	assert_true(v == want);
}

static void fails(const char *s, uint64_t max, int code)
{
	uint64_t v = 4711;

	if (parse_u64(s, max, &v) != code)
		fail_msg("\"%s\" does not fail with %d", s, code);
	assert_int_equal(v, 4711);
}

static void test_numbers(void **state)
{
	(void)state;
	gives("0", 0, 0);
	gives("7", 7, 7);
	gives("007", 7, 7);
	gives("10", 10, 10);
	gives("65535", 65535, 65535);
	gives("4294967296", UINT64_MAX, 4294967296);
	gives("18446744073709551615", UINT64_MAX, UINT64_MAX);
	gives("00000000000000000000000000001", 1, 1);
}

static void test_too_large(void **state)
{
	(void)state;
	fails("1", 0, ERANGE);
	fails("8", 7, ERANGE);
	fails("9", 7, ERANGE);
	fails("10", 9, ERANGE);
	fails("65536", 65535, ERANGE);
	fails("18446744073709551616", UINT64_MAX, ERANGE);
	fails("18446744073709551625", UINT64_MAX, ERANGE);
	fails("99999999999999999999999", UINT64_MAX, ERANGE);
	fails("36893488147419103232", UINT64_MAX, ERANGE);
}

static void test_not_a_number(void **state)
{
	static const char *const texts[] = {
		"",    " ",	   " 1", "1 ", "+1", "-1",  "-0",
		"0x1", "1a",	   "a",	 ".",  "1.", "1e3", "\t1",
		"1\n", "\xd9\xa3", "/",	 ":",  "12:"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		fails(texts[i], UINT64_MAX, EINVAL);
}

/* Around each limit, what printf writes is read back or is too large. */
static void test_limits(void **state)
{
	uint64_t max, v;
	char text[32];
	int bit, add;

	(void)state;
	for (bit = 0; bit < 64; bit++) {
		max = (uint64_t)1 << bit;
		for (add = -2; add <= 2; add++) {
			v = max + (uint64_t)(int64_t)add;
			snprintf(text, sizeof(text), "%llu",
				 (unsigned long long)v);
			if (v <= max)
				gives(text, max, v);
			else
				fails(text, max, ERANGE);
		}
	}
}

static void test_u32(void **state)
{
	uint32_t v = 0;

	(void)state;
	assert_int_equal(parse_u32("4294967295", UINT32_MAX, &v), 0);
	assert_int_equal(v, UINT32_MAX);
	assert_int_equal(parse_u32("4294967296", UINT32_MAX, &v), ERANGE);
	assert_int_equal(parse_u32("12", 11, &v), ERANGE);
	assert_int_equal(parse_u32("x", 11, &v), EINVAL);
	assert_int_equal(v, UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_not_a_number),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_u32),
	};

	return cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}
