/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * collect: state into records, for the files of the dump alone.
 *
 * Nothing here changes anything.  A failure is kept in the struct dump; what
 * comes after it does nothing.
 */
#ifndef STATE_COLLECT_H
#define STATE_COLLECT_H

#include "daemon.h"
#include "image/image.h"
#include "state/state.h"

struct conn;
struct perms;
struct tx;

#define GENS_AT_ONCE 4096u

struct dump {
	const struct daemon *d;
	const struct state_dump_options *opt;
	struct image_writer w;
	state_sink sink;
	void *arg;
	struct state_counts *counts;
	struct err *err;
	int rc;
	/* scratch */
	struct rec_perm *perms;
	uint32_t perms_size;
	const struct perms *perms_of; /* what perms holds; NULL: nothing */
	struct rec_generation gens[GENS_AT_ONCE];
	uint32_t ngens;
};

/* Appends a record; extensions only if they are wanted. */
void dump_put(struct dump *o, const struct record *rec);
/*
 * The same, but its last field, of `later` bytes, comes in pieces: it may be as
 * large as a gigabyte.
 */
void dump_put_begin(struct dump *o, const struct record *rec, uint32_t later);
void dump_put_bytes(struct dump *o, const void *data, size_t len);
void dump_put_end(struct dump *o);
/* The same for a NODE_DATA, faster. */
void dump_put_node(struct dump *o, const struct rec_node *node);
/* As an image has them; good until the next call.  NULL: the dump failed. */
const struct rec_perm *dump_perms(struct dump *o, const struct perms *p);

/* collect-quota.c: limits, and what has met them */
void collect_quotas(struct dump *o);
/* ... of one domain */
struct account;
void collect_account(struct dump *o, const struct account *a);
/* collect-conn.c: connections with their domains and watches */
void collect_conns(struct dump *o);
void collect_conn(struct dump *o, const struct conn *c);
/* collect-store.c: committed nodes, special nodes */
void collect_nodes(struct dump *o);
void collect_specials(struct dump *o);
/* One committed node, without its generations. */
void collect_node(struct dump *o, uint32_t id, const char *path, size_t len);
/* collect-tx.c: transactions */
void collect_txs(struct dump *o);
/* by_parent: in records that only newer readers know, if that saves much. */
void collect_tx(struct dump *o, const struct tx *tx, bool by_parent);

#endif
