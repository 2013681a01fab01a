/* SPDX-License-Identifier: GPL-2.0-or-later */
/* copy-internal: shared by the files copy*.c, private to them. */
#ifndef STATE_COPY_INTERNAL_H
#define STATE_COPY_INTERNAL_H

#include "base/array.h"
#include "state/collect.h"
#include "state/copy.h"
#include "store/observer.h"
#include "store/path.h"
#include "store/store.h"
#include "store/tree.h"

struct watch;

enum copy_phase {
	COPY_CLEAR, /* takes away the flags of an earlier walk */
	COPY_NODES,
	COPY_CONNS /* also when all are sent: new ones come */
};

struct copy {
	struct daemon *d;
	struct store_observer observer;
	copy_sink sink;
	void *sink_arg;
	struct dump *o; /* the piece that is being filled */
	struct state_counts counts;
	int *fds; /* in it */
	uint32_t nfds, fds_size;
	struct copy_progress n;
	struct err err;
	int rc;
	bool big_endian; /* tests */
	enum copy_phase phase;
	uint32_t clear; /* COPY_CLEAR: the next node */

	/*
	 * copy-tree.c: the walk stands on a node that was sent.  Its children
	 * come next or, `done`, its next sibling; 0: nothing was sent yet.
	 */
	uint32_t node;
	bool done;
	uint32_t depth;
	size_t len; /* of path; 0: to be found out, depth too */
	char path[PATH_SIZE];
	/* children_gen as it was sent, of each node that is open, by depth */
	uint64_t sent_gen[PATH_ABS_MAX / 2 + 2];
	bool sent;	/* the node of the change being applied was */
	uint32_t swept; /* nodes sent before that the change has removed */

	/* copy-conn.c */
	struct conn *last;   /* the last one that was sent; NULL: none */
	struct watch *watch; /* its next one to send; NULL: all are sent */
};

/* Remembers the failure; returns ENOMEM. */
int copy_no_memory(struct copy *cp);
/* Ends the piece if it is full. */
void copy_room(struct copy *cp);
/* Passes a descriptor with the piece; -1: none. */
void copy_fd(struct copy *cp, int fd);
/* Appends an effect. */
void copy_effect(struct copy *cp, const struct record *rec);

/* ---- copy-tree.c ---- */

/* Sends the next node.  False: there is none. */
bool copy_next_node(struct copy *cp);
void copy_before(struct store_observer *so, const struct change *c);
void copy_after(struct store_observer *so, const struct change *c);
void copy_node_goes(struct store_observer *so, const struct node *n);
void copy_strip(struct store_observer *so, uint16_t domid);

/* ---- copy-conn.c ---- */

/* Sends the next connection or watch.  False: there is none. */
bool copy_next_conn(struct copy *cp);
/* Appends the connections that have changed since they were sent; all debts. */
void copy_conns_again(struct copy *cp);
/* Appends the event channel device. */
void copy_handoff(struct copy *cp);
void copy_forget_conns(struct copy *cp);
/* Makes it the observer of its store. */
void copy_observe(struct copy *cp);

#endif
