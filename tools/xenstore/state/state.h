/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state: a daemon's whole state to an image and back.
 *
 * Order of the records written:
 *
 *	HEADER STORE_STATE GLOBAL_DATA HANDOFF LOG QUOTA*
 *	{ CONNECTION_DATA CONN_STATE CONN_INPUT? CONN_OUTPUT? DOMAIN_STATE?
 *	  WATCH_DATA* WATCH_DEPTH* }*
 *	{ NODE_DATA* NODE_GENERATIONS }* SPECIAL_NODE*
 *	{ TRANSACTION_DATA TX_STATE { NODE_DATA TX_NODE TX_CHILDREN? }* }*
 *	UPDATE? UPDATE_RUN? END
 *
 * Read in any order that the format allows.  Every type has one function that
 * collects and one that applies it, in collect-*.c and apply-*.c.
 */
#ifndef STATE_STATE_H
#define STATE_STATE_H

#include "daemon.h"

/* Takes the image in pieces; returns 0 or an errno with err filled in. */
typedef int (*state_sink)(void *arg, const void *data, size_t len,
			  struct err *err);

#define STATE_NO_DOMAIN 0xffffu /* a quota record that is not of one domain */

struct state_counts {
	uint64_t size; /* of the image, bytes */
	uint32_t nodes, conns, watches, txs;
};

/* Counts what d holds now; leaves counts->size alone. */
void state_count(const struct daemon *d, struct state_counts *counts);

struct state_dump_options {
	uint32_t update_conn; /* UPDATE record: who asked; 0: none */
	uint32_t update_len;
	const char *update_binary; /* UPDATE_RUN record; NULL: none */
	uint64_t stopped_us;
	uint32_t rehearsal_ms;
	bool to_file;	    /* for state_restore_file: says how far rings are */
	bool no_ports;	    /* event channels and epoll do not go along */
	bool no_read_only;  /* connections that the successor would let write */
	bool big_endian;    /* tests: the other byte order */
	bool no_extensions; /* tests: a bare spec image */
};

/*
 * Writes the state into sink.  Does what d->jobs has left first (base/job.h);
 * otherwise changes nothing.
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
	bool have_log; /* LOG record: for whoever has a log to set */
	uint32_t log_switches;
	char log_path[4096];
};

/*
 * Reads the len bytes at data into d, which must be new.  The host is asked
 * to adopt descriptors and to map and bind rings; nothing is sent and nobody
 * notified.  Returns 0, or an errno with what is wrong and where; d is then
 * only good to be freed.
 */
int __must_check state_restore(struct daemon *d, const void *data, size_t len,
			       struct state_restored *ret, struct err *err);
/*
 * The same from a file, after the daemon that wrote it is gone: sockets went
 * with it, rings are mapped and bound anew, and what a ring was in the middle
 * of goes on only if nobody has touched it since.
 */
int __must_check state_restore_file(struct daemon *d, const void *data,
				    size_t len, struct state_restored *ret,
				    struct err *err);
/* A closer look, for which a rehearsal has the time.  0 or EIO with err. */
int __must_check state_check(const struct daemon *d, struct err *err);
/* What everything that a client can see adds up to. */
uint64_t state_digest(const struct daemon *d);
/* Begins to serve: looks at every ring and at all that waits. */
void state_resume(struct daemon *d);

#endif
