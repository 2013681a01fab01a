/* SPDX-License-Identifier: GPL-2.0-or-later */
/* escape: see escape.h.  Knows nothing but the C library. */
#include "base/escape.h"

#include <stdbool.h>
#include <string.h>

static const char cut[] = "...";

static bool printable(uint8_t c)
{
	return c >= 0x20 && c < 0x7f;
}

size_t escape_byte(char out[ESCAPE_SIZE], uint8_t c, enum escape how,
		   const char *hex)
{
	static const char digits[] = "0123456789abcdef";
	bool whole = how == ESCAPE_FIELD || how == ESCAPE_QUOTED;
	size_t n;

	if (whole && (c == '\\' || c == '"')) {
		out[0] = '\\';
		out[1] = (char)c;
		return 2;
	}
	if ((printable(c) && !(how == ESCAPE_FIELD && c == ' ')) ||
	    (how == ESCAPE_TEXT && (c == '\n' || c == '\t'))) {
		out[0] = (char)c;
		return 1;
	}
	n = strlen(hex);
	memcpy(out, hex, n);
	out[n++] = digits[c >> 4];
	out[n++] = digits[c & 15];
	return n;
}

size_t escape(char *out, size_t size, const void *p, size_t len,
	      enum escape how)
{
	const uint8_t *byte = p;
	size_t n = 0, fits = 0, k, i;
	char one[ESCAPE_SIZE];

	if (!len && how == ESCAPE_FIELD) {
		memcpy(out, "\"\"", 3);
		return 2;
	}
	for (i = 0; i < len; i++) {
		k = escape_byte(one, byte[i], how, "\\x");
		if (n + k >= size) {
			memcpy(out + fits, cut, sizeof(cut));
			return fits + sizeof(cut) - 1;
		}
		memcpy(out + n, one, k);
		n += k;
		if (n + sizeof(cut) <= size)
			fits = n;
	}
	out[n] = '\0';
	return n;
}

const char *escape_str(struct escaped *e, const char *s, enum escape how)
{
	escape(e->text, sizeof(e->text), s, strlen(s), how);
	return e->text;
}

void escape_line(char *s, size_t size)
{
	char old[ESCAPE_MOST];
	size_t len = strlen(s), i;

	for (i = 0; i < len && printable((uint8_t)s[i]); i++)
		;
	if (i == len)
		return;
	if (len >= sizeof(old))
		len = sizeof(old) - 1;
	memcpy(old, s, len);
	escape(s, size, old, len, ESCAPE_LINE);
}
