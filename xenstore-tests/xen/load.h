/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * load: workers that use the store through one link each, know every reply in
 * advance and end with a finding at the first different one. Called by
 * load-main.c.
 */
#ifndef XEN_LOAD_H
#define XEN_LOAD_H

#include "link.h"

/* What all processes of a load share. */
#define WORKERS 4
struct shared {
	struct tally tallies[WORKERS + 1]; /* the last is the reporter's */
	uint32_t rest;	  /* workers that a save would harm must rest */
	uint32_t resting; /* how many rest */
};

struct worker {
	struct link link;
	struct shared *shared;
	struct tally *tally;
	char base[64];	       /* its nodes, relative to the home */
	unsigned int pause_us; /* after each round */
};

/* Whether it runs rounds by itself, or only on request. */
struct worker_kind {
	const char *name;
	bool busy;
	/*
	 * Linux cannot suspend while a process has a transaction open or waits
	 * for an unwatch.
	 */
	bool rests;
	/* one round; ENOENT: a restore removed its nodes */
	void (*run)(struct worker *w);
};

extern const struct worker_kind worker_kinds[WORKERS];

/* A flag that processes share. */
bool is_set(const uint32_t *flag);

/* load-hold.c: transactions that are open as long as dom0 wants. */
void run_hold(struct worker *w);

/* Reads a node of the worker's as a number: 0, ENOENT, or a finding. */
int put(struct worker *w, uint32_t tx, const char *leaf, uint64_t value);
int expect(struct worker *w, uint32_t tx, const char *leaf, uint64_t value);
/* The path of a worker's node, in static memory. */
const char *at(struct worker *w, const char *leaf);
uint32_t tx_start(struct worker *w);
/* 0, EAGAIN or ENOENT. */
int tx_end(struct worker *w, uint32_t tx, bool commit);

#endif
