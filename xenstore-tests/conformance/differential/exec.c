/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exec: one step on both sides and whether they say the same.
 *
 * A daemon queues the events of a request before it takes the next one.  So
 * after a request that may fire watches every connection that has some sends
 * one READ more: when that is answered, all events are in.  Used by main.c.
 */
#include "diff.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define GONE_TRIES 2000
#define PATIENCE   25 /* of link.c's, then a daemon is stuck */

int run_fail(struct run *r, const char *format, ...)
{
	va_list ap;
	size_t i;

	if (r->now) {
		fprintf(r->report, "the last requests:\n");
		for (i = 0; i < 16; i++)
			if (r->recent[i])
				text_step(r->report, r->recent[i]);
	}
	va_start(ap, format);
	vfprintf(r->report, format, ap);
	va_end(ap);
	fputc('\n', r->report);
	return 1;
}

static int keep_event(struct events *e, const struct message *m)
{
	size_t need = e->len + sizeof(m->len) + m->len;

	if (need > e->size) {
		uint8_t *data = realloc(e->data, need * 2);

		if (!data)
			return ENOMEM;
		e->data = data;
		e->size = need * 2;
	}
	memcpy(e->data + e->len, &m->len, sizeof(m->len));
	memcpy(e->data + e->len + sizeof(m->len), m->body, m->len);
	e->len = need;
	e->n++;
	return 0;
}

static void drop_events(struct conn *c)
{
	int side;

	for (side = 0; side < SIDES; side++) {
		c->events[side].len = 0;
		c->events[side].n = 0;
	}
}

static int no_answer(struct run *r, int side, const struct conn *c, int err)
{
	const char *ended = side_ended(&r->side[side]);

	return run_fail(r, "no answer from %s on connection %zu: %s",
			r->side[side].name, (size_t)(c - r->conn),
			ended ?: strerror(err));
}

/* The reply to req_id; events on the way are kept. */
static int collect(struct run *r, int side, struct conn *c, uint32_t req_id,
		   struct message *ret)
{
	int err, tries = 0;

	for (;;) {
		err = link_recv(&c->link[side], ret);
		if (err == ETIMEDOUT && ++tries < PATIENCE &&
		    !side_ended(&r->side[side]))
			continue;
		if (err)
			return no_answer(r, side, c, err);
		if (ret->type == XS_WATCH_EVENT) {
			if (keep_event(&c->events[side], ret))
				return run_fail(r, "no memory");
		} else if (ret->req_id == req_id) {
			return 0;
		} else {
			return run_fail(r, "%s answers request %u, not %u",
					r->side[side].name, ret->req_id,
					req_id);
		}
	}
}

int run_ask(struct run *r, int side, struct conn *c, uint32_t type,
	    uint32_t tx_id, const void *body, uint32_t len, struct message *ret)
{
	uint32_t id = ++r->next_req_id;
	int err = link_send(&c->link[side], type, id, tx_id, body, len);

	if (err)
		return run_fail(r, "cannot send to %s: %s", r->side[side].name,
				strerror(err));
	return collect(r, side, c, id, ret);
}

/* A READ on each of the chosen connections, all under way at once. */
static int barrier(struct run *r, bool (*want)(const struct conn *))
{
	static struct message m;
	uint32_t id = ++r->next_req_id;
	size_t i;
	int side, err;

	for (i = 0; i < CONNS; i++)
		for (side = 0; side < SIDES && want(&r->conn[i]); side++) {
			err = link_send(&r->conn[i].link[side], XS_READ, id, 0,
					"/", 2);
			if (err)
				return run_fail(r, "cannot send to %s: %s",
						r->side[side].name,
						strerror(err));
		}
	for (i = 0; i < CONNS; i++)
		for (side = 0; side < SIDES && want(&r->conn[i]); side++)
			if (collect(r, side, &r->conn[i], id, &m))
				return 1;
	return 0;
}

static bool listening(const struct conn *c)
{
	return c->live && c->listens;
}

static bool everybody(const struct conn *c)
{
	return c->live;
}

int run_check_events(struct run *r)
{
	size_t i;

	if (barrier(r, listening))
		return 1;
	for (i = 0; i < CONNS; i++) {
		struct conn *c = &r->conn[i];
		const struct events *e = c->events;

		if (e[STOCK].len == e[OURS].len &&
		    !memcmp(e[STOCK].data ?: (const uint8_t *)"",
			    e[OURS].data ?: (const uint8_t *)"",
			    e[STOCK].len)) {
			drop_events(c);
			continue;
		}
		(void)run_fail(r, "events differ on %s %zu",
			       i < SOCKETS ? "socket" : "the ring of domain",
			       i < SOCKETS ? i : i - DOM0_RING);
		fprintf(r->report, "  stock sends:\n");
		text_events(r->report, &e[STOCK]);
		fprintf(r->report, "  ours sends:\n");
		text_events(r->report, &e[OURS]);
		return 1;
	}
	return 0;
}

/* ---- requests ---- */

static const struct domain_facts *facts_of(struct run *r, int side, uint8_t id)
{
	return &r->facts[side][id];
}

static int ask_both(struct run *r, struct conn *c, const struct step *s)
{
	uint32_t id = ++r->next_req_id, before, len;
	uint8_t body[64];
	int side, err;

	for (side = 0; side < SIDES; side++) {
		const struct domain_facts *f = facts_of(r, side, s->domid);
		const void *p = s->body;

		len = s->len;
		if (s->kind == STEP_INTRODUCE) {
			len = (uint32_t)snprintf((char *)body, sizeof(body),
						 "%u%c%llu%c%u", s->domid, 0,
						 (unsigned long long)f->gfn, 0,
						 f->port) +
			      1;
			p = body;
		}
		err = link_send(&c->link[side], s->type, id,
				tx_id_of(c, s->tx, side), p, len);
		if (err)
			return run_fail(r, "cannot send to %s: %s",
					r->side[side].name, strerror(err));
	}
	for (side = 0; side < SIDES; side++) {
		before = c->events[side].n;
		if (collect(r, side, c, id, &r->reply[side]))
			return 1;
		r->replies_before[side] = c->events[side].n - before;
	}
	r->requests++;
	return 0;
}

static bool same_reply(const struct run *r, const struct conn *c,
		       const struct step *s)
{
	const struct message *a = &r->reply[STOCK], *b = &r->reply[OURS];

	if (a->type != b->type ||
	    (a->tx_id == tx_id_of(c, s->tx, STOCK)) !=
		    (b->tx_id == tx_id_of(c, s->tx, OURS)) ||
	    r->replies_before[STOCK] != r->replies_before[OURS])
		return false;
	if (a->type == XS_TRANSACTION_START)
		return true;
	return a->len == b->len && !memcmp(a->body, b->body, a->len);
}

static int check_reply(struct run *r, const struct conn *c,
		       const struct step *s)
{
	int side;

	r->compared++;
	if (same_reply(r, c, s) ||
	    allow_reply(r, s, &r->reply[STOCK], &r->reply[OURS]))
		return 0;
	(void)run_fail(r, "the answers differ to");
	text_step(r->report, s);
	for (side = 0; side < SIDES; side++) {
		const struct message *m = &r->reply[side];

		fprintf(r->report, "  %s: ", r->side[side].name);
		text_message(r->report, m);
		fprintf(r->report,
			"    own events before it: %u; transaction id %s\n",
			r->replies_before[side],
			m->tx_id == tx_id_of(c, s->tx, side) ? "echoed"
							     : "not echoed");
	}
	return 1;
}

/* What a request has done to the connections, as both agree. */
static void follow(struct run *r, struct conn *c, const struct step *s)
{
	unsigned long domid = s->domid;
	struct conn *of;

	if (r->reply[STOCK].type == XS_ERROR)
		return;
	switch (s->type) {
	case XS_WATCH:
		c->listens = true;
		return;
	case XS_RESET_WATCHES:
		tx_forget(c);
		return;
	case XS_INTRODUCE:
	case XS_RELEASE:
		break;
	default:
		return;
	}
	if (s->kind == STEP_REQUEST)
		domid = strtoul((const char *)s->body, NULL, 10);
	if (!domid || domid > DOMAINS)
		return;
	of = &r->conn[DOM0_RING + domid];
	if (!of->link[STOCK].ring)
		return;
	/* ours refuses a port that nobody has bound; neither can be used */
	of->live = s->type == XS_INTRODUCE && r->reply[OURS].type == s->type;
	of->listens = false;
	tx_forget(of);
	if (s->type == XS_RELEASE)
		r->died |= 1u << domid;
	link_restart(&of->link[STOCK]);
	link_restart(&of->link[OURS]);
	if (of->live && of != c)
		drop_events(of);
}

static bool may_fire(const struct step *s)
{
	switch (s->type) {
	case XS_WRITE:
	case XS_MKDIR:
	case XS_RM:
	case XS_SET_PERMS:
		return !s->tx;
	case XS_WATCH:
	case XS_TRANSACTION_END:
	case XS_INTRODUCE:
	case XS_RELEASE:
		return true;
	default:
		return false;
	}
}

static int do_request(struct run *r, const struct step *s)
{
	struct conn *c = &r->conn[s->conn];

	if (!c->live)
		return 0;
	if (s->type == XS_TRANSACTION_START && !s->tx && tx_free_slot(c) < 0)
		return 0;
	if (ask_both(r, c, s))
		return 1;
	if (s->type == XS_TRANSACTION_END) {
		if (tx_ended(r, c, s))
			return 1;
	} else {
		if (check_reply(r, c, s))
			return 1;
		tx_note(c, s, r->reply);
	}
	follow(r, c, s);
	return may_fire(s) ? run_check_events(r) : 0;
}

int run_check_reply(struct run *r, const struct conn *c, const struct step *s)
{
	return check_reply(r, c, s);
}

/* ---- domains ---- */

static void domain_closed(struct conn *c)
{
	c->live = false;
	c->listens = false;
	tx_forget(c);
	drop_events(c);
	link_close(&c->link[STOCK]);
	link_close(&c->link[OURS]);
}

static int do_create(struct run *r, const struct step *s)
{
	struct conn *c = &r->conn[DOM0_RING + s->domid];
	int side, err = 0;

	if (c->link[STOCK].ring)
		return 0;
	for (side = 0; side < SIDES && !err; side++) {
		err = side_create(&r->side[side], s->domid,
				  &r->facts[side][s->domid]);
		if (!err)
			err = link_open_ring(&c->link[side], r->side[side].hv,
					     s->domid);
	}
	if (err)
		return run_fail(r, "cannot create domain %u: %s", s->domid,
				strerror(err));
	return 0;
}

/* Requests enough for a daemon to have seen a virq, or to let a domain go. */
static int settle(struct run *r, uint32_t gone)
{
	int tries, more = 2;

	for (tries = 0; tries < GONE_TRIES && more; tries++) {
		if (barrier(r, everybody))
			return 1;
		if (!gone || (!side_has_domain(&r->side[STOCK], gone) &&
			      !side_has_domain(&r->side[OURS], gone)))
			more--;
	}
	if (!more)
		return 0;
	return run_fail(r, "domain %u is dead: stock %s, ours %s", gone,
			side_has_domain(&r->side[STOCK], gone) ? "holds it"
							       : "lets it go",
			side_has_domain(&r->side[OURS], gone) ? "holds it"
							      : "lets it go");
}

static int do_domain(struct run *r, const struct step *s)
{
	struct conn *c = &r->conn[DOM0_RING + s->domid];
	bool dies = s->kind == STEP_DESTROY;
	uint32_t op = dies ? SIM_OP_DESTROY : SIM_OP_SHUTDOWN;
	int side, err = 0;

	if (!c->link[STOCK].ring)
		return 0;
	for (side = 0; side < SIDES && !err; side++)
		err = side_call(&r->side[side], op, s->domid, 0);
	if (err)
		return run_fail(r, "xensim refuses: %s", strerror(err));
	if (dies) {
		domain_closed(c);
		r->died |= 1u << s->domid;
	}
	if (settle(r, dies ? s->domid : 0))
		return 1;
	return run_check_events(r);
}

static int do_reconnect(struct run *r, const struct step *s)
{
	struct conn *c = &r->conn[s->conn];
	int side, err = 0;

	tx_forget(c);
	c->listens = false;
	for (side = 0; side < SIDES && !err; side++) {
		link_close(&c->link[side]);
		err = link_open_socket(&c->link[side], r->side[side].sock);
	}
	if (err)
		return run_fail(r, "cannot connect: %s", strerror(err));
	return settle(r, 0);
}

int run_step(struct run *r, const struct step *s)
{
	r->now = s;
	memmove(r->recent, r->recent + 1,
		sizeof(r->recent) - sizeof(r->recent[0]));
	r->recent[15] = s;
	switch (s->kind) {
	case STEP_REQUEST:
	case STEP_INTRODUCE:
		return do_request(r, s);
	case STEP_CREATE:
		return do_create(r, s);
	case STEP_SHUTDOWN:
	case STEP_DESTROY:
		return do_domain(r, s);
	case STEP_RECONNECT:
		return do_reconnect(r, s);
	default:
		return run_check_events(r) || walk(r);
	}
}

/* ---- the run ---- */

int run_start(struct run *r, const char *top, const char *tmp,
	      const char *stock, const char *ours, const struct profile *p)
{
	const char *program[SIDES] = {stock, ours};
	static const char *const names[SIDES] = {"stock", "ours"};
	char *argv[24] = {0};
	int side, err;
	size_t i;

	for (i = 0; p->argv[i] && i < 20; i++)
		argv[i + 1] = strdup(p->argv[i]);
	for (side = 0; side < SIDES; side++) {
		argv[0] = strdup(program[side]);
		err = side_start(&r->side[side], names[side], top, tmp, argv);
		free(argv[0]);
		for (i = 0; i < CONNS; i++)
			r->conn[i].link[side].fd = -1;
		for (i = 0; i < SOCKETS && !err; i++)
			err = link_open_socket(&r->conn[i].link[side],
					       r->side[side].sock);
		if (!err)
			err = link_open_ring(&r->conn[DOM0_RING].link[side],
					     r->side[side].hv, 0);
		if (err)
			return run_fail(r, "cannot start %s: %s", program[side],
					strerror(err));
	}
	for (i = 0; argv[i + 1] && i < 20; i++)
		free(argv[i + 1]);
	for (i = 0; i <= DOM0_RING; i++)
		r->conn[i].live = true;
	return 0;
}

void run_stop(struct run *r)
{
	size_t i;
	int side;

	for (i = 0; i < CONNS; i++) {
		domain_closed(&r->conn[i]);
		for (side = 0; side < SIDES; side++)
			free(r->conn[i].events[side].data);
	}
	side_stop(&r->side[STOCK]);
	side_stop(&r->side[OURS]);
}
