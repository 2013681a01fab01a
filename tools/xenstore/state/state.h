/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state: a daemon's whole state to an image and back.  Used by an update, by
 * save-image and --restore; migrate/ uses its parts for one domain.
 *
 * Order of the records written:
 *
 *	HEADER STORE_STATE ROLES? GLOBAL_DATA HANDOFF LOG QUOTA*
 *	{ CONNECTION_DATA CONN_STATE CONN_INPUT? CONN_OUTPUT? DOMAIN_STATE?
 *	  WATCH_DATA* WATCH_DEPTH* DOMAIN_ID? RING_GFN? }*
 *	{ DOMAIN_STATE? DOMAIN_ID? }*
 *	{ NODE_DATA* NODE_GENERATIONS }* SPECIAL_NODE*
 *	{ TRANSACTION_DATA TX_STATE { NODE_DATA TX_NODE TX_CHILDREN? }* }*
 *	UPDATE? UPDATE_RUN? END
 *
 * The reader accepts any order that the format allows.  Each type has one
 * function that collects it (collect-*.c) and one that applies it (apply-*.c).
 */
#ifndef STATE_STATE_H
#define STATE_STATE_H

#include "daemon.h"

/* Called with the next piece of the image.  Returns 0 or an errno with err. */
typedef int (*state_sink)(void *arg, const void *data, size_t len,
			  struct err *err);

#define STATE_NO_DOMAIN 0xffffu /* QUOTA: the whole daemon's, no domain's */

struct state_counts {
	uint64_t size; /* of the image, bytes */
	uint32_t nodes, conns, watches, txs;
};

/* Counts what d holds now; leaves counts->size alone. */
void state_count(const struct daemon *d, struct state_counts *counts);

struct state_dump_options {
	uint32_t update_conn; /* UPDATE: the requesting client; 0: none */
	uint32_t update_len;
	const char *update_binary; /* UPDATE_RUN record; NULL: none */
	uint64_t stopped_us;
	uint32_t rehearsal_ms;
	bool to_file;	    /* for state_restore_file(): with rings' indexes */
	bool no_ports;	    /* event channels and epoll are not handed over */
	bool no_read_only;  /* leaves out read-only connections */
	bool big_endian;    /* tests: the other byte order */
	bool no_extensions; /* tests: a bare spec image */
};

/*
 * Writes the state into sink.  Finishes d->jobs first (base/job.h); changes
 * nothing else.  Returns 0 or an errno with err: no memory, or the sink's.
 */
int __must_check state_dump(struct daemon *d,
			    const struct state_dump_options *opt,
			    state_sink sink, void *arg,
			    struct state_counts *ret_counts, struct err *err);

/* A sink whose arg is a struct wbuf. */
int state_into_wbuf(void *arg, const void *data, size_t len, struct err *err);

struct state_restored {
	struct state_counts counts;
	uint32_t update_conn; /* of the UPDATE record; 0: none */
	uint32_t update_len;
	char update_binary[4096]; /* of UPDATE_RUN; "": none */
	uint64_t stopped_us;
	uint32_t rehearsal_ms;
	bool proven;   /* a digest was there, and it is equal */
	bool have_log; /* there was a LOG record: */
	uint32_t log_switches;
	char log_path[4096];
};

/*
 * Reads the len bytes at data into d, which must be new.  Adopts descriptors,
 * maps and binds rings; sends nothing and notifies no domain.  Returns 0, or an
 * errno with err (record, byte, field); the caller can then only free d.
 */
int __must_check state_restore(struct daemon *d, const void *data, size_t len,
			       struct state_restored *ret, struct err *err);
/*
 * The same from a file whose writer has ended.  Its sockets are gone, so their
 * connections are dropped.  Rings are mapped and bound again.  A message that
 * was half read or half written continues only if the ring's indexes have not
 * moved since.
 */
int __must_check state_restore_file(struct daemon *d, const void *data,
				    size_t len, struct state_restored *ret,
				    struct err *err);
/*
 * Checks the whole store against itself; slow, so only a rehearsal does it.
 * Returns 0 or EIO with err.
 */
int __must_check state_check(const struct daemon *d, struct err *err);
/*
 * The sum of everything that a client can see.  The writer of an image puts it
 * into HEADER; the reader compares it with the sum of what it restored.
 */
uint64_t state_digest(const struct daemon *d);
/* Begins to serve: accepts clients, and unmasks the ports that stayed bound. */
void state_resume(struct daemon *d);

#endif
