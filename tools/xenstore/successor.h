/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * successor: how a daemon begins that follows another one: from the image of
 * an update, from the file of a stock daemon, or in a rehearsal.  For main.c,
 * successor-beside.c and successor-ox.c.
 */
#ifndef SUCCESSOR_H
#define SUCCESSOR_H

#include "daemon.h"
#include "host/handoff.h"
#include "options.h"
#include "state/state.h"

/*
 * Restores the image of ho and serves.  On failure execs the old binary; returns
 * an errno with err if there is none.
 */
int __must_check successor_take_over(struct daemon *d, struct handoff *ho,
				     const struct options *o, struct err *err);
/*
 * Takes over from a stock daemon by the file it wrote; on success the file is
 * removed.  Returns 0 or an errno with err.
 */
int __must_check successor_take_stock(struct daemon *d, const struct options *o,
				      struct err *err);
/*
 * Serves with the state *from that was taken over from a stock daemon; ox: from
 * oxenstored.  What fails now is logged only.
 */
void successor_of_stock(struct daemon *d, const struct options *o,
			const struct state_restored *from, bool ox);
/*
 * Whether the trace file could be opened, or is the one that the old daemon uses;
 * no_log as below.  Returns 0 or an errno with err.
 */
int __must_check successor_check_log(const struct options *o,
				     const struct state_restored *from,
				     const struct err *no_log, struct err *err);
/*
 * Restores the image with a null host, reports the result to the old daemon
 * and ends.  no_log: why the trace file could not be opened (code 0: it was).
 */
_Noreturn void successor_rehearse(struct daemon *d, const struct handoff *ho,
				  const struct options *o,
				  const struct err *no_log);

#endif
