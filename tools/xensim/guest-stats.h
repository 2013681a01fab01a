/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `xensim-guest --stats FILE` writes: a struct guest_stats.  Map it and
 * read it with atomic loads, while the guest runs or after it ended.  Includes
 * nothing of xensim, so any program can use it.
 *
 * All numbers are u64, native endian, stored atomically.  A reader may reset
 * gap_max_us by an atomic exchange with 0; only the guest writes the rest.
 */
#ifndef XENSIM_GUEST_STATS_H
#define XENSIM_GUEST_STATS_H

#include <stdint.h>

#define GUEST_STATS_MAGIC   0x31545354534758ull /* "XGSTST1" */
#define GUEST_STATS_VERSION 1ull

enum guest_state {
	GUEST_STARTING = 0, /* waiting for the ring, making its nodes */
	GUEST_RUNNING = 1,
	GUEST_FINISHING = 2, /* waiting for what is outstanding */
	GUEST_DONE = 3,	     /* ended without a finding */
	GUEST_FAILED = 4,    /* ended; text says why */
};

struct guest_stats {
	uint64_t magic;
	uint64_t version;
	uint64_t domid;
	uint64_t pid;
	uint64_t state; /* enum guest_state */

	uint64_t sent;	     /* requests */
	uint64_t answered;   /* their replies, matched by req_id */
	uint64_t lost;	     /* requests without a reply in time */
	uint64_t duplicated; /* replies without an outstanding request */
	uint64_t wrong;	     /* replies with a wrong content */

	uint64_t tx_committed;
	uint64_t tx_again; /* commits answered with EAGAIN and retried */
	uint64_t tx_lost;  /* open transactions that the daemon forgot */
	uint64_t tx_open;  /* open at this moment */

	uint64_t events;	 /* watch events, all */
	uint64_t events_lost;	 /* expected, but late or missing */
	uint64_t events_surplus; /* not expected (also counted as wrong) */
	uint64_t events_refired; /* tolerated by --tolerate-refire */

	uint64_t reconnects;	 /* RESET_WATCHES or a new ring connection */
	uint64_t refused;	 /* ENOSPC for a value near the size quota */
	uint64_t gap_max_us;	 /* longest time without an answer while one was
				outstanding; reset by a reader */
	uint64_t outstanding;	 /* requests at this moment */
	uint64_t latency_sum_us; /* over all answers */
	uint64_t latency_max_us;
	uint64_t spare[8];

	char text[256]; /* the first finding, NUL-terminated */
};

#endif
