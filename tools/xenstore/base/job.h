/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * job: long work in pieces, one piece in each round of the loop.
 *
 * One event may cause more work than other clients should wait for, such as
 * the death of a domain with 100,000 nodes, or the end of a client with as many
 * watches.  The work then becomes a job on the daemon's list (d->jobs).  Each
 * round of the loop, after the turns of connections, does one step of the job
 * that has waited longest: JOB_WORK units of work (store->work).  The loop does
 * not sleep while there is a job.
 *
 *	job_add() --> waits --> step() --true--> waits, after the others
 *	                          |
 *	                          +----false--> done, on no list
 *
 * An image contains no jobs.  All remaining ones are finished before one is
 * written, also in the child that rehearses a live update; an update waits for
 * them until its time is over.  So a step may change the store and queue
 * events, but must not close a connection or touch a descriptor, a port or a
 * ring page.
 *
 * Requests are served between steps, so after each step the state must be one
 * that clients may see and that store_check() accepts.
 */
#ifndef BASE_JOB_H
#define BASE_JOB_H

#include <stdint.h>

#include "base/list.h"

/* Units of work in one step: less than 100 us. */
#define JOB_WORK 1024u

/* Embedded in the owner's struct; the owner frees it. */
struct job {
	struct list link; /* in struct jobs; on no list during its step */
	/*
	 * Does about `work` units, at least one, and stops as soon as it can
	 * after that; UINT64_MAX: does all that is left.  Returns true when
	 * there is more to do.  When it returns false the job is on no list,
	 * and the step may have freed it.  May add other jobs.
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

/* Puts the job after the others, without calling its step. */
void job_add(struct jobs *js, struct job *j,
	     bool (*step)(struct job *j, uint64_t work));
/* Takes the job off the list; not to be called in its own step. */
void job_cancel(struct job *j);
/* Does one step of the first job, if there is one. */
void jobs_step(struct jobs *js);
/* Finishes all jobs, and those that they add. */
void jobs_finish(struct jobs *js);

#endif
