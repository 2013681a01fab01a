/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * model: random programs in which a client must not be able to tell whether
 * there was a live update.
 *
 *   gen*.c     from a seed to steps, while the plain world runs them
 *   world.c    one daemon with its peers: runs a step, updates
 *   state.c    everything that must be equal after a step, part by part
 *   shrink.c   reduces a failing program
 *   say.c      steps and bytes as text
 *   run-lu.c   seeds, modes, counts
 *
 * A program is a list of steps that refer only to peers and bytes, so any step
 * can be left out. It uses lib/: the scripted host and the peers of the
 * stories.
 */
#ifndef MODEL_H
#define MODEL_H

#include "story-run.h"

#define SOCKETS	  6u /* the last one is read-only */
#define FIRST_DOM SOCKETS
#define DOMAINS	  4u		      /* domid 1... on rings */
#define DOM0	  (SOCKETS + DOMAINS) /* the ring of dom0's kernel */
#define PEERS	  (DOM0 + 1u)
#define TAKES_ALL UINT32_MAX

enum step_kind {
	STEP_SEND,
	STEP_TAKES, /* a: bytes that it reads from now on, or TAKES_ALL */
	STEP_CONNECT,
	STEP_CLOSE,
	STEP_BIRTH,
	STEP_DEATH,
	STEP_DEATHS,  /* a: another peer that dies at the same time */
	STEP_REPLACE, /* dies, and the next with its number appears */
	STEP_DYING,
	STEP_SHUTDOWN,
	STEP_UNPAUSE,
	STEP_PORT, /* a: the guest's new port */
	STEP_WORD, /* a: which of the page, b: value */
	STEP_ANEW, /* the guest asks for a new connection */
	STEP_PAUSE,
	STEP_SILENT, /* a: whether it sends no events from now on */
	STEP_CLEAR,  /* the guest sets all indexes to 0 */
	STEP_CLOCK   /* a: ms */
};

struct step {
	enum step_kind kind;
	unsigned int peer;
	uint32_t a, b;
	uint64_t luck; /* the mode's random number */
	uint8_t *bytes;
	size_t len;
};

struct program {
	struct step *step;
	unsigned int n;
	unsigned int requests; /* completed by this step */
};

enum mode {
	MODE_PLAIN,
	MODE_UPDATE, /* after every step, and after every round in it */
	MODE_MIXED,  /* chains, both byte orders, with and without handoff */
	MODE_BESIDE, /* a successor is loaded beside, over many steps */
	MODE_TURNS, /* no update; each connection gets a turn it did not ask for */
	MODES
};

extern const char *const mode_name[MODES];

/* Everything that is compared; the names are in state.c. */
enum part {
	PART_SEEN,		       /* bytes received, one for each peer */
	PART_LEFT = PART_SEEN + PEERS, /* in flight, for each peer */
	PART_PAGE = PART_LEFT + PEERS, /* of each domain, dom0 first */
	PART_ACCOUNT = PART_PAGE + DOMAINS + 1,
	PART_TREE = PART_ACCOUNT + DOMAINS + 1,
	PART_WATCHES,
	PART_GENERATION,
	PART_CONN, /* input and output pending, for each peer */
	PART_DIGEST = PART_CONN + PEERS,
	PART_HOST, /* descriptors, ports, mappings */
	PART_DOMAINS,
	PARTS
};

struct state {
	uint64_t part[PARTS];
};

struct world {
	struct run *run;
	enum mode mode;
	struct peer *peer[PEERS];
	uint64_t seen[PEERS];
	struct sh_bytes all[PEERS]; /* received; only with remember */
	bool remember;
	bool between;  /* updates between rounds too */
	bool at_once;  /* every connection needs one turn */
	uint64_t luck; /* of the step being run */
	struct story_result ret;
	size_t memory; /* of the daemon at the end */
};

struct failure {
	unsigned int step; /* of the program as run */
	int part;	   /* that differs; -1: see text */
	char text[300];
};

uint64_t model_random(uint64_t *x);
static inline uint32_t below(uint64_t *x, uint32_t n)
{
	return (uint32_t)(model_random(x) >> 33) % n;
}

/* world.c: each returns 0, or 1 with w->run->failed set */
struct world *world_new(const void *ctx, enum mode mode);
int world_step(struct world *w, const struct step *s);
void world_free(struct world *w);
/* The daemon's connection of a peer, or NULL. */
struct conn *world_conn(const struct world *w, unsigned int peer);
struct sh_domain *world_domain(const struct world *w, unsigned int peer);

/* state.c */
void state_take(const struct world *w, struct state *ret);
/* The first part that differs, or -1. */
int state_differs(const struct state *a, const struct state *b);
const char *state_part(const void *ctx, int part);

/* gen.c */
struct gen {
	uint64_t x;
	struct world *w;
	struct sh_bytes held[PEERS]; /* of messages sent in pieces */
	bool bytewise[PEERS];	     /* ... of one byte each */
	unsigned int connects;
};
/* The next step, its bytes in talloc memory of ctx. */
struct step gen_step(struct gen *g, const void *ctx, unsigned int *requests);
/* gen-req.c: appends one request of the peer, or many. */
void gen_flood(struct gen *g, struct sh_bytes *to);
void gen_storm(struct gen *g, unsigned int peer, struct sh_bytes *to);
/* Requests of a toolstack that cause events for the peer. */
void gen_news(struct gen *g, unsigned int peer, struct sh_bytes *to);
void gen_move(struct gen *g, unsigned int domid, struct sh_bytes *to);
void gen_request(struct gen *g, unsigned int peer, struct sh_bytes *to);
/* A request that makes a toolstack introduce domain domid. */
void gen_introduce(struct gen *g, unsigned int domid, struct sh_bytes *to);

/* run-lu.c */
/* Runs it plain and in that mode; if they differ, true and *ret is set. */
bool program_fails(const struct program *p, enum mode mode, bool remember,
		   struct failure *ret);

/* shrink.c */
void program_shrink(struct program *p, enum mode mode, struct failure *f);

/* say.c */
void say_program(const struct program *p);
void say_streams(const struct world *plain, const struct world *other);

#endif
