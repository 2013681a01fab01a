/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A differential run: the same requests to two daemons, the stock one and
 * this tree's, each on a simulated Xen of its own, and their answers beside
 * each other.
 *
 *   gen.c    seed -> steps; knows nothing of answers, so that any of the
 *            steps can be left out and the others still mean the same
 *   exec.c   a step on both sides; replies, then events, compared
 *   events.c what a connection was told of
 *   unreadable.c of what it may not read itself
 *   remade.c parents that a transaction made twice
 *   stale.c  permissions of before a birth
 *   tx.c     transactions: numbers of each side, commits that only one makes
 *   quota.c  where they count otherwise
 *   walk.c   the two stores beside each other
 *   allow.c  the differences that are meant, as one table
 *   table.c  those that no single reply shows; the table for the documents
 *   jobs.c   several runs at a time
 *   text.c   steps and messages in words
 *   link.c   a connection: a socket, or a guest's ring
 *   side.c   a hypervisor, a daemon on it, and its domains
 *   main.c   options, a run, all runs
 *   shrink.c a failing run made smaller
 *   story.c  what is left of it as a story
 *   plant.c  a difference made up, to try those two
 */
#ifndef DIFF_H
#define DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "side.h"

#define STOCK	  0
#define OURS	  1
#define SIDES	  2
#define SOCKETS	  3u
#define DOM0_RING SOCKETS
#define DOMAINS	  4u /* domids 1.. */
#define CONNS	  (SOCKETS + 1u + DOMAINS)
#define TX_SLOTS  3u
#define TX_ODD	  9u /* a step's tx: an id that nobody has */
#define KIND_SIZE 160

/* ---- gen.c ---- */

enum step_kind {
	STEP_REQUEST,
	STEP_INTRODUCE, /* with the domain's own port */
	STEP_CREATE,
	STEP_SHUTDOWN,
	STEP_DESTROY,
	STEP_RECONNECT, /* a socket's client goes, another comes */
	STEP_WALK,
};

struct step {
	uint32_t number;
	uint8_t kind;
	uint8_t conn;
	uint8_t tx; /* 0: none, 1..TX_SLOTS, TX_ODD */
	uint8_t domid;
	uint32_t type;
	uint32_t len;
	uint8_t *body;
};

struct story;
struct plant;
struct remade;

struct profile {
	const char *name;
	const char *const *argv[SIDES]; /* the daemons' options */
	bool long_values;
	bool deaths; /* and what is left of permissions of the dead */
	size_t nodes, node_size; /* the quotas */
};

struct step *gen_steps(uint64_t seed, uint32_t n, const struct profile *p);

/* ---- exec.c ---- */

struct events {
	uint8_t *data; /* one after the other: u32 length, body */
	size_t len, size;
	uint32_t n;
};

struct tx_op {
	const struct step *step;
	struct message *ours; /* what ours has answered */
};

struct tx_slot {
	uint32_t id[SIDES]; /* 0: closed */
	struct tx_op *op;
	uint32_t n, size;
	uint64_t began;	  /* run.commits then */
	uint32_t born;	  /* domains since then, as bits */
	bool refused;	  /* by a quota, here or there, something in it */
	bool parted;	  /* stock holds what ours has refused */
	char *difference; /* the first one inside: can it be excused? */
};

struct conn {
	bool live;
	bool listens; /* may get events */
	struct link link[SIDES];
	struct events events[SIDES];
	struct tx_slot tx[TX_SLOTS];
};

struct run {
	const struct profile *profile;
	struct side side[SIDES];
	struct conn conn[CONNS];
	struct domain_facts facts[SIDES][DOMAINS + 1];
	uint32_t died;	   /* bits of domids: gone or born since perms_set */
	uint32_t released; /* likewise: by a request, and not born anew */
	bool perms_set;
	const struct step *now;
	const struct step *recent[16];
	struct message reply[SIDES];
	uint32_t replies_before[SIDES]; /* own events before the reply */
	uint64_t requests, replayed, excused, reordered, repeated, spoiled,
		held, unreadable, too_large, reached, orphaned, forgotten,
		charged, kept, swollen, inherited, remade_told;
	struct {
		char **path;
		uint32_t n, born;
	} stale; /* what the last commit wrote, with births since it began */
	struct remade *remade;	/* by the last commit */
	uint32_t release_owner; /* of @releaseDomain */
	uint64_t commits;	/* changes that others can see */
	uint64_t death;		/* commits when the last domain died */
	uint32_t next_req_id;
	char kind[KIND_SIZE]; /* of the difference, to know it again */
	FILE *report;	      /* where a difference is described */
	struct story *story;  /* or NULL: what happens is told there */
	struct plant *plant;  /* or NULL */
};

/* ---- main.c ---- */

struct options {
	const char *top, *tmp, *stock, *ours, *profile;
	uint64_t seed;
	uint32_t n, seeds;
	uint32_t shrink_s, jobs;
	bool plant;
};

/* What a run has come to. */
struct outcome {
	bool failed;
	uint32_t at; /* how many of the steps it has gone */
	char kind[KIND_SIZE];
	uint64_t requests, us;
};

/* Some of many steps. */
struct chosen {
	const struct step *steps;
	uint32_t n;
	const bool *out; /* of n: left out */
};

/*
 * One run, with two new daemons.  The reason of a failure goes to report;
 * story may be NULL; counted (MEANT_MAX) gets the differences that are meant,
 * or is NULL.
 */
void run_chosen(const struct options *o, const struct profile *p,
		const struct chosen *c, FILE *report, struct story *story,
		uint64_t *counted, struct outcome *ret);

/* 0, or 1 with the difference described in r->report. */
int run_step(struct run *r, const struct step *s);

/* ---- exec-domain.c ---- */

int run_create(struct run *r, const struct step *s);
int run_domain(struct run *r, const struct step *s);
int run_reconnect(struct run *r, const struct step *s);
int run_start(struct run *r, const char *top, const char *tmp,
	      const char *stock, const char *ours, const struct profile *p);
void run_stop(struct run *r);
/* It may get events. */
bool conn_listening(const struct conn *c);
/* A READ on each of the chosen connections, all under way at once. */
int run_barrier(struct run *r, bool (*want)(const struct conn *));
int run_check_events(struct run *r);
/* The absolute form of a path that c names. */
void run_path(const struct run *r, const struct conn *c, const char *path,
	      char *ret, size_t size);
/* Whether the replies of both to s are the same, or differ as is meant. */
int run_check_reply(struct run *r, const struct conn *c, const struct step *s);
/* A request on one side and its reply; events are kept. */
int run_ask(struct run *r, int side, struct conn *c, uint32_t type,
	    uint32_t tx_id, const void *body, uint32_t len,
	    struct message *ret);
int run_fail(struct run *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* After run_fail: what else makes it the same difference in another run. */
void run_kind(struct run *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- events.c ---- */

/* Returns 0 or ENOMEM. */
int events_keep(struct events *e, const struct message *m);
void events_drop(struct conn *c);
bool events_same(const struct events *a, const struct events *b);
/* The event at *at, which moves on behind it. */
const uint8_t *events_next(const struct events *e, size_t *at,
			   uint32_t *ret_len);
uint32_t events_count(const struct events *e, const uint8_t *body,
		      uint32_t len);
/* Leaves the first of each special event; true if there were more. */
bool events_drop_repeated(struct events *a, struct events *b);
/* The same ones in whatever order. */
bool events_same_set(const struct events *a, const struct events *b);

/* ---- unreadable.c ---- */

/*
 * Takes out what one daemon alone has told c of a commit, where that is
 * meant; true if there was any.
 */
bool unreadable_in_tx(struct run *r, struct conn *c);

/*
 * Likewise of the death of a domain that owned @releaseDomain, so that others
 * may hear of it now.
 */
bool unreadable_before_death(struct run *r, struct conn *c);

/* ---- remade.c ---- */

/* t is about to be forgotten, and ours has committed it. */
void remade_note(struct run *r, const struct conn *c, const struct tx_slot *t);
void remade_forget(struct run *r);
/*
 * Takes out what stock alone has told c of the parents that the last commit
 * has made twice; true if there was any.
 */
bool remade_events(struct run *r, struct conn *c);

/* ---- stale.c ---- */

void stale_born(struct run *r, uint32_t domid);
/* t is about to be forgotten, and ours has committed it. */
void stale_note(struct run *r, const struct conn *c, const struct tx_slot *t);
/* Behind the commit and its events. */
int stale_mend(struct run *r);

/*
 * True when stock refuses s for the size of a node with entries that ours has
 * taken out.
 */
bool stale_counts(struct run *r, const struct conn *c, const struct step *s);

/* ---- tx.c ---- */

uint32_t tx_id_of(const struct conn *c, uint8_t tx, int side);
/* The slot that a start will fill, or -1 when all are in use. */
int tx_free_slot(const struct conn *c);
void tx_forget(struct conn *c);
/* Both have answered a start. */
void tx_started(struct run *r, struct conn *c);
/* Both have answered something inside; the replies compared. */
int tx_inside(struct run *r, struct conn *c, const struct step *s);
/* A domain's rights are not to change while it has one open. */
bool tx_any_open(const struct conn *c);
/* True when stock would commit what ours has refused at once. */
bool tx_parted(const struct conn *c, uint8_t tx);
/* Both have answered an end of s->tx. */
int tx_ended(struct run *r, struct conn *c, const struct step *s);

/* ---- quota.c ---- */

/* True when a guest's transaction looked at a node too large for it. */
bool quota_looked_at_large(struct run *r, const struct conn *c,
			   const struct tx_slot *t);
/* Sets the stock daemon's limits of nodes and of their size, or none. */
int quota_of_stock(struct run *r, bool on);
/* The limit of nodes alone. */
int quota_of_nodes(struct run *r, bool on);
/* True when c is a guest's that has all the nodes that it may have. */
bool quota_just_reached(struct run *r, const struct conn *c);
/* Likewise, or more: the privileged may have given it some. */
bool quota_used_up(struct run *r, const struct conn *c);
/* True when c is a guest's, and another guest has that many. */
bool quota_used_up_by_another(struct run *r, const struct conn *c);

/* ---- walk.c ---- */

int walk(struct run *r);

/* ---- table.c ---- */

#define MEANT_MAX 64 /* rows in a table */

/* A difference that is meant. */
struct meaning {
	const char *request, *condition, *stock, *ours, *why;
};

/* Adds the counters of a run to those of all. */
void table_add(uint64_t *totals, const struct run *r);
/* All of them, by how often they were met. */
void table_print(FILE *out, const uint64_t *totals);
void meaning_print(FILE *out, uint64_t hits, const struct meaning *m);
/* As rows of docs/misc/differences.md. */
void table_document(FILE *out);

/* ---- allow.c ---- */

/* The reason for which this difference is meant, or NULL. */
const char *allow_reply(const struct run *r, const struct step *s,
			const struct message *stock,
			const struct message *ours);
/* The entry names a domain that is not there, or not the one meant then. */
bool allow_stale(const struct run *r, const char *perm);
/* The i-th row, NULL behind the last. */
const struct meaning *allow_row(size_t i);
/* Where its hits are counted: MEANT_MAX counters. */
void allow_count_in(uint64_t *counters);
void allow_print(FILE *out);

/* ---- jobs.c ---- */

/*
 * Calls run(arg, i, dir) for i below n, each in a process of its own with a
 * folder of its own, `parallel` at a time; what they print comes out when they
 * end.  Returns how many did not return 0.
 */
uint32_t jobs_run(uint32_t n, uint32_t parallel, const char *tmp,
		  int (*run)(void *arg, uint32_t i, const char *dir),
		  void *arg);

/* ---- shrink.c ---- */

/*
 * Makes a failing run (steps, whose end was as in *found) smaller for at most
 * some o->shrink_s seconds and prints what is left.  The steps may be changed.
 * Returns how many are left.
 */
uint32_t shrink_and_report(const struct options *o, const struct profile *p,
			   struct step *steps, const struct outcome *found);

/* ---- story.c ---- */

struct story *story_new(FILE *out);
void story_free(struct story *st);
/* Before it is done. */
void story_step(struct story *st, const struct step *s);
/* What ours has answered. */
void story_reply(struct story *st, const struct step *s,
		 const struct message *m);
/* What ours has told it of. */
void story_events(struct story *st, size_t conn, const struct events *e);

/* ---- plant.c ---- */

struct plant *plant_new(void);
/*
 * A step has been done; ours is what ours has answered, or NULL when it is no
 * request.  It may be changed.
 */
void plant_look(struct plant *p, const struct step *s, struct message *ours);

/* ---- text.c ---- */

const char *type_name(uint32_t type);
void text_bytes(FILE *out, const void *data, size_t len);
void text_step(FILE *out, const struct step *s);
void text_message(FILE *out, const struct message *m);
void text_events(FILE *out, const struct events *e);
/* The name of the error, or "OK". */
const char *message_error(const struct message *m);

#endif
