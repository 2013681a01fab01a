/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * follow: the receiving end of copy.h, in the process that will serve.
 *
 *	follow_begin --> follow_piece, for each piece --> follow_cut
 */
#ifndef STATE_FOLLOW_H
#define STATE_FOLLOW_H

#include "daemon.h"
#include "state/state.h"

struct follow;

/*
 * This process's descriptor for the number that a record names.  -1: it was not
 * passed.
 */
typedef int (*follow_fd)(void *arg, int number);

/*
 * d must be new and lives as long.  Freed with d.  Returns 0 or ENOMEM with err.
 */
int __must_check follow_begin(struct daemon *d, follow_fd fd, void *arg,
			      struct follow **ret_follow, struct err *err);
/*
 * Applies a piece.  Polls the sockets in it, maps and binds no ring yet.
 * Returns 0, or an errno with err (record, byte, field): only d can be freed
 * then.
 */
int __must_check follow_piece(struct follow *f, const void *data, size_t len,
			      struct err *err);
/*
 * Between pieces: maps rings that are not mapped yet, at most n of them.
 * Returns how many are left.
 */
uint32_t follow_map(struct follow *f, uint32_t n);
/*
 * Applies the last piece, adopts the event channels, and compares counts and
 * digest.  Sends nothing and notifies no domain.  Returns 0 or an errno with
 * err.
 */
int __must_check follow_cut(struct follow *f, const void *data, size_t len,
			    struct state_restored *ret, struct err *err);

#endif
