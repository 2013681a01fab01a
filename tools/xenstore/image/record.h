/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record: what a xenstore image is made of, as plain structs.
 *
 * One struct per record type; which bytes each field has is said once, in the
 * tables of record*.c, which the encoder, the decoder, the text form, the
 * documentation and the tests walk.  This room knows neither the store nor a
 * connection; state/ carries state in and out of these structs.
 *
 * Pointers in a record that was decoded point into the image (or into the
 * reader's scratch memory) and are good until the next record is read.
 */
#ifndef IMAGE_RECORD_H
#define IMAGE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image/record-type.h"
#include "image/record-xen.h"

struct rec_perm {
	uint8_t perm;  /* one of 'w' 'r' 'b' 'n' */
	uint8_t flags; /* spec: pad, 0; xen1: 1 stale */
	uint16_t domid;
};

/* spec: set in a domid that was not there; the entry gives nobody anything */
#define REC_PERM_ABSENT 0x8000u

struct rec_global {
	int32_t rw_fd;	   /* listening sockets; -1: not used */
	int32_t ro_fd;	   /* spec only */
	int32_t evtchn_fd; /* xen only: the event channel device; -1: none */
};

struct rec_conn {
	uint32_t conn_id; /* non-zero */
	uint16_t type;	  /* REC_CONN_RING or _SOCKET */
	uint16_t flags;
	uint16_t domid; /* ring only */
	uint16_t tdomid;
	uint32_t evtchn; /* spec: the domain's port, xen: the daemon's own */
	int32_t fd;	 /* socket only */
	uint32_t data_len;
	const uint8_t *data; /* bytes not yet written to the connection */
	/* xen only */
	uint16_t fields;   /* REC_CONN_UNIQUE_ID */
	uint16_t in_len;   /* bytes read and not yet processed */
	uint16_t resp_len; /* so many of data finish a reply begun */
	const uint8_t *in;
	uint64_t unique_id; /* of the domain */
};

struct rec_watch {
	uint32_t conn_id;
	uint16_t wpath_len; /* both lengths count the NUL */
	uint16_t token_len;
	const char *wpath;
	const char *token;
	uint16_t depth; /* WATCH_DATA_EXTENDED; REC_NO_DEPTH: none */
};

struct rec_tx {
	uint32_t conn_id;
	uint32_t tx_id;
};

struct rec_node {
	uint32_t conn_id; /* 0: committed */
	uint32_t tx_id;
	uint16_t path_len; /* counts the NUL */
	uint16_t value_len;
	uint16_t access;
	uint16_t perm_count;
	const struct rec_perm *perms;
	const char *path;
	const uint8_t *value;
};

/* First record of an image of ours: who wrote it and what it must add up to. */
struct rec_header {
	uint16_t writer_len; /* with NUL */
	uint8_t dialect;     /* 0: spec */
	uint8_t scope;	     /* 0: live update, 1: migration */
	uint32_t nodes;	     /* committed ones */
	uint32_t conns;
	uint32_t watches;
	uint32_t txs;
	uint64_t digest; /* of the state in the image; 0: not known */
	const char *writer;
};

/* What a connection has beyond the spec; follows its CONNECTION_DATA. */
struct rec_conn_state {
	uint32_t conn_id;
	uint32_t flags;
	uint32_t next_tx_id; /* the id that the next transaction may get */
	uint32_t unread_ms;  /* its events wait for so long plus 1; 0: none */
};

/* Bytes read from a connection and not yet processed. */
struct rec_conn_input {
	uint32_t conn_id;
	uint32_t data_len;
	const uint8_t *data;
};

/* The first `partial` bytes of its pending data finish a message begun. */
struct rec_conn_output {
	uint32_t conn_id;
	uint32_t partial;
};

struct rec_tx_state {
	uint32_t conn_id;
	uint32_t tx_id;
	uint32_t flags;
	uint32_t age_ms;      /* since it was started */
	uint32_t created_seq; /* the order number of the next creation */
	uint32_t reserved;
};

/* What a transaction did with one path and what that was based on. */
struct rec_tx_node {
	uint32_t conn_id;
	uint32_t tx_id;
	uint16_t did;
	uint16_t path_len;    /* with NUL */
	uint32_t created_seq; /* order among the nodes it created; 0: none */
	uint64_t generation;  /* of value and permissions when first touched */
	uint64_t children_generation;
	uint32_t event_order; /* of the events that its commit fires */
	uint32_t reserved;
	const char *path;
};

/* The children that a transaction saw below path, each name with its NUL. */
struct rec_tx_children {
	uint32_t conn_id;
	uint32_t tx_id;
	uint16_t path_len; /* with NUL */
	uint16_t reserved;
	uint32_t names_len;
	const char *path;
	const char *names;
};

/* Permissions of @releaseDomain and @introduceDomain. */
struct rec_special {
	uint16_t path_len; /* with NUL */
	uint16_t perm_count;
	uint32_t reserved;
	uint64_t generation;
	const struct rec_perm *perms;
	const char *path;
};

struct rec_domain {
	uint16_t domid;
	uint16_t reserved;
	uint32_t flags;
	uint32_t conn_id; /* its ring connection, 0: none */
	uint32_t
		local_port; /* the daemon's end; valid with HANDOFF's evtchn_fd */
	uint64_t handle_hi; /* which domain that domid meant (its UUID); 0: */
	uint64_t handle_lo; /* not known */
};

/* Depth of a watch: the index-th (from 0) WATCH_DATA of its connection. */
struct rec_watch_depth {
	uint32_t conn_id;
	uint32_t index;
	uint32_t depth;
	uint32_t reserved;
};

/* The features that a domain is offered, where not all of them. */
struct rec_features {
	uint16_t domid;
	uint16_t reserved;
	uint32_t features;
};

/*
 * What was committed at the source of a migration where a transaction touched
 * something, to be compared with what the target has; generations mean
 * nothing there.
 */
struct rec_tx_base {
	uint32_t conn_id;
	uint32_t tx_id;
	uint16_t path_len; /* with NUL */
	uint16_t flags;
	uint32_t reserved;
	uint64_t content;  /* digest of value and permissions */
	uint64_t children; /* digest of the children's names */
	const char *path;
};

/*
 * The same as pending NODE_DATA, TX_NODE and TX_CHILDREN, for a transaction
 * whose paths take much: below `parent`, the number (from 1) of one of the
 * transaction's TX_ENTRY before this one; 0: below "/", or with an empty name
 * "/" itself.
 */
struct rec_tx_entry {
	uint32_t conn_id;
	uint32_t tx_id;
	uint32_t parent;
	uint16_t did; /* REC_TX_ bits */
	uint16_t flags;
	uint16_t name_len; /* with NUL */
	uint16_t value_len;
	uint16_t perm_count;
	uint16_t reserved;
	uint32_t names_len;
	uint32_t created_seq;
	uint32_t event_order;
	uint32_t reserved2;
	uint64_t generation;
	uint64_t children_generation;
	const char *name;
	const struct rec_perm *perms;
	const uint8_t *value;
	const char *names; /* of the children that it saw */
};

struct rec_store {
	uint64_t generation; /* the last one given to a change */
	uint32_t next_conn_id;
	uint32_t reserved;
};

/*
 * Generations of the `count` committed nodes whose NODE_DATA came last before
 * this record, in their order.
 */
struct rec_generation {
	uint64_t value;
	uint64_t children;
};
struct rec_generations {
	uint32_t count;
	uint32_t reserved;
	const struct rec_generation *gens;
};

/* Descriptors that the process keeps across exec; -1: none. */
struct rec_handoff {
	int32_t evtchn_fd;
	int32_t epoll_fd;
	uint32_t virq_port; /* local port of the death VIRQ, 0: none */
	uint32_t reserved;
};

/* Who asked for the update: on the way back its reply is replaced. */
struct rec_update {
	uint32_t conn_id;
	uint32_t reply_len; /* bytes at the end of its pending data */
};

/* One limit that differs from its default; domid 0xffff: the host's. */
struct rec_quota {
	uint16_t domid;
	uint16_t name_len; /* with NUL */
	uint16_t soft;
	uint16_t reserved;
	uint64_t value;
	const char *name;
};

/* What is logged, and into which file besides. */
struct rec_log {
	uint32_t switches; /* LOG_ bits of base/log.h */
	uint16_t path_len; /* with NUL; 1: no file */
	uint16_t reserved;
	const char *path;
};

/*
 * How often a domain was refused something for a quota; domid 0xffff: the
 * most that any unprivileged domain had.
 */
struct rec_quota_count {
	uint16_t domid;
	uint16_t name_len; /* with NUL */
	uint32_t reserved;
	uint64_t count;
	const char *name;
};

/* That a connection has had turns which cost more than they may. */
struct rec_conn_debt {
	uint32_t conn_id;
	uint32_t passes; /* until nothing is known of that any more */
};

/* What a connection owes for disturbing others' transactions. */
struct rec_conn_credit {
	uint32_t conn_id;
	uint32_t busy_ms; /* until all is paid back */
	uint32_t wait_ms; /* 1 + how long its requests wait; 0: they do not */
	uint32_t reserved;
};

/* How the update went until its exec. */
struct rec_update_run {
	uint64_t stopped_us; /* CLOCK_MONOTONIC when serving stopped */
	uint32_t rehearsal_ms;
	uint16_t binary_len; /* with NUL */
	uint16_t reserved;
	const char *binary; /* that was to take over */
};

/*
 * How far a ring had been read and written: if it has gone on since, nothing
 * half done can be finished.
 */
struct rec_ring_state {
	uint32_t conn_id;
	uint32_t req_cons;
	uint32_t rsp_prod;
	uint32_t reserved;
};

/* A connection that has something to do; in the order of their turns. */
struct rec_turn {
	uint32_t conn_id;
	uint32_t what; /* REC_TURN_ bits */
};

/* How a ring is looked at without an event, and what it has not read. */
struct rec_ring_look {
	uint32_t conn_id;
	uint32_t flags;	 /* REC_LOOK_ bits */
	uint32_t level;	 /* of the row of looks; REC_LOOK_NEVER */
	uint32_t in_us;	 /* until the next one */
	uint32_t odd_ms; /* 1 + since its indexes make no sense; 0: they do */
	uint32_t uncounted_ms; /* of CONN_STATE's unread_ms */
	uint64_t lost;	       /* events that were dropped */
	uint64_t logged;       /* of them those that the log knows of */
};

/* The index-th (from 0) watch of its connection has lost an event. */
struct rec_watch_lost {
	uint32_t conn_id;
	uint32_t index;
};

struct record_desc;

struct record {
	uint32_t type;
	uint32_t len;			/* of the body, as the image says */
	uint64_t index;			/* number of the record, from 0 */
	uint64_t offset;		/* of its header in the image */
	const struct record_desc *desc; /* NULL: optional, not known */
	const uint8_t *body; /* read: len bytes as they are in the image */
	bool suspect; /* read: not as its writer meant it; see image-read-xen.c */
	union {
		struct rec_global global;
		struct rec_conn conn;
		struct rec_watch watch;
		struct rec_tx tx;
		struct rec_node node;
		struct rec_header header;
		struct rec_conn_state conn_state;
		struct rec_conn_input conn_input;
		struct rec_conn_output conn_output;
		struct rec_tx_state tx_state;
		struct rec_tx_node tx_node;
		struct rec_tx_children tx_children;
		struct rec_special special;
		struct rec_domain domain;
		struct rec_watch_depth watch_depth;
		struct rec_features features;
		struct rec_tx_base tx_base;
		struct rec_tx_entry tx_entry;
		struct rec_store store;
		struct rec_generations generations;
		struct rec_handoff handoff;
		struct rec_update update;
		struct rec_quota quota;
		struct rec_log log;
		struct rec_quota_count quota_count;
		struct rec_conn_credit conn_credit;
		struct rec_conn_debt conn_debt;
		struct rec_ring_state ring_state;
		struct rec_turn turn;
		struct rec_ring_look ring_look;
		struct rec_watch_lost watch_lost;
		struct rec_update_run update_run;
		struct rec_global_quota global_quota;
		struct rec_domain_data domain_data;
	};
};

#endif
