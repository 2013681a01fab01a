/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * handoff: what one process of an update leaves to the next.
 *
 *	XENSTORED_REHEARSE	"IMAGE-FD RESULT-FD": restore with a null host,
 *				write "ok" or "error: why" to RESULT-FD, end
 *	XENSTORED_STEPS		with it: lines "step what" may come before the
 *				result
 *	XENSTORED_HANDOFF	"IMAGE-FD BACK-FD": continue from the image; BACK-FD
 *				is the binary to return to, -1: none
 *	XENSTORED_BACK_ARGS	its arguments, each followed by 0x1f
 *	XENSTORED_GUARD		"TELL-FD PID": a process that returns to it if this
 *				one ends; a byte written to TELL-FD ends the guard
 *	XENSTORED_RETURNED	why the successor failed
 *
 * The arguments are the administrator's with -U added, as C xenstored does it.
 * A binary that supports this has an ELF note (name "xenstored", type 1, one
 * word: HANDOFF_VERSION).
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

struct beside;

#define HANDOFF_ENV_REHEARSE "XENSTORED_REHEARSE"
#define HANDOFF_ENV_STEPS    "XENSTORED_STEPS"
#define HANDOFF_ENV_HANDOFF  "XENSTORED_HANDOFF"
#define HANDOFF_ENV_ARGS     "XENSTORED_BACK_ARGS"
#define HANDOFF_ENV_GUARD    "XENSTORED_GUARD"
#define HANDOFF_ENV_RETURNED "XENSTORED_RETURNED"

/* The most that a successor can keep of its predecessor for the way back. */
#define HANDOFF_ARGS_MAX  64   /* arguments, */
#define HANDOFF_ARGS_TEXT 8192 /* bytes of them with separators and NUL, */
#define HANDOFF_ENV_MAX	  256  /* variables of the environment */

/* A line with this prefix is not the result. */
#define HANDOFF_STEP "step "

/*
 * Seconds from exec until the successor must serve: the least plus ten times
 * what its rehearsal took, at most the most.
 */
#define HANDOFF_LEAST_S 5u
#define HANDOFF_MOST_S	30u
/* The guard ends it after this many times that, so that it can return itself. */
#define HANDOFF_GUARD_TIMES 4u
/* A stock successor is not rehearsed. */
#define HANDOFF_STOCK_S 120u

/* A descriptor that a predecessor left open, with its flags. */
struct handoff_fd {
	int fd, fd_flags, status_flags;
};

struct handoff {
	bool rehearse;
	bool steps;  /* rehearsal: handoff_step() is heard */
	bool update; /* a successor, or back again */
	int image_fd;
	int result_fd;		/* rehearsal */
	int back_fd;		/* -1: there is no way back */
	int guard_fd;		/* -1: there is no guard */
	pid_t guard;		/* 0: none; the caller waits for it */
	const char *returned;	/* why, or NULL */
	struct beside *beside;	/* loaded beside its predecessor, or NULL */
	struct handoff_fd *fds; /* what oxenstored has left open */
	size_t nfds;
};

/*
 * The first thing that main does: reads and removes the environment above, and
 * that of beside.h.  In a
 * successor, a crash or a hang from here to handoff_done() returns to the old
 * binary.  Returns 0 or EINVAL with err.
 */
int __must_check handoff_begin(struct handoff *ho, struct err *err);
/*
 * In a process that oxenstored has execed: from here to handoff_done() a crash,
 * a hang or handoff_return() execs fd, its binary, with argv, which must stay.
 * All descriptors are then as they are now.  tell is called before that, perhaps
 * by a signal handler: it must be safe there.  Returns 0 or an errno with err:
 * there is no way back.
 */
int __must_check handoff_back_to_ox(struct handoff *ho, int fd, char **argv,
				    void (*tell)(const struct handoff_fd *fds,
						 size_t n, const char *why),
				    struct err *err);
/*
 * Blocks SIGTERM and the like during the exec, until one of the two daemons
 * serves.  Else such a signal would look like a failure of the successor.
 */
void handoff_hold(bool hold);
/* Execs the old binary; returns only if there is none. */
void handoff_return(const char *why);
/*
 * The successor serves: there is no way back from here, and the guard ends.
 * Takes the guard's processor affinity, as the predecessor may have pinned
 * itself for the exec.  The caller closes the image.
 */
void handoff_done(struct handoff *ho);
/* In a rehearsal: reports a step to the old daemon. */
void handoff_step(const struct handoff *ho, const char *what);
/* In a rehearsal: reports the result; NULL: success. */
void handoff_tell(const struct handoff *ho, const char *why_not);
/*
 * After a success: waits to be killed just before the exec.  Until then it keeps
 * the memory that the successor will need, so that neither another process nor
 * the host of a virtual machine takes it.
 */
_Noreturn void handoff_stay(const struct handoff *ho);

/*
 * Returns 0 when the file is an ELF program for this machine with our note,
 * ENOENT when it is one without, else ENOEXEC; err says what it is.
 */
int __must_check handoff_binary_fits(int fd, const char *name, struct err *err);

#endif
