/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report: what xenstored says of its last live update, and of one that is
 * under way (the answer to live-update -r), as numbers and for people.
 *
 * The answer is lines of a name, a blank and a value behind REPORT_TITLE;
 * names that are not known are passed over.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

#define REPORT_TITLE "live-update report\n"
#define REPORT_TEXT  512

struct report {
	char state[16]; /* idle, armed, rehearse */
	char step[REPORT_TEXT];
	char last[16]; /* none, ok, failed */
	char file[REPORT_TEXT];
	char reason[REPORT_TEXT];
	uint64_t elapsed_ms;
	uint64_t nodes, conns, watches, txs;
	uint64_t image_bytes, rehearsal_ms, pause_us;
};

/* EINVAL for a text that is no report: a daemon that keeps none. */
int __must_check report_parse(const char *text, struct report *ret);
/* What became of the last update. */
void report_print(FILE *f, const struct report *r);

#endif
