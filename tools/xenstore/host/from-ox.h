/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * from-ox: oxenstored as the predecessor: its binary, and its client that waits
 * for the update.  Called by successor-ox.c.
 */
#ifndef HOST_FROM_OX_H
#define HOST_FROM_OX_H

#include "host/handoff.h"

/* Returns 0 if this run directory is oxenstored's, or an errno with err. */
int __must_check from_ox_rundir(struct err *err);
/*
 * In the trial, a child of oxenstored: leaves a link to its parent's binary in the
 * run directory, for from_ox_binary().  Returns 0, or an errno with err: the parent is
 * no oxenstored, or the link cannot be made.
 */
int __must_check from_ox_note_parent(struct err *err);
/*
 * Opens the binary to return to: that of the link, else the file `other` ("": no
 * file).  Sets ret_path, which the caller frees.  Returns the descriptor; -1 with
 * err: neither is an oxenstored.
 */
int from_ox_binary(const char *other, char **ret_path, struct err *err);
/* Removes the link. */
void from_ox_forget(void);
/*
 * Before the return: waits, for a second or so, until the client of the update asks
 * for its result, on one of the n sockets in fds, and replies with why.  oxenstored
 * would say OK.  May be called by a signal handler.
 */
void from_ox_tell_client(const struct handoff_fd *fds, size_t n,
			 const char *why);

#endif
