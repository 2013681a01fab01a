/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * update: live update, as a state machine.
 *
 *	IDLE --file--> ARMED --start--> REHEARSE --digest--> GO --exec--> ...
 *	  ^              |                 |                  |
 *	  +----abort-----+----failure------+------failure-----+
 *
 * Before a stock daemon WAIT comes before GO: it takes over no transactions.
 * Before oxenstored WAIT is drain.c.  One of ours is executed in this process,
 * as drawn above, or loaded beside it (beside.c).
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
	UPDATE_GO,
	UPDATE_LOAD, /* beside.c */
	UPDATE_READY
};

enum update_how {
	UPDATE_ANY, /* not chosen: UPDATE_DEFAULT, where that is possible */
	UPDATE_IN_PLACE,
	UPDATE_BESIDE
};

#define UPDATE_DEFAULT UPDATE_IN_PLACE

#define UPDATE_STEP_TEXT 128

enum update_result {
	UPDATE_NONE,
	UPDATE_DONE,
	UPDATE_FAILED
};

/* The result of the last update, for live-update -r. */
struct update_last {
	enum update_result result;
	enum update_how how; /* UPDATE_ANY: not known */
	char *binary;
	char *reason;		    /* of a failure */
	struct state_counts counts; /* handed over */
	uint32_t rehearsal_ms;	    /* beside: of loading */
	uint64_t pause_us;	    /* without service; 0: not known */
};

struct copy;

struct update {
	enum update_state state;
	char *binary;
	char *args; /* NULL: those of this process */
	enum host_successor kind;
	enum update_how how;
	bool force;	  /* WAIT: ends open transactions at the deadline */
	uint32_t conn_id; /* the requesting client */
	uint64_t began_ms;
	uint64_t deadline_ms;  /* of REHEARSE, LOAD and WAIT */
	bool attempt;	       /* drain.c: one goes on ... */
	uint64_t drain_ms;     /* until then; else, not before then */
	uint32_t rehearsal_ms; /* how long it took */
	bool loading;	       /* beside.c: there is a successor, */
	struct copy *copy;     /* the copy that it gets, */
	bool all;	       /* the walk has ended, and */
	uint64_t asked;	       /* this much was sent before the question */
	uint64_t stopped_us;   /* GO: when serving stopped */
	char step[UPDATE_STEP_TEXT]; /* the successor's last reported step */
	bool arrived; /* from oxenstored; its client does not know yet */
	struct update_last last;
};

/* Adds d->update and the live-update command.  Returns 0 or ENOMEM. */
int __must_check update_init(struct daemon *d);
/* Handles DAEMON_TAG_UPDATE: the successor has written something. */
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

#endif
