/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * limiter: so many in a time, and a count of what is left out.
 *
 * In no time of `ms`, wherever it begins, more than `most` pass.  A limiter
 * does not remember when each of them passed, but when the last one of each
 * part of them did, a sixth each: those are forgotten together, `ms` after
 * that.  So a limit of up to six is exact, and a burst counts for `ms`.
 * Zeroes are a limiter that has seen nothing.  The clock is the caller's and
 * only goes forward.
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
	} part[LIMITER_PARTS]; /* a ring; those in use have passed something */
	uint32_t newest;
	uint32_t passed;   /* in all parts */
	uint32_t left_out; /* since somebody asked */
};

/*
 * Whether one more passes now that counts for n (at least 1, at most `most`);
 * if not, it is counted as one that was left out.
 */
bool limiter_pass(struct limiter *l, const struct limit *limit, uint64_t now_ms,
		  uint32_t n);

/* How many were left out since it was asked last. */
static inline uint32_t limiter_left_out(struct limiter *l)
{
	uint32_t n = l->left_out;

	l->left_out = 0;
	return n;
}

#endif
