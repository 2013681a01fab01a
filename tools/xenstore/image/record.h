/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record: the records of a xenstore image as plain structs, one per type.
 *
 * The tables in record*.c state the bytes of each field, once; the writer, the
 * reader, the text form, the documents and the tests walk them.  This room
 * knows neither the store nor a connection; state/ fills and applies these
 * structs.
 *
 * Pointers in a record that was read point into the image or the reader's
 * scratch memory; they are valid until the next record is read.  Lengths of
 * paths, names and tokens include the NUL.
 */
#ifndef IMAGE_RECORD_H
#define IMAGE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image/record-type.h"

struct rec_perm {
	uint8_t perm;  /* one of 'w' 'r' 'b' 'n' */
	uint8_t flags; /* 0 in the native format; see format.h */
	uint16_t domid;
};

/* Set in the domid of a domain that did not exist: grants nothing. */
#define REC_PERM_ABSENT 0x8000u

struct rec_global {
	int32_t rw_fd; /* listening sockets; -1: none */
	int32_t ro_fd;
};

struct rec_conn {
	uint32_t conn_id; /* non-zero */
	uint16_t type;	  /* REC_CONN_RING or _SOCKET */
	uint16_t flags;
	uint16_t domid; /* ring only */
	uint16_t tdomid;
	uint32_t evtchn; /* the domain's port */
	int32_t fd;	 /* socket only */
	uint32_t data_len;
	const uint8_t *data; /* bytes not yet written to the connection */
};

struct rec_watch {
	uint32_t conn_id;
	uint16_t wpath_len;
	uint16_t token_len;
	const char *wpath;
	const char *token;
};

struct rec_tx {
	uint32_t conn_id;
	uint32_t tx_id;
};

struct rec_node {
	uint32_t conn_id; /* 0: committed */
	uint32_t tx_id;
	uint16_t path_len;
	uint16_t value_len;
	uint16_t access;
	uint16_t perm_count;
	const struct rec_perm *perms;
	const char *path;
	const uint8_t *value;
};

/* The first record of our images: the writer, and counts to check. */
struct rec_header {
	uint16_t writer_len;
	uint8_t dialect; /* 0 */
	uint8_t scope;	 /* 0: live update, 1: migration */
	uint32_t nodes;	 /* committed ones */
	uint32_t conns;
	uint32_t watches;
	uint32_t txs;
	uint64_t digest; /* of the state in the image; 0: unknown */
	const char *writer;
};

/* A connection's state beyond the specification; follows CONNECTION_DATA. */
struct rec_conn_state {
	uint32_t conn_id;
	uint32_t flags;
	uint32_t next_tx_id; /* the first id to try for the next transaction */
	uint32_t unread_ms;  /* 1 + ms that its events have waited; 0: none */
};

/* Bytes read from a connection and not yet processed. */
struct rec_conn_input {
	uint32_t conn_id;
	uint32_t data_len;
	const uint8_t *data;
};

/* The first `partial` bytes of its pending data complete a message. */
struct rec_conn_output {
	uint32_t conn_id;
	uint32_t partial;
};

struct rec_tx_state {
	uint32_t conn_id;
	uint32_t tx_id;
	uint32_t flags;
	uint32_t age_ms;      /* since it was started */
	uint32_t created_seq; /* of the next node that it creates */
};

/* What a transaction did with one path, and which version it saw. */
struct rec_tx_node {
	uint32_t conn_id;
	uint32_t tx_id;
	uint16_t did; /* REC_TX_ bits */
	uint16_t path_len;
	uint32_t created_seq; /* position among the nodes it created; 0: none */
	uint64_t generation;  /* of value and permissions when first touched */
	uint64_t children_generation;
	uint32_t event_order; /* among the events that its commit fires */
	const char *path;
};

/* The children that a transaction saw below path, each name with its NUL. */
struct rec_tx_children {
	uint32_t conn_id;
	uint32_t tx_id;
	uint16_t path_len;
	uint32_t names_len;
	const char *path;
	const char *names;
};

/* Permissions of @releaseDomain and @introduceDomain. */
struct rec_special {
	uint16_t path_len;
	uint16_t perm_count;
	uint64_t generation;
	const struct rec_perm *perms;
	const char *path;
};

struct rec_domain {
	uint16_t domid;
	uint32_t flags;
	uint32_t conn_id;    /* its ring's connection; 0: none */
	uint32_t local_port; /* the daemon's; valid on HANDOFF's evtchn_fd */
	uint64_t handle_hi;  /* the domain's UUID; both 0: unknown */
	uint64_t handle_lo;
};

/* Depth of a watch: the index-th (from 0) WATCH_DATA of its connection. */
struct rec_watch_depth {
	uint32_t conn_id;
	uint32_t index;
	uint32_t depth;
};

/* The features offered to a domain, if not all. */
struct rec_features {
	uint16_t domid;
	uint32_t features;
};

/*
 * A node that a transaction touched, as it was committed at the source of a
 * migration.  The target compares it with its own: the source's generations
 * mean nothing there.
 */
struct rec_tx_base {
	uint32_t conn_id;
	uint32_t tx_id;
	uint16_t path_len;
	uint16_t flags;
	uint64_t content;  /* digest of value and permissions */
	uint64_t children; /* digest of the children's names */
	const char *path;
};

/*
 * Pending NODE_DATA, TX_NODE and TX_CHILDREN in one, without the whole path:
 * for a transaction whose paths would take much space.  `parent` is the number
 * (from 1) of an earlier TX_ENTRY of the transaction.  0: the node is below
 * "/", or is "/" itself when its name is empty.
 */
struct rec_tx_entry {
	uint32_t conn_id;
	uint32_t tx_id;
	uint32_t parent;
	uint16_t did; /* REC_TX_ bits */
	uint16_t flags;
	uint16_t name_len;
	uint16_t value_len;
	uint16_t perm_count;
	uint32_t names_len;
	uint32_t created_seq;
	uint32_t event_order;
	uint64_t generation;
	uint64_t children_generation;
	const char *name;
	const struct rec_perm *perms;
	const uint8_t *value;
	const char *names; /* of the children that the transaction saw */
};

/*
 * What has changed since the node was sent, in the stream to a successor that
 * is loaded beside its predecessor.
 */
struct rec_node_effect {
	uint16_t kind; /* REC_NODE_... */
	uint16_t path_len;
	uint16_t value_len;
	uint16_t perm_count;
	uint32_t number;
	uint64_t generation; /* of the change */
	const struct rec_perm *perms;
	const char *path;
	const uint8_t *value;
};

/* The same of a connection. */
struct rec_conn_effect {
	uint32_t conn_id;
	uint16_t kind; /* REC_CONN_... */
	uint16_t wpath_len;
	uint16_t token_len;
	uint32_t depth;
	const char *wpath;
	const char *token;
};

struct rec_store {
	uint64_t generation; /* of the last change */
	uint32_t next_conn_id;
};

/* Generations of the `count` committed nodes before it, in their order. */
struct rec_generation {
	uint64_t value;
	uint64_t children;
};
struct rec_generations {
	uint32_t count;
	const struct rec_generation *gens;
};

/* Descriptors and ports kept across exec; -1: none. */
struct rec_handoff {
	int32_t evtchn_fd;
	int32_t epoll_fd;
	uint32_t virq_port; /* local port of the death VIRQ, 0: none */
};

/* The requesting client of an update; if it fails, its reply is replaced. */
struct rec_update {
	uint32_t conn_id;
	uint32_t reply_len; /* bytes at the end of its pending data */
};

/* One limit that differs from its default; domid 0xffff: the host's. */
struct rec_quota {
	uint16_t domid;
	uint16_t name_len;
	uint16_t soft;
	uint64_t value;
	const char *name;
};

/* What is logged, and the trace file. */
struct rec_log {
	uint32_t switches; /* LOG_ bits of base/log.h */
	uint16_t path_len; /* 1: no file */
	const char *path;
};

/*
 * How often a quota refused a domain's requests; domid 0xffff: the highest use
 * by any unprivileged domain.
 */
struct rec_quota_count {
	uint16_t domid;
	uint16_t name_len;
	uint64_t count;
	const char *name;
};

/* A connection's debt for turns that cost too much. */
struct rec_conn_debt {
	uint32_t conn_id;
	uint32_t passes; /* turns of every other one until it is forgotten */
};

/* Where a connection stands in the pass of turns that goes on. */
struct rec_turn_place {
	uint32_t conn_id;
	uint32_t flags; /* REC_PLACE_... */
};

/* A connection's debt for causing conflicts. */
struct rec_conn_credit {
	uint32_t conn_id;
	uint32_t busy_ms; /* until the debt is paid */
	uint32_t wait_ms; /* 1 + ms that its requests still wait; 0: none do */
};

/* How the update went until its exec. */
struct rec_update_run {
	uint64_t stopped_us; /* CLOCK_MONOTONIC when serving stopped */
	uint32_t rehearsal_ms;
	uint16_t binary_len;
	const char *binary; /* the new one */
};

/*
 * How far a ring had been read and written.  If its indexes have moved since,
 * partly transferred messages cannot be completed.
 */
struct rec_ring_state {
	uint32_t conn_id;
	uint32_t req_cons;
	uint32_t rsp_prod;
};

/* A connection with work to do; in the order of service. */
struct rec_turn {
	uint32_t conn_id;
	uint32_t what; /* REC_TURN_ bits */
};

/* When a ring is polled without an event, and the events that it lost. */
struct rec_ring_look {
	uint32_t conn_id;
	uint32_t flags;	 /* REC_LOOK_ bits */
	uint32_t level;	 /* which poll comes next; REC_LOOK_NEVER: none */
	uint32_t in_us;	 /* until that poll */
	uint32_t odd_ms; /* 1 + ms that its indexes are invalid; 0: valid */
	uint32_t uncounted_ms; /* part of CONN_STATE's unread_ms, if paused */
	uint64_t lost;	       /* events dropped */
	uint64_t logged;       /* how many of them the log has reported */
};

/* The ring's page, as INTRODUCE named it; nothing here needs the number. */
struct rec_ring_gfn {
	uint32_t conn_id;
	uint64_t gfn;
};

/* Xen's own id of a domain, which no other gets; for Xen 4.21 and later. */
struct rec_domain_id {
	uint16_t domid;
	uint64_t unique_id;
};

/* Domains other than 0 that are the privileged one, and the store's own. */
struct rec_roles {
	uint16_t priv_domid;
	uint16_t store_domid;
};

/* The index-th (from 0) watch of its connection lost an event. */
struct rec_watch_lost {
	uint32_t conn_id;
	uint32_t index;
};

struct record_desc;

struct record {
	uint32_t type;
	uint32_t len;			/* of the body, as the image says */
	uint64_t index;			/* number of the record, from 0 */
	uint64_t offset;		/* of its head in the image */
	const struct record_desc *desc; /* NULL: unknown optional record */
	const uint8_t *body; /* read: len bytes as they are in the image */
	const char *suspect; /* read: what its writer got wrong, or NULL */
	union {
		uint64_t other[11]; /* of another format: format.h */
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
		struct rec_node_effect node_effect;
		struct rec_conn_effect conn_effect;
		struct rec_store store;
		struct rec_generations generations;
		struct rec_handoff handoff;
		struct rec_update update;
		struct rec_quota quota;
		struct rec_log log;
		struct rec_quota_count quota_count;
		struct rec_conn_credit conn_credit;
		struct rec_conn_debt conn_debt;
		struct rec_turn_place turn_place;
		struct rec_ring_state ring_state;
		struct rec_turn turn;
		struct rec_ring_look ring_look;
		struct rec_ring_gfn ring_gfn;
		struct rec_domain_id domain_id;
		struct rec_roles roles;
		struct rec_watch_lost watch_lost;
		struct rec_update_run update_run;
	};
};

/* So that {.type = ...} clears all of the union: its first member is it all. */
_Static_assert(sizeof(((struct record *)0)->other) ==
		       sizeof(struct record) - offsetof(struct record, other),
	       "other is not the largest member");

#endif
