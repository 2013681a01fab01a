/* SPDX-License-Identifier: GPL-2.0-or-later */
/* progress: see progress.h.  Called by update.c. */
#include "progress.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define EVERY_MS  250u
#define ANSWER_MS 100u

void progress_begin(struct progress *p)
{
	struct err err;

	p->terminal = isatty(STDERR_FILENO);
	p->on = (p->wanted || p->terminal) && !link_open(&p->link, &err);
}

uint64_t progress_next_ms(const struct progress *p)
{
	return p->on ? link_now_ms() + EVERY_MS : LINK_FOREVER;
}

/* On a terminal one line that changes, else a line for each step. */
static void show(struct progress *p, const struct report *r)
{
	if (p->terminal) {
		fprintf(stderr, "\r\033[K%s (%.1f s)", r->step,
			(double)r->elapsed_ms / 1000);
		fflush(stderr);
	} else if (strcmp(p->step, r->step) != 0) {
		fprintf(stderr, "%s\n", r->step);
	}
	memcpy(p->step, r->step, sizeof(p->step));
}

void progress_show(struct progress *p, const sigset_t *mask)
{
	static const char *const words[] = {"live-update", "-r"};
	struct report r;
	int rc = 0;

	if (!p->on)
		return;
	if (!p->asked)
		rc = link_send(&p->link, WIRE_CONTROL, words, 2);
	p->asked = true;
	if (!rc)
		rc = link_receive(&p->link, link_now_ms() + ANSWER_MS, mask,
				  &p->reply);
	if (rc == ETIMEDOUT || rc == EINTR)
		return; /* expected in the pause, when nobody is served */
	p->asked = false;
	if (rc || p->reply.error || report_parse(p->reply.text, &r))
		progress_end(p);
	else if (strcmp(r.state, "idle") != 0)
		show(p, &r);
}

void progress_end(struct progress *p)
{
	if (!p->on)
		return;
	if (p->terminal && *p->step)
		fprintf(stderr, "\r\033[K");
	link_close(&p->link);
	p->on = false;
}
