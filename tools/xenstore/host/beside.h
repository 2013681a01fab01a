/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * beside: the end of a successor that is loaded beside a daemon.
 *
 *	beside_begin --> beside_next, for each frame --> beside_swap
 *	  --> beside_serves --first round--> beside_served --old one ends-->
 *	  beside_end
 *
 * Before beside_serves() any failure ends this process, and the old daemon goes
 * on.  beside-form.h has the agreement between the two.
 */
#ifndef HOST_BESIDE_H
#define HOST_BESIDE_H

#include "base/err.h"
#include "host/beside-form.h"

struct beside;

/*
 * Reads and removes BESIDE_ENV.  *ret_beside NULL: there is none.  From here to
 * beside_promote() clients have priority (nice 10), and the kernel kills this
 * process first if memory runs out (oom_score_adj 1000).  Returns 0, or EINVAL
 * or ENOMEM with err.
 */
int __must_check beside_begin(struct beside **ret_beside, struct err *err);
/*
 * Waits for the next frame, whose bytes are valid until the next call, 8-byte
 * aligned.  Returns 0, EPIPE when the old daemon has closed the stream, or
 * another errno, with err.
 */
int __must_check beside_next(struct beside *b, enum beside_kind *ret_kind,
			     const void **ret_data, size_t *ret_len,
			     struct err *err);
/* True when beside_next() would wait. */
bool beside_idle(const struct beside *b);
/*
 * This process's descriptor for a number of the old daemon's, the last one that
 * was passed under it; -1: none was.  The caller owns it.  A struct beside as
 * void, for follow.h.
 */
int beside_fd(void *arg, int number);
/* Closes the descriptors that were passed and that nobody asked for. */
void beside_tidy(struct beside *b);
/* Reports a line, without "\n". */
void beside_say(const struct beside *b, const char *line);
/*
 * Becomes the master.  Returns 0, or EPERM with err: the old daemon goes on, or
 * has given up.
 */
int __must_check beside_swap(struct beside *b, struct err *err);
/*
 * Just before the first round: from here there is no way back.  Returns 0, or
 * EPERM with err: the old daemon goes on.
 */
int __must_check beside_serves(struct beside *b, struct err *err);
/*
 * Takes back what beside_begin() has set.  Returns 0 or an errno with err, which
 * only makes this daemon slower, or killed first.
 */
int __must_check beside_promote(struct beside *b, struct err *err);
/* In the first round: tells the old daemon to end. */
void beside_served(const struct beside *b);
/*
 * The stream's descriptor.  The old daemon's end closes it: then it holds no lock
 * and no descriptor any more.
 */
int beside_stream(const struct beside *b);
/* Closes the stream and frees b. */
void beside_end(struct beside *b);

#endif
