/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * perf: what the worst input of each request costs, in instructions.
 *
 *   perf-cases.c    cases about nodes and transactions
 *   perf-others.c   cases about watches, domains and the rest
 *   perf-world.c    one daemon on a scripted host, and its clients
 *   perf-main.c     runs the cases under valgrind
 *
 * A case is prepared with n of something (nodes, watches, entries). Then one
 * request is sent, and callgrind counts the daemon's instructions until it is
 * idle: reading, replying, firing watches, and work put off until later. The
 * clients' instructions are not counted. n is small, then large: the growth
 * must not be worse than costs.tsv says.
 */
#ifndef PERF_H
#define PERF_H

#include "story-run.h"
#include "wire/wire.h"

#define PERF_GUESTS 12u /* domains 1... */
#define PERF_OTHERS 3u	/* more clients of the socket */

struct perf {
	struct run *run;
	struct peer *dom0; /* a client of the socket */
	struct peer *other[PERF_OTHERS];
	struct peer *guest[PERF_GUESTS + 1]; /* by domid; NULL: none */
	struct story_result ret;
	uint32_t tx; /* of the prepared transaction */
	bool counting;
};

struct perf_case {
	const char *name;      /* in costs.tsv; begins with the request's */
	uint32_t small, large; /* values of n */
	void (*prepare)(struct perf *p, uint32_t n);
	void (*request)(struct perf *p, uint32_t n); /* what is counted */
};

extern const struct perf_case node_cases[], other_cases[];

/* perf-world.c; each ends the program on an error. */
struct perf *perf_new(const void *ctx);
void perf_free(struct perf *p);
/* Introduces a guest whose home has libxl's permissions. */
struct peer *perf_guest(struct perf *p, uint32_t domid);
/* Sends a request, with '|' for NUL, which must not fail. */
void ask(struct perf *p, struct peer *who, uint32_t type, uint32_t tx,
	 const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* TRANSACTION_START; returns the id. */
uint32_t start(struct perf *p, struct peer *who);
/* Lets the daemon run until it is idle. */
void perf_settle(struct perf *p);

#endif
