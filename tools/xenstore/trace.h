/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace: where log lines go in a running daemon: syslog, or standard error
 * in the foreground, and the trace file if there is one.
 *
 * The file cannot fill a disk.  At its limit it becomes FILE.old, in place of
 * the last one of that name, and a new FILE begins.  Where that does not work,
 * and while the disk takes no more, lines are counted and left out; the log
 * says so, and how many they were when it goes on.
 */
#ifndef TRACE_H
#define TRACE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/log.h"

struct trace {
	struct log log;
	int fd; /* of the file, -1: none */
	char *path;
	bool regular;	/* a file that grows, no pipe or terminal */
	bool stopped;	/* at its limit, for good */
	bool failing;	/* the last line was not taken */
	bool telling;	/* of the above; what that logs is not told of */
	uint64_t size;	/* of the file */
	uint64_t limit; /* 0: none */
	uint64_t lost;	/* lines, since that was told of */
	bool console;
};

/*
 * path NULL: no trace file; limit: its bytes, 0 for none.  Returns 0, or an
 * errno with err when there is no such file now: the log goes on without it,
 * and trace_reopen() tries again.
 */
int __must_check trace_init(struct trace *t, const char *path, uint64_t limit,
			    bool console, struct err *err);
/* SIGHUP: the file has been rotated. */
void trace_reopen(struct log *log);

#endif
