/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conn-trace: the lines of a trace (LOG_IO, LOG_OBJ), as xenstored.8 describes
 * them:
 *
 *	12:dom3 IN WRITE tx=7 device/vif/0/state
 *	12:dom3 OUT WRITE tx=7 device/vif/0/state OK
 *	17:xl[4242] OUT WATCH_EVENT tx=0 /local/domain/3 token
 *	17:xl[4242] DESTROY connection
 *
 * Fields are separated by one blank and contain none.  Called by ops/,
 * transport/ and domain/, which need not ask whether tracing is on.
 */
#ifndef TRANSPORT_CONN_TRACE_H
#define TRANSPORT_CONN_TRACE_H

#include "transport/conn.h"

/* A request while it is handled, for the line of its reply. */
struct traced {
	const struct conn *conn;
	const uint8_t *payload;
	size_t len;
};

void conn_trace_in_line(struct conn *c, const struct wire_header *hdr,
			const uint8_t *payload);
void conn_trace_out_line(struct conn *c, uint32_t type, const void *data,
			 size_t len);
void conn_trace_event_line(struct conn *c, const char *path, const char *token);
void conn_trace_object_line(struct conn *c, const char *what, const char *name,
			    const char *more);

/*
 * A whole request has come.  Sets d->conns.traced to t; the caller resets it.
 */
static inline void conn_trace_in(struct conn *c, const struct wire_header *hdr,
				 const uint8_t *payload, struct traced *t)
{
	if (!log_on(c->d->log, LOG_IO))
		return;
	*t = (struct traced){c, payload, hdr->len};
	c->d->conns.traced = t;
	conn_trace_in_line(c, hdr, payload);
}

/* A reply to c->req: of the same type, or an ERROR with its name. */
static inline void conn_trace_out(struct conn *c, uint32_t type,
				  const void *data, size_t len)
{
	if (log_on(c->d->log, LOG_IO))
		conn_trace_out_line(c, type, data, len);
}

static inline void conn_trace_event(struct conn *c, const char *path,
				    const char *token)
{
	if (log_on(c->d->log, LOG_IO))
		conn_trace_event_line(c, path, token);
}

/* A socket client's program and process id, or "socket" if unknown. */
const char *conn_program(struct conn *c);

/*
 * The connection, or something of it, comes or goes.  what: "CREATE watch" and
 * the like; name and more may be NULL.
 */
static inline void conn_trace_object(struct conn *c, const char *what,
				     const char *name, const char *more)
{
	if (log_on(c->d->log, LOG_OBJ))
		conn_trace_object_line(c, what, name, more);
}

#endif
