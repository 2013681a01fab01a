/* SPDX-License-Identifier: GPL-2.0-or-later */
/* limiter: see limiter.h.  Called by log; knows no clock. */
#include "base/limiter.h"

static void forget_old(struct limiter *l, const struct limit *limit,
		       uint64_t now_ms)
{
	uint32_t i;

	for (i = 0; i < LIMITER_PARTS; i++)
		if (l->part[i].n && now_ms - l->part[i].last_ms >= limit->ms) {
			l->passed -= l->part[i].n;
			l->part[i].n = 0;
		}
}

/* The part that counts now; with all parts full, `most` have passed. */
static uint32_t open_part(const struct limiter *l, const struct limit *limit)
{
	uint32_t size = (limit->most + LIMITER_PARTS - 1) / LIMITER_PARTS;
	uint32_t next = (l->newest + 1) % LIMITER_PARTS;

	if (l->part[l->newest].n < size || l->part[next].n)
		return l->newest;
	return next;
}

bool limiter_pass(struct limiter *l, const struct limit *limit, uint64_t now_ms,
		  uint32_t n)
{
	forget_old(l, limit, now_ms);
	if (n > limit->most - l->passed) {
		if (l->left_out != UINT32_MAX)
			l->left_out++;
		return false;
	}
	l->newest = open_part(l, limit);
	l->part[l->newest].last_ms = now_ms;
	l->part[l->newest].n += n;
	l->passed += n;
	return true;
}
