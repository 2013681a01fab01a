/* SPDX-License-Identifier: GPL-2.0-or-later */
/* update-internal: what the files of update/ share; see update.h. */
#ifndef UPDATE_UPDATE_INTERNAL_H
#define UPDATE_UPDATE_INTERNAL_H

#include "update/update.h"

struct conn;
struct control_req;

/* Back to IDLE; frees what was prepared. */
void update_forget(struct daemon *d);
/* Goes from ARMED to REHEARSE. */
void update_rehearse(struct daemon *d);
/* The successor reported a step. */
void update_said(struct daemon *d, const char *doing, const char *step);
/* The deadline is over. */
bool update_late(const struct daemon *d);
/*
 * Ends service: queues OK for the requesting client and fills in the options of
 * the image.  Returns that client, or NULL: the update has failed.
 */
struct conn *update_stop(struct daemon *d, struct state_dump_options *ret_opt);
/* Undoes that, and fails. */
void update_undo(struct daemon *d, struct conn *c, const char *why);
#define UPDATE_NO_MEMORY "no memory to finish the requests already read"
#define UPDATE_WHO_TEXT	 400
/* Answers the requesting client with the reason and goes back to IDLE. */
void update_fail(struct daemon *d, const char *why);
/* How many connections have a transaction open; text says who. */
unsigned int update_transactions(const struct daemon *d, char *text,
				 size_t size);
/* -F: ends those that are older than age_ms; text is for the log. */
void update_end_transactions(struct daemon *d, uint64_t age_ms,
			     const char *text);

/* ---- drain.c ---- */

/* One step of WAIT before oxenstored: may fail or go to GO. */
void update_drain(struct daemon *d);
/* When it is due again without an event, in ms. */
uint64_t update_drain_due(const struct update *u);

/* ---- beside.c ---- */

/* Goes from ARMED to LOAD. */
void update_load(struct daemon *d);
/* After an event in LOAD or READY. */
void update_load_event(struct daemon *d);
/* One step of LOAD or READY, which may fail or cut. */
void update_load_step(struct daemon *d);
/* Whether the next step has something to do without an event. */
bool update_load_due(const struct daemon *d);
/* What goes on, for the report and the log. */
void update_load_text(const struct daemon *d, char *text, size_t size);
uint64_t update_load_nodes(const struct daemon *d);
/* Ends the successor, if there is one, and the copy. */
void update_load_end(struct daemon *d);

/* ---- report.c ---- */

/* live-update -r: the last update and the running one. */
int __must_check update_report(struct control_req *req);
void update_report_failed(struct update *u, enum update_how how,
			  const char *binary, const char *reason);

#endif
