/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * out: the queue of what a connection sends.
 *
 *	out_new --> text --> out_add --> conn_flush --> peer
 *	                        |
 *	                        +------> conn_unqueue...: dropped
 *
 * A reply always comes: without memory for one the connection ends, since a
 * missing reply would shift all that follow.  conn.h includes this header.
 */
#ifndef TRANSPORT_OUT_H
#define TRANSPORT_OUT_H

#include "daemon.h"

struct conn;

struct out {
	struct hlink link; /* in conn->events, if hashed */
	struct list next;
	bool event;
	bool hashed;  /* event.c: a later equal event is left out */
	bool raw;     /* the rest of a message that began before a restore */
	uint32_t len; /* with its header */
	uint8_t data[];
};

/* ---- replies to c->req; out of memory, the connection ends ---- */

/* data: len bytes; more than a message takes become the error E2BIG. */
void conn_reply(struct conn *c, const void *data, size_t len);
/* code: an errno that the protocol has a name for. */
void conn_reply_error(struct conn *c, int code);
void conn_reply_ok(struct conn *c);

/* ---- the queue ---- */

/*
 * A message of len bytes, header included, for the caller to fill in and add.
 * Returns NULL without memory.
 */
struct out *out_new(struct conn *c, size_t len, bool event);
/* Puts it behind the others and gives the connection a turn to send it. */
void out_add(struct conn *c, struct out *o);
/* Frees one that is in no queue any more. */
void out_free(struct daemon *d, struct out *o);
/*
 * For a restore: queues a copy of a whole message.  Returns 0 or ENOMEM.
 */
int __must_check conn_queue(struct conn *c, const uint8_t *message, size_t len,
			    bool event, struct out **ret_out);
/*
 * Sends what the peer takes now.  Returns true when it stopped after CONN_WRITE
 * bytes: the peer may take more.  A socket with an error is closed.
 */
bool conn_flush(struct conn *c);
/* Drops one that is wholly unsent. */
void conn_unqueue(struct conn *c, struct out *o);
/* Drops all, also one that is partly sent. */
void conn_unqueue_all(struct conn *c);
/*
 * Drops the last len bytes: a reply that is replaced by another.  Messages
 * that are partly sent stay.
 */
void conn_unqueue_tail(struct conn *c, size_t len);

#endif
