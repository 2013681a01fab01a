/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-process: what the files about successors share: host-args.c,
 * host-binary.c (the file), host-rehearse.c, host-image.c, host-exec.c (a
 * successor of ours), host-stock.c (a stock daemon), host-guard.c.  For these
 * alone.
 */
#ifndef HOST_HOST_PROCESS_H
#define HOST_HOST_PROCESS_H

#include "host/host-posix.h"

#define ARGS_MAX 64

struct args {
	char *argv[ARGS_MAX + 4];
	char *text; /* what argv points into, if not the old one */
};

/* ---- host-args.c ---- */

/*
 * The arguments of a successor: binary, then args split at blanks or (NULL)
 * those of this process, then -U.  The caller frees ret->text.
 */
int __must_check args_make(struct posix *p, const char *binary,
			   const char *args, struct args *ret, struct err *err);
/* E2BIG with err if this daemon's own arguments are too long to come back. */
int __must_check args_fit_back(const struct posix *p, struct err *err);
/* Puts them into the environment of the successor.  ENOMEM. */
int __must_check args_put_back(struct posix *p);

/* ---- host-rehearse.c ---- */

/*
 * Ends the rehearsing child, if it is there; returns its exit status as
 * waitpid() tells it.
 */
int rehearsal_end(struct posix *p);
/* In a rehearsing child: writes the reason to fd and ends. */
_Noreturn void child_say(int fd, const char *text);

/* ---- host-image.c ---- */

/* Cuts an image off at the file's position, and seals it.  0 or an errno. */
int __must_check image_end(int fd);

/* ---- host-exec.c ---- */

/*
 * A descriptor is inherited by the next exec, or not (close-on-exec).  -1 is
 * no descriptor.  Returns 0 or an errno.
 */
int fd_inherit(int fd, bool inherit);
/* Seconds that the successor may take, by its rehearsal; handoff.h. */
unsigned int posix_limit_s(const struct posix *p);

/* ---- host-binary.c ---- */

/*
 * Opens what is to be run, from here on by its descriptor; ours: it has to be
 * a successor of our kind, else a stock daemon.  Returns 0 or an errno with
 * err.
 */
int __must_check binary_open(struct posix *p, const char *binary, bool ours,
			     struct err *err);
/*
 * Becomes the binary that was rehearsed; comes back only when that failed, with
 * an errno: ESTALE, it was written to meanwhile.
 */
int run_binary(struct posix *p, char *const *argv);
/* What that errno means, in words; returns it. */
int not_run(const char *binary, int rc, struct err *err);

/* ---- host-stock.c ---- */

/* Whether an ELF file without our note is a stock xenstored; ENOEXEC. */
int __must_check stock_binary_fits(int fd, const char *name,
				   enum host_successor *ret_kind,
				   struct err *err);
/* In a child: becomes it, only to be told what its options are. */
_Noreturn void stock_child_run(struct posix *p, struct args *args,
			       int result_fd);
/* What it said: 0 or EINVAL. */
int __must_check stock_rehearsed(const char *said, struct err *err);
/*
 * The exec; the event channel device among the descriptors to keep, and a
 * guard with those of back.
 */
int __must_check stock_exec(struct posix *p, const char *binary,
			    const char *args, int evtchn_fd, const int *keep,
			    size_t nkeep, const struct host_back *back,
			    struct err *err);

#endif
