/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace: where log lines go in a running daemon: syslog, or standard error
 * in the foreground, and the trace file if there is one.
 */
#ifndef TRACE_H
#define TRACE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "base/log.h"

struct trace {
	struct log log;
	FILE *file;
	char *path;
	bool console;
};

/* path NULL: no trace file.  Returns 0 or an errno with err. */
int __must_check trace_init(struct trace *t, const char *path, bool console,
			    struct err *err);

#endif
