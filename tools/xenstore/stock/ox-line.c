/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ox-line: see ox-line.h.  Called by ox-dump.c and ox-node.c. */
#include "stock/ox-line.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define KIND_SHOWN 20

void ox_lines_init(struct ox_lines *in, const void *data, size_t len)
{
	in->p = data;
	in->end = in->p + len;
	in->number = 0;
}

bool ox_line_next(struct ox_lines *in, struct ox_line *ret, int *ret_rc,
		  struct err *err)
{
	size_t left = (size_t)(in->end - in->p);
	const char *p = in->p, *comma, *end;

	*ret_rc = 0;
	if (!left)
		return false;
	ret->at = p;
	ret->number = ++in->number;
	ret->n = 0;
	end = memchr(p, '\n', left);
	if (!end) {
		*ret_rc = err_set(err, EINVAL,
				  "line %" PRIu64 ": has no end after %zu "
				  "bytes; the dump is cut off",
				  in->number, left);
		return false;
	}
	in->p = end + 1;
	do {
		comma = memchr(p, ',', (size_t)(end - p));
		if (!comma)
			comma = end;
		if (ret->n < OX_FIELDS)
			ret->f[ret->n] =
				(struct ox_field){p, (size_t)(comma - p)};
		ret->n++;
		p = comma + 1;
	} while (comma < end);
	return true;
}

int ox_wrong(const struct ox_line *line, struct err *err, const char *fmt, ...)
{
	const struct ox_field *kind = &line->f[0];
	size_t n = kind->len < KIND_SHOWN ? kind->len : KIND_SHOWN;
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(err, EINVAL, "line %" PRIu64 " (%.*s): %s", line->number,
		       (int)n, kind->p, text);
}

static int missing(const struct ox_line *line, unsigned int i, const char *name,
		   struct err *err)
{
	if (i < line->n)
		return 0;
	return ox_wrong(line, err, "field %s: missing; the line has %u fields",
			name, line->n);
}

int ox_number(const struct ox_line *line, unsigned int i, const char *name,
	      uint64_t max, uint64_t *ret, struct err *err)
{
	const struct ox_field *f = &line->f[i];
	uint64_t v = 0;
	size_t k;

	if (missing(line, i, name, err))
		return EINVAL;
	for (k = 0; k < f->len && k < 20; k++) {
		unsigned int d = (unsigned int)(f->p[k] - '0');
		uint64_t next;

		if (d > 9 || __builtin_mul_overflow(v, 10, &next) ||
		    __builtin_add_overflow(next, d, &next) || next > max)
			break;
		v = next;
	}
	if (!f->len || k < f->len)
		return ox_wrong(line, err,
				"field %s: \"%.*s\" is not a number from 0 to "
				"%" PRIu64,
				name, (int)(f->len < 24 ? f->len : 24), f->p,
				max);
	*ret = v;
	return 0;
}

/* The value of a hexadecimal digit; 16 and more: it is none. */
static unsigned int digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (unsigned int)(c - 'a') + 10 : 16;
}

int ox_bytes(const struct ox_line *line, unsigned int i, const char *name,
	     struct wbuf *to, struct err *err)
{
	const struct ox_field *f = &line->f[i];
	uint8_t *p;
	size_t k;

	if (missing(line, i, name, err))
		return EINVAL;
	if (f->len % 2)
		return ox_wrong(line, err,
				"field %s: %zu hexadecimal digits, an odd "
				"number",
				name, f->len);
	if (!f->len)
		return 0;
	p = wbuf_space(to, f->len / 2);
	if (!p)
		return err_set(err, ENOMEM, "no memory");
	for (k = 0; k < f->len; k += 2) {
		unsigned int high = digit(f->p[k]), low = digit(f->p[k + 1]);

		if (high > 15 || low > 15)
			return ox_wrong(line, err,
					"field %s: character %zu is not a "
					"hexadecimal digit",
					name, k + 1 + (high < 16));
		p[k / 2] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

int ox_string(const struct ox_line *line, unsigned int i, const char *name,
	      struct wbuf *to, struct err *err)
{
	size_t at = to->len;
	int rc = ox_bytes(line, i, name, to, err);

	if (rc)
		return rc;
	if (to->len > at && memchr(to->data + at, 0, to->len - at))
		return ox_wrong(line, err, "field %s: has a NUL byte in it",
				name);
	wbuf_u8(to, 0);
	return to->failed ? err_set(err, ENOMEM, "no memory") : 0;
}
