/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lu: live update, as a state machine.
 *
 *	IDLE --file--> ARMED --start--> REHEARSE --digest--> GO --exec--> ...
 *	  ^              |                 |                  |
 *	  +----abort-----+----failure------+------failure-----+
 *
 * To a stock daemon there is WAIT before GO: it cannot carry transactions.
 *
 * REHEARSE goes on while requests are served: a child of this moment writes
 * an image and becomes the new binary, which restores it without touching
 * anything and says whether it got the same state.  GO is the pause: dump,
 * prove the framing, exec.  Everything before the exec is undone by forgetting
 * it, so that any failure leaves this daemon serving as if never asked.
 * docs/design/live-update.md has the table of steps and faults.
 */
#ifndef UPDATE_UPDATE_H
#define UPDATE_UPDATE_H

#include "daemon.h"
#include "state/state.h"

enum update_state {
	UPDATE_IDLE,
	UPDATE_ARMED,
	UPDATE_REHEARSE,
	UPDATE_WAIT, /* a stock successor: until no transaction is open */
	UPDATE_GO
};

#define UPDATE_STEP_TEXT 128

enum update_result {
	UPDATE_NONE,
	UPDATE_DONE,
	UPDATE_FAILED
};

/* What became of the last update, for its report. */
struct update_last {
	enum update_result result;
	char *binary;
	char *reason;		    /* of a failure */
	struct state_counts counts; /* carried over */
	uint32_t rehearsal_ms;
	uint64_t pause_us; /* nobody was served; 0: not known */
};

struct update {
	enum update_state state;
	char *binary;
	char *args; /* NULL: those of this process */
	enum host_successor kind;
	bool force;	  /* ends what is open when its time is over */
	uint32_t conn_id; /* who asked */
	uint64_t began_ms;
	uint64_t deadline_ms;	     /* of the rehearsal and of waiting */
	uint32_t rehearsal_ms;	     /* how long it took */
	uint64_t stopped_us;	     /* GO: when serving stopped */
	char step[UPDATE_STEP_TEXT]; /* REHEARSE: what it says it does */
	struct update_last last;
};

/* Hangs the state and the live-update command on the daemon.  ENOMEM. */
int __must_check update_init(struct daemon *d);
/* An event on DAEMON_TAG_UPDATE: the rehearsal has something to say. */
void update_event(struct daemon *d);
/* How long the loop may wait, at most timeout_ms (-1: for ever). */
int update_timeout(const struct daemon *d, int timeout_ms);
/* At the end of a round: time-outs, and the update itself when it is due. */
void update_step(struct daemon *d);
/* This binary has taken over and serves. */
void update_took_over(struct daemon *d, const struct state_restored *from);
/*
 * The way back: this binary was restored from the image of an update that its
 * successor could not serve.  The reply OK that waits becomes the reason.
 */
void update_returned(struct daemon *d, const struct state_restored *from,
		     const char *reason);

/* ---- for the files of lu alone ---- */

/* Whatever was prepared: as if it had never been asked for. */
void update_forget(struct daemon *d);
/* ARMED to REHEARSE. */
void update_rehearse(struct daemon *d);
/* ---- report.c ---- */

struct control_req;

/* -r: the last update, and the one that is under way. */
int __must_check update_report(struct control_req *req);
void update_report_failed(struct update *u, const char *binary,
			  const char *reason);

#endif
