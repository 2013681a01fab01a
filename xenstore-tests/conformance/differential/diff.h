/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A differential run: the same requests to two daemons, the stock one and this
 * tree's, each on its own simulated Xen, with their replies compared.
 *
 *   gen.c    seed -> steps; independent of replies, so that any step can be
 *            left out and the others still mean the same
 *   exec.c   a step on both sides; replies, then events, compared
 *   events.c what a connection received
 *   unreadable.c  events for nodes it may not read
 *   remade.c parents that a transaction made twice
 *   stale.c  permissions older than a domain
 *   tx.c     transactions: ids of each side, commits that only one accepts
 *   quota.c  where the two count differently
 *   walk.c   compares the two stores
 *   allow.c  the intended differences, as one table
 *   later.c  the stock daemon of Xen 4.20
 *   table.c  those that no single reply shows; the table for the documents
 *   jobs.c   several runs in parallel
 *   text.c   steps and messages as text
 *   link.c   a connection: a socket, or a guest's ring
 *   side.c   a hypervisor, a daemon on it, and its domains
 *   main.c   options, a run, all runs
 *   shrink.c reduces a failing run
 *   story.c  the reduced run as a story
 *   plant.c  an artificial difference, to test those two
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
#define TX_ODD	  9u /* a step's tx: an unknown id */
#define KIND_SIZE 160

/* ---- gen.c ---- */

enum step_kind {
	STEP_REQUEST,
	STEP_INTRODUCE, /* with the domain's own port */
	STEP_CREATE,
	STEP_SHUTDOWN,
	STEP_DESTROY,
	STEP_RECONNECT, /* a socket's client closes, another connects */
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
	bool deaths;		 /* and stale permissions of dead domains */
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
	struct message *ours; /* our replies */
};

struct tx_slot {
	uint32_t id[SIDES]; /* 0: closed */
	struct tx_op *op;
	uint32_t n, size;
	uint64_t began; /* run.commits at that time */
	uint32_t born;	/* domains born since then, as bits */
	bool refused;	/* a quota refused a request, on either side */
	/* stock accepted a request that ours refused, or ignored the node */
	bool parted;
	char *difference; /* the first one inside: is it intended? */
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
	bool later; /* stock is of Xen 4.20, not 4.17 */
	struct side side[SIDES];
	struct conn conn[CONNS];
	struct domain_facts facts[SIDES][DOMAINS + 1];
	uint32_t died;	   /* bits of domids: dead or born since perms_set */
	uint32_t released; /* the same: by RELEASE, and not born again */
	bool perms_set;
	const struct step *now;
	const struct step *recent[16];
	struct message reply[SIDES];
	uint32_t replies_before[SIDES]; /* own events before the reply */
	uint64_t requests, replayed, excused, reordered, repeated, spoiled,
		held, unreadable, too_large, reached, orphaned, forgotten,
		charged, kept, swollen, inherited, remade_told, announced,
		counted_twice;
	struct {
		char **path;
		uint32_t n, born;
	} stale; /* written by the last commit, with births since it began */
	struct remade *remade;	/* by the last commit */
	uint32_t release_owner; /* of @releaseDomain */
	uint64_t commits;	/* changes that others can see */
	uint64_t death;		/* commits when the last domain died */
	uint32_t next_req_id;
	char kind[KIND_SIZE]; /* identifies the difference in another run */
	FILE *report;	      /* where a difference is described */
	struct story *story;  /* or NULL: where the run is written down */
	struct plant *plant;  /* or NULL */
};

/* ---- main.c ---- */

struct options {
	const char *top, *tmp, *stock, *ours, *profile;
	const char *release; /* of Xen, which stock is of */
	uint64_t seed;
	uint32_t n, seeds;
	uint32_t shrink_s, jobs;
	bool plant;
};

/* The result of a run. */
struct outcome {
	bool failed;
	uint32_t at; /* the number of steps done */
	char kind[KIND_SIZE];
	uint64_t requests, us;
};

/* A selection of steps. */
struct chosen {
	const struct step *steps;
	uint32_t n;
	const bool *out; /* of n: left out */
};

/*
 * Does one run with two new daemons. The reason of a failure goes to report;
 * story may be NULL; counted (MEANT_MAX counters, or NULL) gets the intended
 * differences.
 */
void run_chosen(const struct options *o, const struct profile *p,
		const struct chosen *c, FILE *report, struct story *story,
		uint64_t *counted, struct outcome *ret);

/* Returns 0, or 1 with the difference described in r->report. */
int run_step(struct run *r, const struct step *s);

/* ---- exec-domain.c ---- */

int run_create(struct run *r, const struct step *s);
int run_domain(struct run *r, const struct step *s);
int run_reconnect(struct run *r, const struct step *s);
int run_start(struct run *r, const char *top, const char *tmp,
	      const char *stock, const char *ours, const struct profile *p);
void run_stop(struct run *r);
/* Whether it may get events. */
bool conn_listening(const struct conn *c);
/* Sends a READ on each chosen connection, all in flight at once. */
int run_barrier(struct run *r, bool (*want)(const struct conn *));
int run_check_events(struct run *r);
/* The absolute form of a path that c names. */
void run_path(const struct run *r, const struct conn *c, const char *path,
	      char *ret, size_t size);
/* Whether both replies to s are the same or differ as intended. */
int run_check_reply(struct run *r, const struct conn *c, const struct step *s);
/* Sends a request on one side and gets its reply; events are kept. */
int run_ask(struct run *r, int side, struct conn *c, uint32_t type,
	    uint32_t tx_id, const void *body, uint32_t len,
	    struct message *ret);
int run_fail(struct run *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* After run_fail: what identifies the same difference in another run. */
void run_kind(struct run *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- events.c ---- */

/* Returns 0 or ENOMEM. */
int events_keep(struct events *e, const struct message *m);
void events_drop(struct conn *c);
bool events_same(const struct events *a, const struct events *b);
/* Returns the event at *at and advances it. */
const uint8_t *events_next(const struct events *e, size_t *at,
			   uint32_t *ret_len);
uint32_t events_count(const struct events *e, const uint8_t *body,
		      uint32_t len);
/* Says of one event whether it goes. */
typedef bool events_goes(void *arg, const uint8_t *body, uint32_t len);
/* Removes the events that go; true if there were any. */
bool events_filter(struct events *e, events_goes *goes, void *arg);
/* Keeps the first of each special event; true if there were more. */
bool events_drop_repeated(struct events *a, struct events *b);
/* Whether both have the same events, in any order. */
bool events_same_set(const struct events *a, const struct events *b);

/* ---- unreadable.c ---- */

/*
 * Removes the events of a commit that only one daemon sent to c, where that is
 * intended; true if there were any.
 */
bool unreadable_in_tx(struct run *r, struct conn *c);

/*
 * The same for the death of a domain that owned @releaseDomain, after which
 * others may get the event.
 */
bool unreadable_before_death(struct run *r, struct conn *c);

/* ---- remade.c ---- */

/* Called before t is forgotten, when ours has committed it. */
void remade_note(struct run *r, const struct conn *c, const struct tx_slot *t);
void remade_forget(struct run *r);
/*
 * Removes the events that only stock sent to c, for parents that the last
 * commit made twice; true if there were any.
 */
bool remade_events(struct run *r, struct conn *c);

/* ---- stale.c ---- */

void stale_born(struct run *r, uint32_t domid);
/* Called before t is forgotten, when ours has committed it. */
void stale_note(struct run *r, const struct conn *c, const struct tx_slot *t);
/* Called after the commit and its events. */
int stale_mend(struct run *r);

/*
 * True if stock refuses s because of the node's size, counting entries that
 * ours has removed.
 */
bool stale_counts(struct run *r, const struct conn *c, const struct step *s);

/* ---- tx.c ---- */

uint32_t tx_id_of(const struct conn *c, uint8_t tx, int side);
/* The slot that a start will use, or -1 if all are in use. */
int tx_free_slot(const struct conn *c);
void tx_forget(struct conn *c);
/* Both have replied to a start. */
void tx_started(struct run *r, struct conn *c);
/* Both have replied to a request in a transaction; compares the replies. */
int tx_inside(struct run *r, struct conn *c, const struct step *s);
/* A domain's rights must not change while it has a transaction open. */
bool tx_any_open(const struct conn *c);
/* True if stock would commit a request that ours refused at once. */
bool tx_parted(const struct conn *c, uint8_t tx);
/* Both have replied to an end of s->tx. */
int tx_ended(struct run *r, struct conn *c, const struct step *s);

/* ---- quota.c ---- */

/* True if a guest's transaction read a node too large for the guest. */
bool quota_looked_at_large(struct run *r, const struct conn *c,
			   const struct tx_slot *t);
/* Sets the stock daemon's quotas of nodes and node size, or none. */
int quota_of_stock(struct run *r, bool on);
/* The same for the quota of nodes alone. */
int quota_of_nodes(struct run *r, bool on);
/* True if c is a guest's that has exactly its quota of nodes. */
bool quota_just_reached(struct run *r, const struct conn *c);
/* The same, or more: privileged clients may have given it nodes. */
bool quota_used_up(struct run *r, const struct conn *c);
/* True if c is a guest's, and another guest has used up its quota of nodes. */
bool quota_used_up_by_another(struct run *r, const struct conn *c);

/* ---- later.c ---- */

/* True if stock cannot stand the request, or has other limits for it. */
bool later_leaves_out(const struct run *r, const struct step *s);
/*
 * Removes the events of special nodes that only stock sent to c, where that is
 * intended; true if there were any.
 */
bool later_events(struct run *r, struct conn *c);
/* True if it makes special nodes' watches fire in stock. */
bool later_announces(const struct run *r, const struct step *s);
/*
 * True if both refused to set permissions: stock has not looked at the node
 * then, so its transaction cannot conflict there.
 */
bool later_untouched(const struct run *r, const struct step *s);
/* Stock's quota of node size that allows what the profile's does in ours. */
size_t later_node_size(const struct run *r);

/* ---- walk.c ---- */

int walk(struct run *r);

/* ---- table.c ---- */

#define MEANT_MAX 64 /* rows in a table */

/* An intended difference. */
struct meaning {
	const char *request, *condition, *stock, *ours, *why;
};

/* Adds the counters of a run to the totals. */
void table_add(uint64_t *totals, const struct run *r);
/* Prints all of them with their counts. */
void table_print(FILE *out, const uint64_t *totals);
void meaning_print(FILE *out, uint64_t hits, const struct meaning *m);
/* Prints them as rows of docs/misc/differences.md. */
void table_document(FILE *out);

/* ---- allow.c ---- */

/* The reason why this difference is intended, or NULL. */
const char *allow_reply(const struct run *r, const struct step *s,
			const struct message *stock,
			const struct message *ours);
/* The entry names a domain that does not exist, or not the one then meant. */
bool allow_stale(const struct run *r, const char *perm);
/* A guest's SET_PERMS for an owner that may not exist. */
bool allow_owner_missing(const struct run *r, const struct step *s);
/* The i-th row, or NULL after the last. */
const struct meaning *allow_row(size_t i);
/* Sets where hits are counted: MEANT_MAX counters. */
void allow_count_in(uint64_t *counters);
void allow_print(FILE *out);

/* ---- jobs.c ---- */

/*
 * Calls run(arg, i, dir) for i below n, each in its own process and directory,
 * `parallel` at a time. Their output is printed when they end. Returns how many
 * did not return 0.
 */
uint32_t jobs_run(uint32_t n, uint32_t parallel, const char *tmp,
		  int (*run)(void *arg, uint32_t i, const char *dir),
		  void *arg);

/* ---- shrink.c ---- */

/*
 * Reduces a failing run (its steps, which ended as in *found) for about
 * o->shrink_s seconds and prints the result. May change the steps. Returns the
 * number of steps left.
 */
uint32_t shrink_and_report(const struct options *o, const struct profile *p,
			   struct step *steps, const struct outcome *found);

/* ---- story.c ---- */

struct story *story_new(FILE *out);
void story_free(struct story *st);
/* Before the step is done. */
void story_step(struct story *st, const struct step *s);
/* Our reply. */
void story_reply(struct story *st, const struct step *s,
		 const struct message *m);
/* The events that our daemon sent it. */
void story_events(struct story *st, size_t conn, const struct events *e);

/* ---- plant.c ---- */

struct plant *plant_new(void);
/*
 * Called after a step; ours is our reply, or NULL if it was no request. May
 * change it.
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
