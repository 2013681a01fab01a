/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * handoff: how one process of an update tells the next what it leaves it.
 *
 *	XENSTORED_REHEARSE	"IMAGE-FD RESULT-FD": restore with a null host,
 *				write "ok" or "error: why" to RESULT-FD, end
 *	XENSTORED_STEPS		with it: before that, lines "step what" are
 *				understood on RESULT-FD
 *	XENSTORED_HANDOFF	"IMAGE-FD BACK-FD": go on from the image; BACK-FD
 *				is the binary to return to, -1: none
 *	XENSTORED_BACK_ARGS	its arguments, each followed by 0x1f
 *	XENSTORED_GUARD		"TELL-FD PID": a process that does so if this one
 *				ends; a byte written to TELL-FD lets it go
 *	XENSTORED_RETURNED	why the successor could not go on
 *
 * The arguments are the administrator's with -U added, as the stock daemon
 * does it.  A binary that can do this carries an ELF note (name "xenstored",
 * type 1, one word: the version of this agreement).
 */
#ifndef HOST_HANDOFF_H
#define HOST_HANDOFF_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

#define HANDOFF_VERSION	  2u
#define HANDOFF_NOTE_NAME "xenstored"
#define HANDOFF_NOTE_TYPE 1u
#define HANDOFF_SEPARATOR '\x1f'

#define HANDOFF_ENV_REHEARSE "XENSTORED_REHEARSE"
#define HANDOFF_ENV_STEPS    "XENSTORED_STEPS"
#define HANDOFF_ENV_HANDOFF  "XENSTORED_HANDOFF"
#define HANDOFF_ENV_ARGS     "XENSTORED_BACK_ARGS"
#define HANDOFF_ENV_GUARD    "XENSTORED_GUARD"
#define HANDOFF_ENV_RETURNED "XENSTORED_RETURNED"

/* What a successor can keep of its predecessor for the way back. */
#define HANDOFF_ARGS_MAX  64   /* arguments, */
#define HANDOFF_ARGS_TEXT 8192 /* bytes of them with separators and NUL, */
#define HANDOFF_ENV_MAX	  256  /* variables of the environment */

/* What a line begins with that is no result. */
#define HANDOFF_STEP "step "

/*
 * Seconds from exec until the successor must serve: so many, and ten times what
 * its rehearsal took, but not more than the most.
 */
#define HANDOFF_LEAST_S 5u
#define HANDOFF_MOST_S	30u
/* ... and until the guard ends it, the time for a way back included. */
#define HANDOFF_GUARD_TIMES 4u
/* A stock successor is not rehearsed. */
#define HANDOFF_STOCK_S 120u

struct handoff {
	bool rehearse;
	bool steps;  /* rehearsal: handoff_step() is heard */
	bool update; /* a successor, or back again */
	int image_fd;
	int result_fd;	      /* rehearsal */
	int back_fd;	      /* -1: there is no way back */
	int guard_fd;	      /* -1: nobody waits */
	pid_t guard;	      /* 0: none; the caller's to wait for */
	const char *returned; /* why, or NULL */
};

/*
 * The first thing that main does: reads and removes the environment above
 * and, in a successor, sees to it that a crash or a hang before
 * handoff_done() returns to the old binary.  Returns 0 or EINVAL with err.
 */
int __must_check handoff_begin(struct handoff *ho, struct err *err);
/*
 * Whoever asks the daemon to end (SIGTERM and the like) while it changes waits
 * until one of the two serves: what would come of it otherwise is the way back.
 */
void handoff_hold(bool hold);
/* Ends in the old binary; comes back only if there is none. */
void handoff_return(const char *why);
/*
 * The successor serves: no way back from here, and the guard is let go.  It may
 * run where the guard may: the predecessor may have kept to one processor for
 * the exec.  The image is the caller's.
 */
void handoff_done(struct handoff *ho);
/* What a rehearsal does now, for whoever waits for it. */
void handoff_step(const struct handoff *ho, const char *what);
/* The result of a rehearsal: NULL for success. */
void handoff_tell(const struct handoff *ho, const char *why_not);
/*
 * After a success: waits to be killed just before the exec, with the memory
 * that the successor is going to need.  Nobody else has it meanwhile, and the
 * host of a virtual machine does not take it back.
 */
_Noreturn void handoff_stay(const struct handoff *ho);

/*
 * Returns 0 when the file is an ELF program for this machine with our note,
 * ENOENT when it is one without, else ENOEXEC; err says what it is.
 */
int __must_check handoff_binary_fits(int fd, const char *name, struct err *err);

#endif
