/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ox-line: the lines of oxenstored's dump and their fields; see ox-dump.h.
 *
 * A line has fields with commas between them: its kind, then decimal numbers
 * and hexadecimal bytes.  Knows no kind and no record.  Reads no byte beyond
 * the dump; its only memory is the caller's wbuf.
 */
#ifndef STOCK_OX_LINE_H
#define STOCK_OX_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define OX_FIRST_LINE "$xenstored-dump-format"
/* The kind and the most fields behind it that a line is asked for. */
#define OX_FIELDS 6u

struct ox_field {
	const char *p;
	size_t len;
};

struct ox_line {
	const char *at;	 /* where it begins */
	uint64_t number; /* from 1 */
	unsigned int n;	 /* fields; those from OX_FIELDS on are not in f */
	struct ox_field f[OX_FIELDS];
};

struct ox_lines {
	const char *p, *end;
	uint64_t number; /* of the last line */
};

/* Begins at the first line of the len bytes at data. */
void ox_lines_init(struct ox_lines *in, const void *data, size_t len);
/*
 * Returns true with the next line; false at the end, with *ret_rc 0; false on
 * failure, with *ret_rc EINVAL and err: the last line has no end.
 */
bool ox_line_next(struct ox_lines *in, struct ox_line *ret, int *ret_rc,
		  struct err *err);

/* Sets err to "line N (kind): why" and returns EINVAL. */
int ox_wrong(const struct ox_line *line, struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * The i-th field as a decimal number of at most max; `name` is for the message.
 * Returns 0, or EINVAL with err.
 */
int __must_check ox_number(const struct ox_line *line, unsigned int i,
			   const char *name, uint64_t max, uint64_t *ret,
			   struct err *err);
/* Appends the bytes of the i-th field to `to`.  0, ENOMEM or EINVAL with err. */
int __must_check ox_bytes(const struct ox_line *line, unsigned int i,
			  const char *name, struct wbuf *to, struct err *err);
/* The same with a NUL at the end, and none in between. */
int __must_check ox_string(const struct ox_line *line, unsigned int i,
			   const char *name, struct wbuf *to, struct err *err);

#endif
