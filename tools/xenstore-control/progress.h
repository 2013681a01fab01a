/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * progress: what a live update is doing, asked for over a second connection
 * while the first one waits, and shown on standard error.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "link.h"
#include "report.h"

struct progress {
	bool wanted; /* also where there is no terminal */
	bool on, terminal, asked;
	struct link link;
	struct reply reply;
	char step[REPORT_TEXT]; /* that is shown */
};

/* Begins to show, if there is somebody to look and a daemon that tells. */
void progress_begin(struct progress *p);
/* When to look next, by link_now_ms(); LINK_FOREVER: never. */
uint64_t progress_next_ms(const struct progress *p);
/* Looks; returns early when a signal comes that mask lets through. */
void progress_show(struct progress *p, const sigset_t *mask);
void progress_end(struct progress *p);

#endif
