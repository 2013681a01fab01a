/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-guard: a process that execs the old binary if the successor fails.  For
 * host-exec.c and host-stock.c alone; handoff.h says how a successor of ours
 * ends it.
 */
#ifndef HOST_HOST_GUARD_H
#define HOST_HOST_GUARD_H

#include <sys/types.h>

#include "host/host-posix.h"

struct guard {
	int tell_fd; /* a byte written here ends it */
	pid_t pid;
	struct guard_plan *plan;
};

/*
 * Starts the guard of this process, which is about to exec a successor.  The
 * guard has a copy of the descriptors and of the environment of now.  If the
 * process ends without writing to tell_fd, or writes nothing in time (handoff.h;
 * the guard kills it then), the guard execs this binary with the image in
 * image_fd; descriptors without close-on-exec stay open.  Returns 0, or an errno
 * with err: no guard runs.
 */
int __must_check guard_start(struct posix *p, int image_fd, struct guard *ret,
			     struct err *err);
/* The exec failed: ends the guard. */
void guard_stop(struct guard *g);

/*
 * The same for a stock successor, which does not know the guard: the guard ends
 * when back->ask_fd has its reply.  If the process ends before, or time is over,
 * the guard calls back->image() and execs this binary.  It has its own copy of
 * the descriptors and is not a child of the process.
 */
int __must_check guard_start_stock(struct posix *p,
				   const struct host_back *back, int evtchn_fd,
				   struct guard *ret, struct err *err);
void guard_stop_stock(struct guard *g);

#endif
