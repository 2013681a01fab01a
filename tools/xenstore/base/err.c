/* SPDX-License-Identifier: GPL-2.0-or-later */
/* err: see err.h.  Knows nothing but the C library; called from everywhere. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"

#define FULL_SIZE 8192 /* more than two paths of maximum length */

/* Cuts the middle out of a long sentence, since its end says why. */
static void keep(struct err *err, const char *full)
{
	static const char gap[] = " ... ";
	const size_t size = sizeof(err->text), head = size / 3;
	const size_t tail = size - head - sizeof(gap);
	char text[FULL_SIZE];
	size_t len =
		escape(text, sizeof(text), full, strlen(full), ESCAPE_LINE);

	if (len < size) {
		memcpy(err->text, text, len + 1);
		return;
	}
	memcpy(err->text, text, head);
	memcpy(err->text + head, gap, sizeof(gap) - 1);
	memcpy(err->text + head + sizeof(gap) - 1, text + len - tail, tail + 1);
}

int err_set(struct err *err, int code, const char *fmt, ...)
{
	char full[FULL_SIZE];
	va_list ap;

	if (!err)
		return code;
	err->code = code;
	va_start(ap, fmt);
	vsnprintf(full, sizeof(full), fmt, ap);
	va_end(ap);
	keep(err, full);
	return code;
}

int err_prefix(struct err *err, const char *fmt, ...)
{
	char full[FULL_SIZE];
	va_list ap;
	size_t n;

	if (!err)
		return 0;
	va_start(ap, fmt);
	vsnprintf(full, sizeof(full) - sizeof(err->text) - 2, fmt, ap);
	va_end(ap);
	n = strlen(full);
	snprintf(full + n, sizeof(full) - n, ": %s", err->text);
	keep(err, full);
	return err->code;
}
