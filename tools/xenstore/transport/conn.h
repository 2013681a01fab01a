/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conn: one connection, over a socket or over a guest's ring.
 *
 *	            bytes                    whole message
 *	peer ----> input (partial kept) ----> d->request ----> ops/
 *	peer <---- output queue (out.h) <---- conn_reply, conn_event
 *
 * Connections are read in turns (turn.h), so each gets its share.  If a peer
 * leaves its replies unread, its requests are not read: the peer waits, and the
 * daemon does not grow.  A connection that ends leaves every list and table at
 * once; its memory is freed at the end of the round.
 *
 * Its life, enum conn_life:
 *
 *	OPEN ---- conn_hold() --------> HELD -------+
 *	  |  ---- its START waits ----> TX_WAITS ---+
 *	  |  <--- conn_go_on() ---------------------+
 *	  |  ---- too much unread ----> GIVEN_UP     a socket
 *	  |  ---- conn_ring_error() --> IGNORED      a ring
 *	  |  <--- conn_reset() -----------+
 *	any  ---- conn_close() -------> CLOSED
 *
 * HELD and TX_WAITS are given up or ignored as OPEN is.  What is valid in each:
 *
 *	                    OPEN  HELD  TX_WAITS  GIVEN_UP  IGNORED  CLOSED
 *	requests are taken   x                      x
 *	replies are queued   x     x      x         x
 *	events are queued    x     x      x
 *	in, out, watches     x     x      x         x
 *	fd; ring, port       x     x      x         x         x
 *	by_id, all, look     x     x      x         x         x
 *	ready                flow->conns, or alone ............     reap
 *
 * frozen, dropping and the ring's page (conn-ring.h) are independent of it.
 * more and notify say what a turn leaves to do.
 *
 * Input that cannot be parsed costs the connection it came on and nothing else:
 * a socket is closed; a ring is marked in error and ignored until its guest
 * reconnects or is introduced again.
 */
#ifndef TRANSPORT_CONN_H
#define TRANSPORT_CONN_H

#include "daemon.h"
#include "store/memory.h"
#include "store/store.h"
#include "transport/out.h"
#include "transport/ring.h"
#include "transport/turn.h"
#include "wire/wire.h"

#define CONN_SCRATCH 65536u
#define CONN_READ    8192u	 /* bytes read at once, if there is room */
#define CONN_WRITE   65536u	 /* bytes written in one conn_flush() */
#define CONN_UNREAD  (64u << 10) /* unsent bytes that stop its requests */

enum conn_kind {
	CONN_SOCKET,
	CONN_RING
};

/* In this order: see conn_serves() and conn_hold(). */
enum conn_life {
	CONN_OPEN,
	CONN_HELD,     /* its live-update request is being worked on */
	CONN_TX_WAITS, /* its TRANSACTION_START waits: conns_new_tx() */
	CONN_GIVEN_UP, /* socket: closed in its next turn; see unread.h */
	CONN_IGNORED,  /* ring: in error */
	CONN_CLOSED
};

/* In this order: see conn_page_due(). */
enum conn_page {
	PAGE_NONE,   /* a socket, or cannot be mapped */
	PAGE_MAPPED, /* c->ring */
	PAGE_LATER,  /* is mapped when it is needed */
	PAGE_RETRY   /* could not be mapped; each event tries again */
};

#define CONN_READY_IN	1u
#define CONN_READY_OUT	2u
#define CONN_READY_GONE 4u /* the peer has gone, or is given up */

/*
 * Units of work (store->work) for moving bytes.  They depend on what the peers
 * do and on nothing else, so turns are the same with and without an update.
 */
#define WORK_MOVE    8u	  /* one read or write, */
#define WORK_BYTES   256u /* and 1 more for each WORK_BYTES of it */
#define WORK_MESSAGE 8u	  /* a request and its reply */

struct conn {
	struct client client;
	struct daemon *d;
	enum conn_kind kind;
	enum conn_life life;
	bool frozen;   /* ring: neither read nor written, for a migration */
	bool dropping; /* its events are dropped: lost.h */
	bool more;     /* whole requests may wait in `in` */
	bool notify;   /* ring: its indexes moved; notify after the turn */
	struct hlink by_id;
	struct list all;	   /* in d->conns.all */
	struct restored *restored; /* while an image is being read */
	struct copied *copied;	   /* state/copy.c has sent it; or NULL */
	struct wire_header req;	   /* the message being answered */

	/* turn.c */
	struct flow own;
	struct flow *flow;   /* its own, or that of all read-only clients */
	struct list ready;   /* in flow->conns or d->conns.reap, or alone */
	uint32_t ready_what; /* CONN_READY_ bits */

	/* socket */
	int fd;
	uint32_t polled; /* HOST_ bits asked for */
	char *program;	 /* its name, once asked for: conn-trace.c */

	/* conn-ring.c */
	enum conn_page page;
	struct ring *ring; /* the page if it is mapped, or NULL */
	uint32_t req_cons; /* our two indexes, as we left them */
	uint32_t rsp_prod;
	bool indexes_known;    /* state/follow.c: before it is mapped */
	uint64_t odd_since_ms; /* the indexes make no sense; 0: they do */
	struct hlink by_port;  /* in d->conns.ports while port is not 0 */
	uint32_t port;	       /* the daemon's event channel port; 0: none */
	uint32_t remote_port;  /* the domain's */
	uint32_t features;     /* FEATURE_ bits that the ring offers */
	struct domain *domain; /* for domain/ and what stands above it */

	/* look.c */
	struct list look;      /* in a list of d->conns.looks, or alone */
	struct list slow_look; /* ring: in d->conns.looks, or alone */
	uint64_t look_us;      /* when to look at the ring next */
	uint8_t look_level;

	/* credit.c */
	struct list waiting;	/* in d->conns.waiting, or alone */
	uint64_t wait_until_ms; /* requests wait until then */
	uint64_t busy_until_ms; /* until its conflicts are paid for */

	/* input: read and not yet processed */
	uint8_t *in;
	size_t in_len;

	/* out.c */
	struct list out;
	size_t out_pos;	     /* bytes of the first one that are sent */
	size_t out_bytes;    /* unsent, of all */
	uint32_t replies;    /* in out; the first may be partly sent */
	uint32_t messages;   /* in out: replies and events */
	struct htab *events; /* event.c: wholly unsent ones, by their text */

	/* lost.c */
	struct list unread;	 /* in d->conns.unread, or alone */
	uint64_t unread_ms;	 /* how long its events waited while it could */
	uint64_t unread_seen_ms; /* read, until then */
	uint64_t unread_due_ms;	 /* when to look again */
	uint64_t lost;		 /* events ever dropped */
	uint64_t lost_logged;	 /* of them those that the log counted */
};

/* Whether messages go in and out: neither ignored nor closed. */
static inline bool conn_serves(const struct conn *c)
{
	return c->life < CONN_IGNORED;
}

/* ---- its life ---- */

/*
 * A connection with this id, or with the next free one if id is 0.  Returns
 * NULL without memory or if the id is taken.
 */
struct conn *conn_new(struct daemon *d, enum conn_kind kind,
		      const struct cred *cred, uint32_t id);
/*
 * Makes it one of the read-only socket, before its first request.  All of
 * these share one flow of turns and one limit of what they use of the store.
 */
void conn_read_only(struct conn *c);
/* The connection with this id, or NULL. */
struct conn *conn_find(const struct daemon *d, uint32_t id);
/* Takes no more requests from it until conn_go_on(). */
void conn_hold(struct conn *c);
/* Takes requests again; does not give it a turn. */
void conn_go_on(struct conn *c);
/* Drops half messages and everything that waits to be sent. */
void conn_drop_queues(struct conn *c);
/*
 * For a restore to which it comes again: as new, but for its watches,
 * descriptor, page and port.
 */
void conn_blank(struct conn *c);
/* Drops its queues, watches and transactions; it is open again. */
void conn_reset(struct conn *c);
/*
 * Ends it: watches and transactions go now, the socket is closed, memory is
 * freed by conn_reap().  Allowed from inside its own request.
 */
void conn_close(struct conn *c);
/* Frees the connections closed in this round. */
void conn_reap(struct daemon *d);

/* ---- its turns ---- */

/* Gives it a turn for what (CONN_READY_ bits). */
void conn_ready(struct conn *c, uint32_t what);
/* The quota for outstanding requests has changed: some may go on. */
void conn_limits_changed(struct daemon *d);
/*
 * One turn: output and input.  After the first request it takes no more once
 * d->store->work has reached until.
 */
void conn_run(struct conn *c, uint64_t until);
/*
 * Serves every whole request that has been read, however many replies wait: a
 * stock daemon takes over at most one of them.
 */
void conn_settle(struct conn *c);
/* Asks the host for the events that its present state needs. */
void conn_poll(struct conn *c);

/* n bytes of it were read or written. */
static inline void conn_moved(const struct conn *c, size_t n)
{
	c->d->store->work += WORK_MOVE + n / WORK_BYTES;
}

/* The memory that waits to be sent, as the memory quota counts it. */
static inline uint64_t conn_pending(const struct conn *c)
{
	return memory_messages(c->messages, c->out_bytes);
}

#define CONN_TAG(id)	 ((uint64_t)1 << 32 | (id))
#define CONN_TAG_KIND(t) ((t) >> 32)

#endif
