/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-process: what host-process.c (successors of our kind) and host-stock.c
 * (stock daemons) share.  For these two alone.
 */
#ifndef HOST_HOST_PROCESS_H
#define HOST_HOST_PROCESS_H

#include "host/host-posix.h"

#define ARGS_MAX 64

struct args {
	char *argv[ARGS_MAX + 4];
	char *text; /* what argv points into, if not the old one */
};

/*
 * The arguments of a successor: binary, then args split at blanks or (NULL)
 * those of this process, then -U.  The caller frees ret->text.
 */
int __must_check args_make(struct posix *p, const char *binary,
			   const char *args, struct args *ret, struct err *err);
/* Sets or clears close-on-exec; -1 is no descriptor. */
int keep_open(int fd, bool keep);
/* Becomes the binary that was rehearsed; comes back only when that failed. */
void run_binary(struct posix *p, char *const *argv);
/* In a rehearsing child: says why not, and ends. */
_Noreturn void child_say(int fd, const char *text);

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
/* The exec; the event channel device among the descriptors to keep. */
int __must_check stock_exec(struct posix *p, const char *binary,
			    const char *args, int evtchn_fd, const int *keep,
			    size_t nkeep, struct err *err);

#endif
