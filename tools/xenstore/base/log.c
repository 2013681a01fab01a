/* SPDX-License-Identifier: GPL-2.0-or-later */
/* log: see log.h. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

void log_line(const struct log *l, unsigned int sort, const char *fmt, ...)
{
	char line[512];
	va_list ap;

	if (!log_on(l, sort))
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	l->put(l->arg, sort, line);
}
