/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report: parses and prints xenstored's reply to live-update -r, which is about
 * its last live update and the one under way.
 *
 * The reply is REPORT_TITLE, then lines of a name, a blank and a value.
 * Unknown names are ignored.
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
	char state[16]; /* idle, armed, rehearse, load ... */
	char step[REPORT_TEXT];
	char last[16]; /* none, ok, failed */
	char file[REPORT_TEXT];
	char reason[REPORT_TEXT];
	char how[16]; /* in-place, beside; "": not known */
	uint64_t elapsed_ms;
	uint64_t nodes, conns, watches, txs;
	uint64_t image_bytes, rehearsal_ms, pause_us;
};

/* Returns 0, or EINVAL for a text that is not a report. */
int __must_check report_parse(const char *text, struct report *ret);
/* Prints the result of the last update. */
void report_print(FILE *f, const struct report *r);

#endif
