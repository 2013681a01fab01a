/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * limiter: so many in a time, and a count of what is left out.
 *
 * The first `most` in each window of `ms` pass.  The window begins with the
 * first one after the last window's end.  Zeroes are a limiter that has seen
 * nothing.  The clock is the caller's.
 */
#ifndef BASE_LIMITER_H
#define BASE_LIMITER_H

#include <stdbool.h>
#include <stdint.h>

struct limit {
	uint32_t most;
	uint32_t ms;
};

struct limiter {
	uint64_t since_ms;
	uint32_t passed;   /* in this window */
	uint32_t left_out; /* since somebody asked */
};

/* Whether one more passes now; if not, it is counted. */
static inline bool limiter_pass(struct limiter *l, const struct limit *limit,
				uint64_t now_ms)
{
	if (!l->passed || now_ms - l->since_ms >= limit->ms) {
		l->since_ms = now_ms;
		l->passed = 0;
	}
	if (l->passed < limit->most) {
		l->passed++;
		return true;
	}
	if (l->left_out != UINT32_MAX)
		l->left_out++;
	return false;
}

/* How many were left out since it was asked last. */
static inline uint32_t limiter_left_out(struct limiter *l)
{
	uint32_t n = l->left_out;

	l->left_out = 0;
	return n;
}

#endif
