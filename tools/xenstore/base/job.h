/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * job: long work in pieces, one piece a round of the loop.
 *
 * What one event starts may be more than others should wait for: the death of
 * a domain with 100,000 nodes, the end of a client with as many watches.  Its
 * owner puts a job on the daemon's list (d->jobs).  Each round of the loop
 * does one step of the job that waits longest, of JOB_WORK units of work
 * (store->work), between the turns of connections.  The loop does not sleep
 * while there is a job.
 *
 *	job_add() --> waits --> step() --true--> waits, behind the others
 *	                          |
 *	                          +----false--> done, on no list
 *
 * An image has no jobs.  All that are left are done at once before one is
 * written, also in the child that rehearses a live update; an update waits
 * for them until its time is over.  So a step may change the store and queue
 * events, but it does not close a connection, nor touch a descriptor, a port
 * or a ring's page.
 *
 * Between two steps requests are served, so after each step the state is one
 * that clients may see and that store_check() accepts.
 */
#ifndef BASE_JOB_H
#define BASE_JOB_H

#include <stdint.h>

#include "base/list.h"

/* Of one step: less than 100 us. */
#define JOB_WORK 1024u

/* Embedded in what its owner has to know; the owner keeps the memory. */
struct job {
	struct list link; /* in struct jobs; alone while in its step */
	/*
	 * Does about so many units, in pieces as small as it can, at least
	 * one; UINT64_MAX: all that is left.  Returns true when there is more
	 * to do.  When it returns false the job is on no list, and the step
	 * itself may have freed it.  May add other jobs.
	 */
	bool (*step)(struct job *j, uint64_t work);
};

struct jobs {
	struct list waiting;
};

void jobs_init(struct jobs *js);
static inline bool jobs_any(const struct jobs *js)
{
	return !list_empty(&js->waiting);
}

/* Behind the others.  Its step is not called at once. */
void job_add(struct jobs *js, struct job *j,
	     bool (*step)(struct job *j, uint64_t work));
/* It is not to be done any more; not in its own step. */
void job_cancel(struct job *j);
/* One step of the first one, if there is one. */
void jobs_step(struct jobs *js);
/* All of them, and those that they add, to their ends. */
void jobs_finish(struct jobs *js);

#endif
