/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * progress: shows on standard error what a live update is doing.  Asks over a
 * second connection, while the first one waits for the result.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "link.h"
#include "report.h"

struct progress {
	bool wanted;   /* also without a terminal */
	bool on;       /* link is open */
	bool terminal; /* standard error is one */
	bool asked;    /* the reply is still to come */
	struct link link;
	struct reply reply;
	char step[REPORT_TEXT]; /* shown last */
};

/* Connects, if standard error is a terminal or p->wanted. */
void progress_begin(struct progress *p);
/* When to call progress_show() next, by link_now_ms(); LINK_FOREVER: never. */
uint64_t progress_next_ms(const struct progress *p);
/*
 * Asks for the step and shows it.  Returns early on a signal that mask does not
 * block.
 */
void progress_show(struct progress *p, const sigset_t *mask);
/* Clears the line and closes the connection. */
void progress_end(struct progress *p);

#endif
