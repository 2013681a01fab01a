/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * start: what a daemon does that begins anew, not as a successor: is there one
 * already, limits, the background, sockets and pid file.  For main.c.
 */
#ifndef START_H
#define START_H

#include "daemon.h"
#include "options.h"
#include "trace.h"

/*
 * Whether there is something to start.  Opens nothing that stays, binds and
 * removes nothing.  EEXIST: an xenstored serves there already, and err names
 * it.  Else 0, or an errno with err.
 */
int __must_check start_check(const struct options *o, struct err *err);
/*
 * As many descriptors as this process may have.  log NULL: without a word,
 * else what became of the limit is logged.
 */
void start_raise_files(struct log *log);
/*
 * Goes on in a child, if o says so; before anything of Xen is opened, as
 * mappings of grants do not go along.  *ret_tell: where start_serve() tells the
 * parent, -1 in the foreground.  Returns 0 or an errno with err.
 */
int __must_check start_background(struct options *o, int *ret_tell,
				  struct err *err);
/*
 * From nothing, or from o->restore, to a daemon that can be asked; tell is
 * start_background()'s.  Returns 0 or an errno with err.
 */
int __must_check start_serve(struct daemon *d, const struct options *o,
			     struct trace *t, int tell, struct err *err);

/* ---- of these a successor of a stock daemon has need, too ---- */

/*
 * Writes the pid file and keeps it locked; path NULL: there is none.  Returns
 * 0 or an errno with err.
 */
int __must_check start_pid_file(const char *path, struct err *err);
/* Listens for those who may look and not change anything. */
int __must_check start_ro_socket(struct daemon *d, const struct options *o,
				 struct err *err);

#endif
