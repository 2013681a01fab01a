/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace: writes the log lines of a running daemon to syslog, or to standard
 * error in the foreground, and to the trace file if there is one.
 *
 * The file cannot fill a disk.  At its limit it is renamed to FILE.old, which
 * replaces an older one, and a new FILE is opened.  When that fails, or while
 * the disk is full, lines are dropped and counted; the log says when this
 * begins, and when it ends, how many lines were lost.
 */
#ifndef TRACE_H
#define TRACE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/log.h"

struct trace {
	struct log log;
	int fd; /* of the file; -1: none */
	char *path;
	bool regular;	/* a file that grows: not a pipe or terminal */
	bool stopped;	/* at its limit and cannot be renamed */
	bool failing;	/* the last line was lost */
	bool telling;	/* a line about this is being logged */
	uint64_t size;	/* of the file in bytes */
	uint64_t limit; /* 0: none */
	uint64_t lost;	/* lines lost since that was last logged */
	bool console;	/* log to standard error, not to syslog */
};

/*
 * Sets up *t.  path NULL: no trace file; limit: its size in bytes, 0 for no
 * limit.  Returns 0, or an errno with err when the file cannot be opened: the
 * log works without it, and trace_reopen() tries again.
 */
int __must_check trace_init(struct trace *t, const char *path, uint64_t limit,
			    bool console, struct err *err);
/* Opens the trace file again, after SIGHUP.  A failure is logged. */
void trace_reopen(struct log *log);

#endif
