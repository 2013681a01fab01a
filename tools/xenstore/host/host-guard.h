/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-guard: a process that outlives a successor that ends.  For host-exec.c
 * and host-stock.c alone; handoff.h has what a successor of ours does with it.
 */
#ifndef HOST_HOST_GUARD_H
#define HOST_HOST_GUARD_H

#include <sys/types.h>

#include "host/host-posix.h"

struct guard {
	int tell_fd; /* what is written here lets it go */
	pid_t pid;
	struct guard_plan *plan;
};

/*
 * Starts the guard of this process, which is about to exec a successor: it
 * waits in a copy of the descriptors.  When the process ends without a word,
 * or says nothing for too long (handoff.h; it is ended then), the guard
 * becomes this binary again, with the image in image_fd.  The environment is
 * taken as it is now; what is open now without close-on-exec goes along.
 * Returns 0, or an errno with err: then there is none.
 */
int __must_check guard_start(struct posix *p, int image_fd, struct guard *ret,
			     struct err *err);
/* There has been no exec: the guard goes, everything is as before. */
void guard_stop(struct guard *g);

/*
 * The same for a stock successor, which knows nothing of it: the guard goes
 * when the client back->ask_fd has its answer.  If the process ends before, or
 * the time is over, it asks for the image and becomes this binary again.  It has
 * the descriptors of now, whatever becomes of those of the process, and is
 * nobody's child.
 */
int __must_check guard_start_stock(struct posix *p,
				   const struct host_back *back, int evtchn_fd,
				   struct guard *ret, struct err *err);
void guard_stop_stock(struct guard *g);

#endif
