/* SPDX-License-Identifier: GPL-2.0-or-later */
/* job: see job.h.  Knows nothing of the work that a job does. */
#include "base/job.h"

void jobs_init(struct jobs *js)
{
	list_init(&js->waiting);
}

void job_add(struct jobs *js, struct job *j,
	     bool (*step)(struct job *j, uint64_t work))
{
	j->step = step;
	list_add_tail(&js->waiting, &j->link);
}

void job_cancel(struct job *j)
{
	list_del(&j->link);
}

static void step(struct jobs *js, uint64_t work)
{
	struct job *j = list_first(&js->waiting, struct job, link);

	if (!j)
		return;
	list_del(&j->link);
	if (j->step(j, work))
		list_add_tail(&js->waiting, &j->link);
}

void jobs_step(struct jobs *js)
{
	step(js, JOB_WORK);
}

void jobs_finish(struct jobs *js)
{
	while (jobs_any(js))
		step(js, UINT64_MAX);
}
