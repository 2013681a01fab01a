/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conn: one connection, over a socket or a guest's ring.
 *
 *	            bytes                    whole message
 *	peer ----> input (partial kept) ----> d->request ----> ops
 *	peer <---- output queue <----------- conn_reply, conn_event
 *
 * Input is taken in turns (turn.h), so that no connection gets more than its
 * share, and not at all while answers pile up unread: the peer waits, the
 * daemon does not grow.  A connection that ends is taken out of everything at
 * once and freed at the end of the round.
 *
 * Bad input loses the connection that it came on and nothing else: a socket
 * is closed, a ring is marked in error and ignored until its domain is
 * introduced again or dies.
 */
#ifndef TRANSPORT_CONN_H
#define TRANSPORT_CONN_H

#include "daemon.h"
#include "store/memory.h"
#include "store/store.h"
#include "transport/ring.h"
#include "transport/turn.h"
#include "wire/wire.h"

#define CONN_SCRATCH 65536u
#define CONN_READ    8192u  /* bytes read at once, as far as there is room */
#define CONN_WRITE   65536u /* bytes written in a turn */
#define CONN_UNREAD  (64u << 10) /* bytes unsent that stop its requests */

enum conn_kind {
	CONN_SOCKET,
	CONN_RING
};

#define CONN_READY_IN	1u
#define CONN_READY_OUT	2u
#define CONN_READY_GONE 4u /* nobody is there any more */

/*
 * Units of work (store->work) that are not the store's.  They depend on what
 * the peers do and on nothing else: turns after an update are those without it.
 */
#define WORK_MOVE    8u	  /* a read or a write of some bytes, */
#define WORK_BYTES   256u /* and one more for so many of them */
#define WORK_MESSAGE 8u	  /* a request and its answer */

struct out {
	struct hlink link; /* in conn->events while wholly unsent */
	struct list next;
	bool event;
	bool hashed;
	bool raw; /* the rest of a message whose start went before a restore */
	uint32_t len; /* with its header */
	uint8_t data[];
};

struct conn {
	struct client client;
	struct hlink by_id;
	struct hlink by_port; /* ring: in d->conns.ports while it has a port */
	struct list all;
	struct flow own;
	struct flow *flow;	 /* whose turns it has: its own, mostly */
	struct list ready;	 /* in flow->conns, or alone */
	struct list unread;	 /* in d->conns.unread, or alone; lost.c */
	uint64_t unread_ms;	 /* its events waited while it could read, */
	uint64_t unread_seen_ms; /* until then, */
	uint64_t unread_due_ms;	 /* and this is when to look again */
	struct list look;	 /* in d->conns.looks, or alone; look.c */
	struct list slow_look;	 /* ring: in d->conns.looks, or alone */
	uint64_t look_us;	 /* when */
	struct list waiting;	 /* in d->conns.waiting, or alone */
	uint64_t wait_until_ms;	 /* when on d->conns.waiting */
	uint64_t busy_until_ms;	 /* until its disturbances are paid for */
	struct daemon *d;
	enum conn_kind kind;
	uint32_t ready_what;
	int fd;		    /* socket */
	bool ignored;	    /* ring: in error */
	bool frozen;	    /* ring: neither read nor written: migration */
	bool tx_waits;	    /* its TRANSACTION_START does: d->conns.no_new_tx */
	bool held;	    /* its live-update request is being worked on */
	bool closed;	    /* on the reap list */
	bool more;	    /* whole requests wait in `in` */
	bool more_out;	    /* it may take more than its turn allowed */
	bool notify;	    /* ring: tell the peer at the end of its turn */
	bool dropping;	    /* it does not read: its events are dropped */
	bool given_up;	    /* socket: ... and it is to be closed: unread.h */
	uint8_t look_level; /* see look.h */
	uint64_t odd_since_ms; /* its indexes make no sense; 0: they do */
	uint64_t lost;	       /* events that were dropped, ever */
	uint64_t lost_logged;  /* of them those that the log knows of */
	uint32_t polled;       /* HOST_ bits asked for */
	struct ring *ring;     /* ring: the page; NULL: cannot be mapped */
	bool ring_due;	       /* ring: is to be mapped when it is needed */
	bool ring_failed;      /* ... and could not when last tried */
	uint32_t req_cons;     /* ring: our own two indexes, as we left them */
	uint32_t rsp_prod;
	uint32_t port;	       /* ring: the daemon's event channel port */
	uint32_t remote_port;  /* ring: the domain's */
	uint32_t features;     /* ring: FEATURE_ bits that it is offered */
	struct domain *domain; /* ring */
	char *program;	       /* socket: whose it is, if asked: conn-trace.c */
	uint8_t *in;	       /* read and not yet processed */
	size_t in_len;
	struct list out;
	size_t out_pos;	   /* bytes of the first one already sent */
	size_t out_bytes;  /* unsent in all */
	uint32_t replies;  /* whole or partly unsent ones */
	uint32_t messages; /* they and events */
	struct htab *events;
	struct restored *restored; /* while an image is being read */
	/* the message being answered */
	struct wire_header req;
};

/*
 * A connection with the given id, or with the next one if id is 0.  NULL
 * without memory or when the id is taken.
 */
struct conn *conn_new(struct daemon *d, enum conn_kind kind,
		      const struct cred *cred, uint32_t id);
/*
 * It came by the read-only socket: all such have their turns as one, and share
 * what they may use of the store.  Before it asks for anything.
 */
void conn_read_only(struct conn *c);
struct conn *conn_find(const struct daemon *d, uint32_t id);
/*
 * Ends it: watches and transactions go now, the socket is closed, memory goes
 * at the end of the round.  May be called from inside its own request.
 */
void conn_close(struct conn *c);
/* Forgets half messages and all that waits to be sent. */
void conn_drop_queues(struct conn *c);
/* Forgets half messages, queues, watches and transactions. */
void conn_reset(struct conn *c);
/* It has something to do (CONN_READY_ bits) and asks for a turn. */
void conn_ready(struct conn *c, uint32_t what);
/* How many answers may be outstanding has changed: who waits may go on. */
void conn_limits_changed(struct daemon *d);
/*
 * Output and input.  Takes no more requests once d->store->work has come to
 * until, but one at least.  Called from the loop.
 */
void conn_run(struct conn *c, uint64_t until);
/*
 * Serves every whole request that has been read, however many answers wait: a
 * stock daemon takes over at most one of them.
 */
void conn_settle(struct conn *c);
/* Sends what the peer takes now, at most CONN_WRITE bytes. */
void conn_flush(struct conn *c);
/* So many bytes of it were read or written: its turn's work. */
static inline void conn_moved(const struct conn *c, size_t n)
{
	c->d->store->work += WORK_MOVE + n / WORK_BYTES;
}

/* Asks the host for the events that matter in its present state. */
void conn_poll(struct conn *c);

/* Answers c->req.  Without memory the connection is lost. */
void conn_reply(struct conn *c, const void *data, size_t len);
void conn_reply_error(struct conn *c, int code);
void conn_reply_ok(struct conn *c);
/*
 * Queues a message as it stands (a restore).  Returns 0 or ENOMEM.
 */
int __must_check conn_queue(struct conn *c, const uint8_t *message, size_t len,
			    bool event, struct out **ret_out);
/* What waits to be sent, as it is charged for. */
static inline uint64_t conn_pending(const struct conn *c)
{
	return memory_messages(c->messages, c->out_bytes);
}
/* One that is in no queue any more. */
void conn_out_free(struct daemon *d, struct out *o);
/* Takes out one that is wholly unsent. */
void conn_unqueue(struct conn *c, struct out *o);
/* All of them, also one that is partly sent. */
void conn_unqueue_all(struct conn *c);
/* Drops the last `len` bytes queued: an answer that will not be. */
void conn_unqueue_tail(struct conn *c, size_t len);

/* ---- sockets ---- */

/* Takes every client that waits on listen_fd, as far as there is room. */
void socket_accept(struct daemon *d, int listen_fd);

/*
 * Whether new clients are waited for.  Off by itself when descriptors run
 * out, on again when a connection ends or by socket_due().
 */
void socket_listen(struct daemon *d, bool on);
/*
 * Waits for new clients again, if it is time to.  Returns how long until it is,
 * at most timeout_ms (-1: for ever).
 */
int socket_due(struct daemon *d, int timeout_ms);

/* Its request has disturbed somebody's transaction: see credit.c. */
void conn_charge(struct conn *c);
/* Its debt, and 1 + how long its requests wait (or 0), for a restore. */
void conn_credit_restore(struct conn *c, uint32_t busy_ms, uint32_t wait_ms);
/*
 * Lets those go on whose wait is over.  Returns how long until the next one
 * may, at most timeout_ms (-1: for ever).
 */
int conn_credit_due(struct daemon *d, int timeout_ms);
/* Frees what was closed in this round. */
void conn_reap(struct daemon *d);

#define CONN_TAG(id)	 ((uint64_t)1 << 32 | (id))
#define CONN_TAG_KIND(t) ((t) >> 32)

#endif
