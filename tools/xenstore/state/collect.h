/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * collect: writes state as records.  For dump.c, and for migrate/, which
 * collects one domain.
 *
 * Nothing here changes the daemon.  The first failure is kept in the struct
 * dump; every later call does nothing.
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
	bool whole; /* copy.c: the sink gets a finished image only */
	struct rec_generation gens[GENS_AT_ONCE];
	uint32_t ngens;
};

/* Appends a record; leaves out extensions if opt->no_extensions. */
void dump_put(struct dump *o, const struct record *rec);
/*
 * The same, but the caller appends the last field, of `later` bytes, in pieces:
 * it may be as large as a gigabyte.
 */
void dump_put_begin(struct dump *o, const struct record *rec, uint32_t later);
void dump_put_bytes(struct dump *o, const void *data, size_t len);
void dump_put_end(struct dump *o);
/* Appends a NODE_DATA; faster than dump_put(). */
void dump_put_node(struct dump *o, const struct rec_node *node);
/*
 * The list as records have it; valid until the next call.  NULL without memory:
 * the dump has failed.
 */
const struct rec_perm *dump_perms(struct dump *o, const struct perms *p);

/* dump.c: what comes before the connections, and after all others */
void collect_daemon(struct dump *o);
void collect_update(struct dump *o);

/* collect-quota.c: limits and counters of the daemon and of all domains */
void collect_quotas(struct dump *o);
/* The limits of one domain. */
struct account;
void collect_account(struct dump *o, const struct account *a);
/* collect-conn.c: connections with their domains and watches */
void collect_conns(struct dump *o);
void collect_conn(struct dump *o, const struct conn *c);
/*
 * The same without watches: for copy.c, which sends those as they change.  Also
 * has the ring's indexes.
 */
void collect_conn_alone(struct dump *o, const struct conn *c);
/* The watches that lost an event: only if c->lost is not 0 there are any. */
void collect_lost(struct dump *o, const struct conn *c);
/* Before the turns: decides in which queue it waits. */
void collect_debt(struct dump *o, const struct conn *c);
/* Turns, and domains without a connection. */
void collect_conns_rest(struct dump *o);
/* collect-store.c: committed nodes, special nodes */
void collect_nodes(struct dump *o);
void collect_specials(struct dump *o);
/* One committed node without its generations; len excludes the NUL. */
void collect_node(struct dump *o, uint32_t id, const char *path, size_t len);
/*
 * The same, and its generations later, together with those of others: at the
 * latest by collect_generations(), before any record of another type.
 */
void collect_node_gens(struct dump *o, uint32_t id, const char *path,
		       size_t len);
void collect_generations(struct dump *o);
/* collect-tx.c: transactions */
void collect_txs(struct dump *o);
/* by_parent: uses TX_ENTRY, which older builds do not read, if it saves much. */
void collect_tx(struct dump *o, const struct tx *tx, bool by_parent);

#endif
