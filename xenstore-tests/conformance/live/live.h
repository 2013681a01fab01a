/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live: the same stories, run against a real daemon on a simulated Xen.
 *
 *   ours   this tree's daemon, over sockets and rings
 *   stock  the stock one; a table lists where it differs
 *   lib    ours, each socket's client through libxenstore
 *   tools  ours, requests outside transactions by the command line tools
 *   beside ours, with one live update after the other that is loaded beside
 *
 * Lines, words and messages are those of xenstore-tests/lib. A line that cannot
 * be done in a mode ends the story there ("not expressed").
 *
 *   main.c     options, a story in a mode, counts
 *   verbs.c    what can happen besides requests and replies
 *   peer.c     bytes over sockets and rings
 *   client.c   requests by the library or tools, and their results as messages
 *   lib.c      libxenstore's calls
 *   tools.c    the command line tools
 *   table.c    where the stock daemon differs
 *   beside.c   live updates
 */
#ifndef LIVE_H
#define LIVE_H

#include <stdio.h>

#include "../differential/side.h"
#include "story-run.h"

struct xs_handle;

enum live_mode {
	LIVE_OURS,
	LIVE_STOCK,
	LIVE_BESIDE,
	LIVE_LIB, /* from here on, clients of the library or tools */
	LIVE_TOOLS,
	LIVE_MODES
};

/* What a peer has beyond story-run.h's. */
struct live_peer {
	struct link link; /* the ring, or the socket */
	bool read_only;
	bool dead; /* a ring that the daemon has unmapped */
	/* by the library or tools: replies and events wait apart */
	struct xs_handle *xs;
	struct sh_bytes replies, events;
	bool skip_reply; /* the request could not be expressed */
	bool skip_any;	 /* ... and changes nothing, whatever the reply */
};

struct counts {
	unsigned int stories, lines; /* run */
	unsigned int through;	     /* lines through the library or tools */
	unsigned int apart;	     /* lines whose peers need a socket */
	unsigned int left;	     /* lines not run */
	unsigned int differences;    /* of the table */
	unsigned int updates;
};

struct live {
	struct run run; /* first */
	enum live_mode mode;
	struct side side;
	struct link ctl; /* a socket to check the daemon's progress */
	uint32_t ctl_id;
	struct link updater; /* another socket, for updates to program */
	const char *program;
	bool updating;	    /* the answer is still to come */
	char ctl_said[32];  /* why live_control() failed */
	char *cause;	    /* the last line that was no reply */
	const char *raw;    /* ",a,b,": peers that the library cannot play */
	const char *cannot; /* why the story ends here */
	char *become_raw;   /* the peer that needs a socket */
	bool watched;	    /* a peer has set a watch */
	struct counts n;
};

static inline struct live *to_live(struct run *r)
{
	return (struct live *)(void *)r;
}

static inline struct live_peer *live_of(const struct peer *p)
{
	return p->of_teller;
}

/* Ends the story here without a failure. Returns 1. */
int live_cannot(struct live *l, const char *why);

/* ---- peer.c ---- */

/* Each returns 0 or an errno. */
int live_open_socket(struct live *l, struct peer *p, bool read_only);
int live_open_ring(struct live *l, struct peer *p);
void live_close(struct peer *p);
/*
 * Waits for twenty replies on another socket: the daemon has looked at
 * everything by then.
 */
int live_settle(struct live *l);
bool live_closed(struct live *l, struct peer *p);
/* Sends a request on the control socket; true if the reply is OK. */
bool live_control(struct live *l, uint32_t type, const void *body, size_t len);

/* ---- verbs.c ---- */

int live_verb(struct run *r, struct word *w, int n);

/* ---- beside.c ---- */

/* After a line: begins an update, or finishes one that was answered. */
int live_update(struct live *l);
/* Waits for the end of the update, if there is one. */
int live_update_end(struct live *l);
/*
 * How the daemon ended by itself, or NULL.  With updates it is not known: each
 * one ends a process, and the next one is no child of this one.
 */
const char *live_ended(struct live *l);

/* ---- client.c ---- */

/* True if peers of this mode use the library or tools. */
bool live_by_other_means(const struct live *l, const struct peer *p);
/*
 * Does a request by the library or tools. Returns 0 if it was done or may be
 * left out, 1 if the peer has to send it itself, -1 if it has to just this
 * time.
 */
int client_request(struct live *l, struct peer *p, struct word *w, int n);
/* True if the reply expected in w belongs to a request left out. */
bool client_skips(struct live *l, struct peer *p, const struct word *w, int n);
/* The words after tx=N and the type, which it returns. */
struct request {
	uint32_t type, tx;
	struct word *w;
	int n;
};
/* Queues a reply; error: an errno, or 0. */
void client_reply(struct live *l, struct peer *p, const struct request *q,
		  int error, const void *body, size_t len);
void client_event(struct live *l, struct peer *p, const char *path,
		  const char *token);

/* ---- lib.c: 0 done, 1 cannot be expressed ---- */

int lib_open(struct peer *p);
void lib_close(struct peer *p);
int lib_request(struct live *l, struct peer *p, const struct request *q);
void lib_events(struct live *l, struct peer *p);
/* Counts names and bytes of a listing; returns 0 or an errno. */
int lib_parts(struct peer *p, const char *path, size_t *ret_names,
	      size_t *ret_bytes);

/* ---- tools.c: likewise ---- */

int tools_request(struct live *l, struct peer *p, const struct request *q);

/* ---- table.c ---- */

/* Rows about other releases are only for the document; NULL: all are. */
int table_load(const char *file, const char *release);
/*
 * What the stock daemon does instead of this line, or NULL if it does the same.
 * "" means nothing.
 */
const char *table_instead(const struct live *l);
/* This story was run, or has failed. */
void table_told(const char *file);
/*
 * Prints the rows that were never met, except those of stories that were not
 * run.  top is that of the tree.  Returns how many.
 */
unsigned int table_unmet(const char *top);
void table_as_document(FILE *out);

#endif
