/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apply: puts one record into the state of a daemon that is being restored.
 *
 * For restore.c, which reads the image and calls apply_record() for each
 * record, and for migrate/, which does the same for one domain.
 */
#ifndef STATE_APPLY_H
#define STATE_APPLY_H

#include "daemon.h"
#include "image/record.h"
#include "state/state.h"
#include "store/path.h"

/* What is known of a connection until all records are read. */
struct restored {
	struct list link;
	struct conn *conn;
	const uint8_t *data; /* pending output, in the image */
	size_t data_len;
	size_t partial;
	bool again; /* follow.c: the connection was there */
	bool partial_event;
	bool no_ring;
	bool quiet;   /* no work until the peer's next event */
	bool stated;  /* by CONN_STATE: TURN and MORE are complete */
	bool unbound; /* DOMAIN_STATE says that it had no port */
	uint32_t local_port;
	bool have_ring_state;
	struct rec_ring_state ring_state;
	/* the first watches of the connection, by number; talloc */
	struct watch **watch;
	size_t nwatches, watches_size;
};

#define LAST_PERMS   4
#define RECENT_NAMES 256

struct on_path {
	uint32_t id;
	size_t len;
};

/* follow.c: this process's descriptor for the predecessor's number; or -1 */
typedef int (*restore_fd)(void *arg, int number);

struct account;
struct client;
struct name;
struct perm;
struct tx;
struct tx_node;
struct watch;

struct restore {
	struct daemon *d;
	struct err *err;
	const struct record *rec;
	struct conn *conn; /* to which rec belongs, if its type needs one */
	struct list conns; /* struct restored */
	bool have_header, have_store;
	struct rec_header header;
	struct rec_store store;
	struct rec_handoff handoff;
	bool from_file; /* the writer's descriptors are gone */
	bool follows;	/* a stream with effects, not an image */
	restore_fd fd;	/* NULL: numbers stay */
	void *fd_arg;
	struct htab *gone;  /* its socket connections, by id; NULL: none */
	bool ports, polled; /* adopted: still bound; still polled */
	struct state_restored *ret;
	/* the nodes above the last one read, to find its siblings' parent */
	struct on_path up[PATH_ABS_MAX / 2 + 1];
	uint32_t depth;
	char path[PATH_SIZE];
	/* the last node's permissions: most nodes have the same as that */
	struct rec_perm last_rec[LAST_PERMS];
	uint32_t last_n; /* 0: nothing to compare with */
	struct perms *last_perms;
	struct account *last_owner;
	/* recent names, by a cheap hash */
	struct name *names[RECENT_NAMES];
	/* the entries of the last TX_ENTRY's transaction; talloc */
	struct tx *entries_tx;
	struct tx_node **entries;
	uint32_t nentries, entries_size;
	/* committed nodes since the last NODE_GENERATIONS */
	uint32_t *recent;
	size_t nrecent, recent_size;
};

/* Applies r->rec.  Returns 0 or an errno with r->err. */
int __must_check apply_record(struct restore *r);

/*
 * restore.c, for a migration: queues the pending output, maps the page and
 * binds the port.  Returns 0 or an errno with r->err.
 */
int __must_check restore_ring(struct restore *r, struct restored *rs);

/*
 * The rest of restore.c is for follow.c.  Reads an image and applies its
 * records.
 */
int __must_check restore_records(struct restore *r, const void *data,
				 size_t len);
/* Queues the pending output. */
int __must_check restore_output(struct restore *r, struct restored *rs);
/* Completes the transactions of a client. */
int __must_check restore_txs(struct restore *r, const struct client *c);
/* Takes over VIRQ_DOM_EXC, or binds it. */
int __must_check restore_death(struct restore *r);
/* Polls the listening sockets. */
int __must_check restore_listening(struct restore *r);
/* Sets the counters, then compares counts and digest with the writer's. */
int __must_check restore_prove(struct restore *r);
/* Forgets what it remembers of nodes, lists and names: they may have gone. */
void restore_forget(struct restore *r);

/* ---- for the files of apply alone ---- */

/* The descriptor that a record names; -1: there is none. */
int apply_fd(const struct restore *r, int number);
/* Prefixes err with the number, type and position of the record. */
void apply_at_record(struct err *err, const struct record *rec);
/* Sets r->err; returns ENOMEM. */
int apply_no_memory(struct restore *r);
/* Finds what an earlier record must have made.  0 or EINVAL with r->err. */
int __must_check apply_need_tx(struct restore *r, uint32_t conn_id,
			       uint32_t tx_id, struct tx **ret_tx);
/*
 * Checks a permission list; path is for the message.  An entry for
 * PERMS_DOMID_INVALID is refused: it would match every client that has no
 * target.  Returns 0 or EINVAL with r->err.
 */
int __must_check apply_check_perms(struct restore *r, const char *path,
				   const struct rec_perm *rec, uint32_t n);
/* Refuses reserved domids; what names the field.  0 or EINVAL with r->err. */
int __must_check apply_check_domid(struct restore *r, const char *what,
				   uint16_t domid);
/* Converts n entries of a record. */
void apply_perms_entries(const struct rec_perm *rec, uint32_t n,
			 struct perm *p);
/* The interned list; the caller owns a reference.  NULL without memory. */
struct perms *apply_perms(struct restore *r, const struct rec_perm *rec,
			  uint32_t n);

/* One for each record type; apply-conn.c */
int apply_conn(struct restore *r);
int apply_conn_state(struct restore *r);
int apply_conn_credit(struct restore *r);
int apply_conn_debt(struct restore *r);
int apply_ring_state(struct restore *r);
int apply_ring_gfn(struct restore *r);
int apply_domain_id(struct restore *r);
int apply_turn(struct restore *r);
int apply_turn_place(struct restore *r);
int apply_conn_input(struct restore *r);
int apply_conn_output(struct restore *r);
int apply_domain(struct restore *r);
int apply_features(struct restore *r);
int apply_watch(struct restore *r);
int apply_watch_depth(struct restore *r);
int apply_ring_look(struct restore *r);
int apply_watch_lost(struct restore *r);
/* apply-effect.c */
int apply_node_effect(struct restore *r);
int apply_conn_effect(struct restore *r);
int apply_stream_handoff(struct restore *r);
/* Makes a connection that comes again as if it had not come. */
int apply_conn_again(struct restore *r, struct conn *c);
/* apply-node.c */
int apply_special(struct restore *r);
int apply_committed(struct restore *r);
int apply_generations(struct restore *r);
/* apply-tx.c */
int apply_tx(struct restore *r);
int apply_tx_state(struct restore *r);
int apply_pending(struct restore *r);
int apply_tx_node(struct restore *r);
int apply_tx_children(struct restore *r);
int apply_tx_entry(struct restore *r);

#endif
