/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * copy: sends the whole state of a serving daemon to another process, in slices
 * between requests.  follow.h is the other end.
 *
 *	copy_begin --> copy_step, in each round --> *ret_all --> copy_cut
 *	                 nodes, then connections                    |
 *	                 with their watches                     copy_end
 *
 * The walk goes through the tree in preorder, then through the connections.
 * What changes behind it follows in the same stream as records NODE_EFFECT and
 * CONN_EFFECT, so that the other process has at any time what the walk had
 * sent, as it is now.  copy_cut() sends what the walk leaves out (transactions,
 * special nodes, limits, counters, turns) and the connections that have changed
 * since they were sent.  Its cost does not depend on nodes or watches.
 *
 * Each piece given to the sink is an image of its own: preamble, records, END.
 * Effects are queued from inside requests, so the sink must only store them.
 */
#ifndef STATE_COPY_H
#define STATE_COPY_H

#include "daemon.h"
#include "state/state.h"

struct copy;

/*
 * Called with a piece, and with the descriptors of the connections in it.  The
 * sink keeps neither pointer.  Returns 0, or an errno with err: the copy has
 * failed then.
 */
typedef int (*copy_sink)(void *arg, const void *data, size_t len,
			 const int *fds, size_t nfds, struct err *err);

struct copy_progress {
	uint32_t nodes, conns, watches; /* sent by the walk */
	uint64_t effects;		/* sent behind it */
	uint64_t bytes;			/* in pieces so far */
};

/*
 * Begins to copy d, which can have one copy at a time.  Sends nothing yet.
 * Returns 0, ENOMEM or EBUSY with err.
 */
int __must_check copy_begin(struct daemon *d, copy_sink sink, void *arg,
			    struct copy **ret_copy, struct err *err);
/*
 * One slice of the walk: about `work` units (store->work), at least one step.
 * *ret_all: the walk has been through everything; effects still follow.
 * Returns 0 or an errno with err: the copy has failed, also earlier, inside a
 * request.
 */
int __must_check copy_step(struct copy *cp, uint64_t work, bool *ret_all,
			   struct err *err);
/* Gives the effects that wait for a full piece to the sink. */
int __must_check copy_flush(struct copy *cp, struct err *err);
/*
 * Between two requests, after *ret_all: sends the rest.  Finishes d->jobs first.
 * The last piece goes to `last` instead of the sink, because it must arrive as
 * the end of the stream.  After it, d must not change until copy_end().
 */
int __must_check copy_cut(struct copy *cp, const struct state_dump_options *opt,
			  copy_sink last, void *arg,
			  struct state_counts *ret_counts, struct err *err);
void copy_progress(const struct copy *cp, struct copy_progress *ret);
/* Ends it in any state: d can be copied again. */
void copy_end(struct copy *cp);

#endif
