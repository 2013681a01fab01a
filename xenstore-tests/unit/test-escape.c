// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Escaping of untrusted bytes: the result is printable ASCII for any byte and
 * length, and shows what the original was.
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
#include "base/escape.h"

static void gives(enum escape how, const char *bytes, size_t len,
		  const char *want)
{
	char out[256];
	size_t n = escape(out, sizeof(out), bytes, len, how);

	assert_string_equal(out, want);
	assert_int_equal(n, strlen(want));
}

#define GIVES(how, bytes, want) gives(how, bytes, sizeof(bytes) - 1, want)

static void test_pieces(void **state)
{
	(void)state;
	GIVES(ESCAPE_FIELD, "/local/domain/1", "/local/domain/1");
	GIVES(ESCAPE_FIELD, "a b", "a\\x20b");
	GIVES(ESCAPE_FIELD, "", "\"\"");
	GIVES(ESCAPE_FIELD, "\"\"", "\\\"\\\"");
	GIVES(ESCAPE_FIELD, "a\\x0a", "a\\\\x0a");
	GIVES(ESCAPE_QUOTED, "a b\"c\\", "a b\\\"c\\\\");
	GIVES(ESCAPE_QUOTED, "", "");
	GIVES(ESCAPE_QUOTED, "a\0b\0", "a\\x00b\\x00");
}

static void test_lines(void **state)
{
	(void)state;
	GIVES(ESCAPE_LINE, "a \"b\" \\x0a", "a \"b\" \\x0a");
	GIVES(ESCAPE_LINE, "a\nb\tc\r", "a\\x0ab\\x09c\\x0d");
	GIVES(ESCAPE_TEXT, "a\nb\tc\r", "a\nb\tc\\x0d");
}

/* What terminals obey: ESC and the eight-bit controls, alone or in UTF-8. */
static void test_terminals(void **state)
{
	(void)state;
	GIVES(ESCAPE_LINE, "\033[2J\033]0;x\007", "\\x1b[2J\\x1b]0;x\\x07");
	GIVES(ESCAPE_LINE,
	      "\x9b"
	      "2J\x90\x9c",
	      "\\x9b2J\\x90\\x9c");
	GIVES(ESCAPE_TEXT,
	      "\xc2\x9b"
	      "2J",
	      "\\xc2\\x9b2J");
	GIVES(ESCAPE_TEXT, "\xe2\x80\xae\xc3\x28\xff",
	      "\\xe2\\x80\\xae\\xc3(\\xff");
	GIVES(ESCAPE_TEXT, "\x7f\b\x0b\x0c", "\\x7f\\x08\\x0b\\x0c");
}

static void test_all_bytes(void **state)
{
	enum escape how;
	char out[ESCAPE_SIZE];
	unsigned int c, i;

	(void)state;
	for (how = ESCAPE_FIELD; how <= ESCAPE_TEXT; how++)
		for (c = 0; c < 256; c++) {
			size_t n = escape_byte(out, (uint8_t)c, how, "\\u00");

			assert_in_range(n, 1, ESCAPE_SIZE - 1);
			for (i = 0; i < n; i++)
				if (how != ESCAPE_TEXT ||
				    (out[i] != '\n' && out[i] != '\t'))
					assert_in_range(out[i], 0x20, 0x7e);
		}
}

/* Cut between two escaped bytes, never inside one, and marked by "...". */
static void test_cut(void **state)
{
	char out[64];
	size_t size, n;

	(void)state;
	for (size = 8; size < 24; size++) {
		memset(out, '#', sizeof(out));
		n = escape(out, size, "\n\n\n\n\n\n", 6, ESCAPE_LINE);
		assert_int_equal(out[n], '\0');
		assert_int_equal(out[size], '#');
		assert_true(n < size);
		assert_string_equal(out + n - 3, "...");
		assert_int_equal(n % 4, 3);
	}
	n = escape(out, 25, "\n\n\n\n\n\n", 6, ESCAPE_LINE);
	assert_int_equal(n, 24);
	assert_int_equal(escape(out, 8, "1234567", 7, ESCAPE_LINE), 7);
	assert_string_equal(out, "1234567");
	assert_int_equal(escape(out, 8, "12345678", 8, ESCAPE_LINE), 7);
	assert_string_equal(out, "1234...");
}

/* A message can be shown, whatever its arguments were. */
static void test_errors(void **state)
{
	struct err err;
	char text[400];

	(void)state;
	assert_int_equal(err_set(&err, EINVAL, "token %s", "a\n\033[31m\x9b"),
			 EINVAL);
	assert_string_equal(err.text, "token a\\x0a\\x1b[31m\\x9b");
	err_prefix(&err, "at %s", "b\r");
	assert_string_equal(err.text, "at b\\x0d: token a\\x0a\\x1b[31m\\x9b");
	memset(text, '\033', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	err_set(&err, EINVAL, "%s", text);
	assert_true(strlen(err.text) < sizeof(err.text));
	/* the middle is left out, since the end says why */
	assert_non_null(strstr(err.text, " ... "));
	assert_string_equal(err.text + strlen(err.text) - 4, "\\x1b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_terminals),
		cmocka_unit_test(test_all_bytes),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
