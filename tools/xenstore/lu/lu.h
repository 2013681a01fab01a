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
 * docs/designs/live-update.md has the table of steps and faults.
 */
#ifndef LU_LU_H
#define LU_LU_H

#include "daemon.h"
#include "lu/lu-image.h"

enum lu_state {
	LU_IDLE,
	LU_ARMED,
	LU_REHEARSE,
	LU_WAIT, /* a stock successor: until no transaction is open */
	LU_GO
};

#define LU_STEP_TEXT 128

enum lu_result {
	LU_NONE,
	LU_DONE,
	LU_FAILED
};

/* What became of the last update, for its report. */
struct lu_last {
	enum lu_result result;
	char *binary;
	char *reason;		 /* of a failure */
	struct lu_counts counts; /* carried over */
	uint32_t rehearsal_ms;
	uint64_t pause_us; /* nobody was served; 0: not known */
};

struct lu {
	enum lu_state state;
	char *binary;
	char *args; /* NULL: those of this process */
	enum host_successor kind;
	bool force;	  /* ends what is open when its time is over */
	uint32_t conn_id; /* who asked */
	uint64_t began_ms;
	uint64_t deadline_ms;	 /* of the rehearsal and of waiting */
	uint32_t rehearsal_ms;	 /* how long it took */
	uint64_t stopped_us;	 /* GO: when serving stopped */
	char step[LU_STEP_TEXT]; /* REHEARSE: what it says it does */
	struct lu_last last;
};

/* Hangs the state and the live-update command on the daemon.  ENOMEM. */
int __must_check lu_init(struct daemon *d);
/* An event on DAEMON_TAG_UPDATE: the rehearsal has something to say. */
void lu_event(struct daemon *d);
/* How long the loop may wait, at most timeout_ms (-1: for ever). */
int lu_timeout(const struct daemon *d, int timeout_ms);
/* At the end of a round: time-outs, and the update itself when it is due. */
void lu_step(struct daemon *d);
/* This binary has taken over and serves. */
void lu_took_over(struct daemon *d, const struct lu_restored *from);
/*
 * The way back: this binary was restored from the image of an update that its
 * successor could not serve.  The reply OK that waits becomes the reason.
 */
void lu_returned(struct daemon *d, const struct lu_restored *from,
		 const char *reason);

/* ---- for the files of lu alone ---- */

/* Whatever was prepared: as if it had never been asked for. */
void lu_forget(struct daemon *d);
/* ARMED to REHEARSE. */
void lu_rehearse(struct daemon *d);
/* lu-handback.c: how many connections have one open; text says who. */
unsigned int lu_transactions(const struct daemon *d, char *text, size_t size);
/* Ends them all, as a stock daemon would have to. */
void lu_end_transactions(struct daemon *d);
/*
 * The image of an update to fd, which the answer OK waits in; ports false: the
 * event channels do not go along.
 */
int __must_check lu_write_image(struct daemon *d, int fd, bool ports,
				struct lu_counts *ret_counts, struct err *err);
/*
 * The descriptors that connections and listening sockets stand on; the
 * caller's to free.  NULL without memory.
 */
int *lu_keep(const struct daemon *d, size_t *ret_n);
/* Becomes a stock daemon.  Comes back only if that failed, all undone. */
int __must_check lu_hand_back(struct daemon *d, struct err *err);

/* ---- lu-report.c ---- */

struct control_req;

/* -r: the last update, and the one that is under way. */
int __must_check lu_report(struct control_req *req);
void lu_report_failed(struct lu *lu, const char *binary, const char *reason);

#endif
