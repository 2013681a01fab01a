/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-process: what the files about successors share: host-args.c,
 * host-binary.c (the file), host-rehearse.c, host-image.c, host-exec.c,
 * host-beside.c (a successor of ours), host-stock.c (a stock daemon), host-ox.c (oxenstored),
 * host-guard.c.  For these alone.
 */
#ifndef HOST_HOST_PROCESS_H
#define HOST_HOST_PROCESS_H

#include "host/host-posix.h"

#define ARGS_MAX 64

struct args {
	char *argv[ARGS_MAX + 4];
	char *text; /* what argv points into; NULL: this process's arguments */
};

/* ---- host-args.c ---- */

/*
 * The arguments of a successor: binary, then args split at blanks or (NULL)
 * those of this process, then -U.  For oxenstored (p->kind): binary, those that
 * it always needs, then args; NULL: none.  The caller frees ret->text.
 */
int __must_check args_make(struct posix *p, const char *binary,
			   const char *args, struct args *ret, struct err *err);
/* E2BIG with err: this daemon's arguments are too long for the way back. */
int __must_check args_fit_back(const struct posix *p, struct err *err);
/* Puts those into the environment for the successor.  Returns 0 or ENOMEM. */
int __must_check args_put_back(struct posix *p);

/* ---- host-rehearse.c ---- */

/*
 * Kills the rehearsing child, if there is one.  Returns its status from
 * waitpid().
 */
int rehearsal_end(struct posix *p);
/* In a rehearsing child: writes the reason to fd and ends. */
_Noreturn void child_say(int fd, const char *text);
/*
 * Sets err to why a successor failed, from what it reported last and its status
 * from waitpid(); when: a phrase.  Returns EINVAL.
 */
int child_ended(int status, const char *said, const char *when,
		struct err *err);

/* ---- host-image.c ---- */

/* A new memory file that can be sealed; -1 with errno. */
int posix_memfd(const char *name);

/* Cuts an image off at the file's position, and seals it.  0 or an errno. */
int __must_check image_end(int fd);

/* ---- host-exec.c ---- */

/*
 * A descriptor is inherited by the next exec, or not (close-on-exec).  -1 is
 * no descriptor.  Returns 0 or an errno.
 */
int fd_inherit(int fd, bool inherit);
/* Seconds that the successor may take until it serves; handoff.h. */
unsigned int posix_limit_s(const struct posix *p);

/* ---- host-binary.c ---- */

/*
 * Opens the binary; from here on its descriptor is used.  ours: it must be one of
 * ours, else a stock daemon.  Returns 0 or an errno with err.
 */
int __must_check binary_open(struct posix *p, const char *binary, bool ours,
			     struct err *err);
/*
 * Execs the opened binary.  Returns only on failure: an errno; ESTALE: it was
 * written since.
 */
int run_binary(struct posix *p, char *const *argv);
/* Sets err for that errno, and returns it. */
int not_run(const char *binary, int rc, struct err *err);

/* ---- host-ox.c ---- */

/* Whether the program, len bytes at p, is an oxenstored. */
bool ox_binary(int fd, const char *p, size_t len);
/* 0, or EXDEV with err: its run directory, which is fixed, is not ours. */
int __must_check ox_rundir_fits(struct err *err);
/* Puts the arguments that it always needs at argv; returns how many. */
size_t ox_args(const char **argv);
/* The result of its trial, which has closed its output.  0 or an errno. */
int __must_check ox_rehearsed(struct posix *p, struct err *err);

/* ---- host-stock.c ---- */

/* Recognises a stock xenstored.  Returns 0, or ENOEXEC with err. */
int __must_check stock_binary_fits(int fd, const char *name,
				   enum host_successor *ret_kind,
				   struct err *err);
/*
 * In a child: execs it with -H or, oxenstored, --help, to see whether it accepts
 * the arguments.
 */
_Noreturn void stock_child_run(struct posix *p, struct args *args,
			       int result_fd);
/* Evaluates what it printed.  Returns 0 or EINVAL with err. */
int __must_check stock_rehearsed(const char *said, struct err *err);
/*
 * Execs it; the event channel device and keep stay open.  Starts a guard with the
 * descriptors of back first.  Returns only on failure: an errno with err.
 */
int __must_check stock_exec(struct posix *p, const char *binary,
			    const char *args, int evtchn_fd, const int *keep,
			    size_t nkeep, const struct host_back *back,
			    struct err *err);

#endif
