/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conn-trace: see conn-trace.h. */
#include "transport/conn-trace.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "base/escape.h"

#define NAME_SIZE 32u
#define REST	  16u /* kept for the result behind the arguments */

static const char done[] = "OK";

struct line {
	size_t len;
	size_t most; /* bytes of text to use */
	char text[LOG_LINE];
};

static void line_printf(struct line *l, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void line_printf(struct line *l, const char *fmt, ...)
{
	size_t room = l->most - l->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->text + l->len, room, fmt, ap);
	va_end(ap);
	if (n > 0)
		l->len += (size_t)n < room ? (size_t)n : room - 1;
}

/* Adds a blank and the bytes as one field, if there is room. */
static void line_field(struct line *l, const void *p, size_t len)
{
	size_t room = l->most - l->len;

	if (room <= ESCAPE_SIZE)
		return;
	l->text[l->len++] = ' ';
	l->len += escape(l->text + l->len, room - 1, p, len, ESCAPE_FIELD);
}

static void line_value(struct line *l, const void *p, size_t len)
{
	size_t room = l->most - l->len;

	if (room <= ESCAPE_SIZE + 3)
		return;
	line_printf(l, " \"");
	l->len += escape(l->text + l->len, room - 3, p, len, ESCAPE_QUOTED);
	line_printf(l, "\"");
}

/*
 * The host is asked once, when a line needs the name.  A client that has ended
 * by then, or whose pid means nothing here, has none.
 */
const char *conn_program(struct conn *c)
{
	char name[NAME_SIZE];
	struct escaped e;
	int32_t pid;

	if (c->program)
		return c->program;
	if (host_call(c->d->host, peer, c->fd, &pid, name, sizeof(name)))
		return "socket";
	c->program = talloc_asprintf(
		c, "%s[%" PRId32 "]",
		*name ? escape_str(&e, name, ESCAPE_FIELD) : "?", pid);
	return c->program ? c->program : "socket";
}

static void line_begin(struct line *l, struct conn *c)
{
	l->len = 0;
	l->most = sizeof(l->text);
	if (c->kind == CONN_RING)
		line_printf(l, "%u:dom%u", c->client.id, c->client.cred.domid);
	else
		line_printf(l, "%u:%s", c->client.id, conn_program(c));
}

static void line_type(struct line *l, const char *way, uint32_t type,
		      uint32_t tx_id)
{
	const char *name = wire_type_name(type);

	line_printf(l, " %s ", way);
	if (name)
		line_printf(l, "%s", name);
	else
		line_printf(l, "type-%u", type);
	line_printf(l, " tx=%u", tx_id);
}

/* The length of the next string of a payload, without NUL. */
static size_t next_string(const uint8_t *payload, size_t len)
{
	const uint8_t *end = memchr(payload, 0, len);

	return end ? (size_t)(end - payload) : len;
}

/* A single NUL means no argument. */
static bool is_nothing(const uint8_t *payload, size_t len)
{
	return !len || (len == 1 && !*payload);
}

static void line_path(struct line *l, const uint8_t *payload, size_t len)
{
	if (!is_nothing(payload, len))
		line_field(l, payload, next_string(payload, len));
}

/* Each string is a field; the value of a WRITE is quoted, or left out. */
static void line_arguments(struct line *l, uint32_t type,
			   const uint8_t *payload, size_t len, bool values)
{
	size_t pos = 0, n;

	while (!is_nothing(payload, len) && pos < len) {
		n = next_string(payload + pos, len - pos);
		if (pos && type == WIRE_WRITE) {
			if (values)
				line_value(l, payload + pos, len - pos);
			return;
		}
		line_field(l, payload + pos, n);
		pos += n + 1;
	}
}

/* The content of a reply, unless it only says OK. */
static void line_reply(struct line *l, uint32_t type, const uint8_t *data,
		       size_t len)
{
	if (type == WIRE_READ)
		line_value(l, data, len);
	else if (len != sizeof(done) || memcmp(data, done, len) != 0)
		line_arguments(l, type, data, len, true);
}

static void line_put(struct line *l, const struct conn *c, unsigned int sort)
{
	log_text(c->d->log, sort, l->text);
}

void conn_trace_in_line(struct conn *c, const struct wire_header *hdr,
			const uint8_t *payload)
{
	struct line l;

	line_begin(&l, c);
	line_type(&l, "IN", hdr->type, hdr->tx_id);
	line_arguments(&l, hdr->type, payload, hdr->len,
		       log_on(c->d->log, LOG_VAL));
	line_put(&l, c, LOG_IO);
}

void conn_trace_out_line(struct conn *c, uint32_t type, const void *data,
			 size_t len)
{
	const struct traced *t = c->d->conns.traced;
	bool error = type == WIRE_ERROR;
	struct line l;

	line_begin(&l, c);
	line_type(&l, "OUT", c->req.type, c->req.tx_id);
	l.most -= REST;
	if (t && t->conn == c)
		line_path(&l, t->payload, t->len);
	l.most += REST;
	line_printf(&l, " %.*s", error ? (int)len : 2,
		    error ? (const char *)data : done);
	/* a transaction id is no value, and it is needed to read the trace */
	if (type == WIRE_TRANSACTION_START)
		line_path(&l, data, len);
	else if (!error && log_on(c->d->log, LOG_VAL))
		line_reply(&l, type, data, len);
	line_put(&l, c, LOG_IO);
}

void conn_trace_event_line(struct conn *c, const char *path, const char *token)
{
	struct line l;

	line_begin(&l, c);
	line_type(&l, "OUT", WIRE_WATCH_EVENT, 0);
	line_field(&l, path, strlen(path));
	line_field(&l, token, strlen(token));
	line_put(&l, c, LOG_IO);
}

void conn_trace_object_line(struct conn *c, const char *what, const char *name,
			    const char *more)
{
	struct line l;

	line_begin(&l, c);
	line_printf(&l, " %s", what);
	if (name)
		line_field(&l, name, strlen(name));
	if (more)
		line_field(&l, more, strlen(more));
	line_put(&l, c, LOG_OBJ);
}
