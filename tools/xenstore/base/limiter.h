/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * limiter: limits how many events pass in a period, and counts the rest.
 *
 * At most `most` pass in any period of `ms`.  A limiter counts them in six
 * parts and remembers for each when its last one passed; `ms` after that it
 * forgets the part as a whole.  So a limit of up to six is exact, and after a
 * burst nothing passes for `ms`.  A zeroed struct is a limiter that has seen
 * nothing.  The caller brings the clock, which only goes forward.
 */
#ifndef BASE_LIMITER_H
#define BASE_LIMITER_H

#include <stdbool.h>
#include <stdint.h>

#define LIMITER_PARTS 6u

struct limit {
	uint32_t most;
	uint32_t ms;
};

struct limiter {
	struct {
		uint64_t last_ms;
		uint32_t n;
	} part[LIMITER_PARTS]; /* a ring; n is 0 in unused parts */
	uint32_t newest;
	uint32_t passed;   /* in all parts */
	uint32_t left_out; /* since limiter_left_out() was called */
};

/*
 * Returns true if one more may pass now, which counts as n (1 to `most`); else
 * it is counted in left_out, as one.
 */
bool limiter_pass(struct limiter *l, const struct limit *limit, uint64_t now_ms,
		  uint32_t n);

/* How many were left out since the last call. */
static inline uint32_t limiter_left_out(struct limiter *l)
{
	uint32_t n = l->left_out;

	l->left_out = 0;
	return n;
}

#endif
