/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * update: live update, as a state machine.
 *
 *	IDLE --file--> ARMED --start--> REHEARSE --digest--> GO --exec--> ...
 *	  ^              |                 |                  |
 *	  +----abort-----+----failure------+------failure-----+
 *
 * Before a stock daemon WAIT comes before GO: it takes over no transactions.
 * Before oxenstored WAIT is drain.c.
 *
 * REHEARSE runs while requests are served: a forked child writes an image and
 * execs the new binary, which restores it with a null host and reports whether
 * the digest is the same.  GO is the pause: dump and exec.  Nothing before the
 * exec has a lasting effect, so any failure leaves this daemon serving.
 * docs/design/live-update.md has the table of steps and failures.
 */
#ifndef UPDATE_UPDATE_H
#define UPDATE_UPDATE_H

#include "daemon.h"
#include "state/state.h"

enum update_state {
	UPDATE_IDLE,
	UPDATE_ARMED,
	UPDATE_REHEARSE,
	UPDATE_WAIT, /* stock successor: until it can take over all */
	UPDATE_GO
};

enum update_how {
	UPDATE_ANY, /* not known */
	UPDATE_IN_PLACE,
	UPDATE_BESIDE
};

#define UPDATE_STEP_TEXT 128

enum update_result {
	UPDATE_NONE,
	UPDATE_DONE,
	UPDATE_FAILED
};

/* The result of the last update, for live-update -r. */
struct update_last {
	enum update_result result;
	enum update_how how;
	char *binary;
	char *reason;		    /* of a failure */
	struct state_counts counts; /* handed over */
	uint32_t rehearsal_ms;
	uint64_t pause_us; /* without service; 0: not known */
};

struct update {
	enum update_state state;
	char *binary;
	char *args; /* NULL: those of this process */
	enum host_successor kind;
	bool force;	  /* WAIT: ends open transactions at the deadline */
	uint32_t conn_id; /* the requesting client */
	uint64_t began_ms;
	uint64_t deadline_ms;	     /* of REHEARSE and WAIT */
	bool attempt;		     /* drain.c: one goes on ... */
	uint64_t drain_ms;	     /* until then; else, not before then */
	uint32_t rehearsal_ms;	     /* how long it took */
	uint64_t stopped_us;	     /* GO: when serving stopped */
	char step[UPDATE_STEP_TEXT]; /* REHEARSE: its last reported step */
	bool arrived; /* from oxenstored; its client does not know yet */
	struct update_last last;
};

/* Adds d->update and the live-update command.  Returns 0 or ENOMEM. */
int __must_check update_init(struct daemon *d);
/* Handles DAEMON_TAG_UPDATE: the rehearsal has written something. */
void update_event(struct daemon *d);
/* Returns how long the loop may wait, at most timeout_ms (-1: no limit). */
int update_timeout(const struct daemon *d, int timeout_ms);
/* Called at the end of each round: time-outs, and GO when it is due. */
void update_step(struct daemon *d);
/* In the successor: logs and keeps the result for live-update -r. */
void update_took_over(struct daemon *d, const struct state_restored *from,
		      enum update_how how);
/*
 * The same in the successor of a stock daemon, which tells no times.  ox: of
 * oxenstored, whose client is yet to be told.
 */
void update_took_stock(struct daemon *d, const struct state_restored *from,
		       bool ox);
/*
 * In the old binary when the successor failed: logs the reason, and replaces the
 * pending reply OK with it.
 */
void update_returned(struct daemon *d, const struct state_restored *from,
		     const char *reason);

/* ---- for the files of update/ alone ---- */

/* Back to IDLE; frees what was prepared. */
void update_forget(struct daemon *d);
/* Goes from ARMED to REHEARSE. */
void update_rehearse(struct daemon *d);
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

/* ---- report.c ---- */

struct control_req;

/* live-update -r: the last update and the running one. */
int __must_check update_report(struct control_req *req);
void update_report_failed(struct update *u, const char *binary,
			  const char *reason);

#endif
