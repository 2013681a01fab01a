/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * start: how a daemon starts that is not a successor: checks that no other one
 * runs, raises limits, goes to the background, opens sockets, writes the pid
 * file.  Called by main.c, listening.c, successor.c and
 * successor-beside.c.
 */
#ifndef START_H
#define START_H

#include "daemon.h"
#include "options.h"
#include "trace.h"

/*
 * Checks that no xenstored serves already.  Leaves nothing open, bound or
 * removed.  Returns 0, EEXIST with err naming the one that serves (EBUSY if
 * o->restore is set), or another errno with err.
 */
int __must_check start_check(const struct options *o, struct err *err);
/*
 * Raises the limit of open files as far as this process may.  Logs the result,
 * unless log is NULL.
 */
void start_raise_files(struct log *log);
/*
 * Continues in a child process, unless o->no_fork.  Call it before anything of
 * Xen is opened: a child does not inherit mappings of grants.  Sets *ret_tell
 * for start_serve(): the pipe to the waiting parent, -1 in the foreground.
 * Makes o->restore an absolute path that is never freed.  Returns 0 or an errno
 * with err.
 */
int __must_check start_background(struct options *o, int *ret_tell,
				  struct err *err);
/*
 * Makes *d ready to serve, with an empty store or the state in o->restore; tell
 * is what start_background() set.  Returns 0 or an errno with err.
 */
int __must_check start_serve(struct daemon *d, const struct options *o,
			     struct trace *t, int tell, struct err *err);

/* ---- also for the successor of a stock daemon, and for listening.c ---- */

/*
 * Writes the pid file and keeps it open and locked; path NULL: does nothing.
 * Returns 0 or an errno with err.
 */
int __must_check start_pid_file(const char *path, struct err *err);
/* Makes the run directory and listens.  Returns 0 or an errno with err. */
int __must_check start_rw_socket(struct daemon *d, struct err *err);
/* Listens on the read-only socket.  Returns 0 or an errno with err. */
int __must_check start_ro_socket(struct daemon *d, const struct options *o,
				 struct err *err);

#endif
