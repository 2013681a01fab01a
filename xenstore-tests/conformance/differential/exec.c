/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exec: does one step on both sides and compares the results.
 *
 * A daemon queues the events of a request before it takes the next one. So
 * after a request that may fire watches, every connection with watches sends
 * one more READ: its reply comes after all events. Checking only after several
 * requests would be faster, but stock drops an event that is still queued when
 * it fires again, so the number of events would depend on timing. Used by
 * main.c.
 */
#include "diff.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE 25 /* of link.c's timeouts, then a daemon is stuck */

int run_fail(struct run *r, const char *format, ...)
{
	va_list ap;
	size_t i;

	(void)snprintf(r->kind, sizeof(r->kind), "%s", format);
	if (r->now) {
		fprintf(r->report, "last requests:\n");
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

void run_kind(struct run *r, const char *format, ...)
{
	size_t at = strlen(r->kind);
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(r->kind + at, sizeof(r->kind) - at, format, ap);
	va_end(ap);
}

static int no_answer(struct run *r, int side, const struct conn *c, int err)
{
	const char *ended = side_ended(&r->side[side]);

	return run_fail(r, "no reply from %s on connection %zu: %s",
			r->side[side].name, (size_t)(c - r->conn),
			ended ?: strerror(err));
}

/* Receives the reply to req_id; keeps the events before it. */
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
			if (events_keep(&c->events[side], ret))
				return run_fail(r, "out of memory");
		} else if (ret->req_id == req_id) {
			return 0;
		} else {
			return run_fail(
				r,
				"%s: expected a reply to request %u, seen one to %u",
				r->side[side].name, ret->req_id, req_id);
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

int run_barrier(struct run *r, bool (*want)(const struct conn *))
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

bool conn_listening(const struct conn *c)
{
	return c->live && c->listens;
}

/*
 * Steps whose events may come in any order: a dead domain's nodes are removed,
 * or a commit fires (stock: as first touched, ours: as first changed).
 */
static bool any_order(const struct step *s)
{
	return s->kind == STEP_DESTROY || s->type == XS_RELEASE ||
	       s->type == XS_TRANSACTION_END;
}

static bool events_agree(struct run *r, struct conn *c)
{
	struct events *e = c->events;

	if (events_same(&e[STOCK], &e[OURS]))
		return true;
	/* one scan may find a death and a shutdown: one event is enough */
	if ((r->now->kind == STEP_DESTROY || r->now->kind == STEP_SHUTDOWN) &&
	    events_drop_repeated(&e[STOCK], &e[OURS]))
		r->repeated++;
	if (events_same(&e[STOCK], &e[OURS]))
		return true;
	if (unreadable_in_tx(r, c))
		r->unreadable++;
	if (events_same(&e[STOCK], &e[OURS]))
		return true;
	if (remade_events(r, c))
		r->remade_told++;
	if (unreadable_before_death(r, c))
		r->inherited++;
	if (!events_same_set(&e[STOCK], &e[OURS]) && later_events(r, c))
		r->announced++;
	if (events_same(&e[STOCK], &e[OURS]))
		return true;
	if (!any_order(r->now) || !events_same_set(&e[STOCK], &e[OURS]))
		return false;
	r->reordered++;
	return true;
}

/* A connection receives the events of its own commit before the reply. */
static bool own_events_late(const struct run *r, size_t conn)
{
	return r->now->kind == STEP_REQUEST &&
	       r->now->type == XS_TRANSACTION_END && conn == r->now->conn &&
	       r->replies_before[OURS] != r->conn[conn].events[OURS].n;
}

int run_check_events(struct run *r)
{
	size_t i;

	if (run_barrier(r, conn_listening))
		return 1;
	for (i = 0; i < CONNS; i++) {
		struct conn *c = &r->conn[i];
		struct events *e = c->events;

		if (r->story)
			story_events(r->story, i, &e[OURS]);
		if (own_events_late(r, i))
			return run_fail(r, "our daemon sends events of a "
					   "commit after its reply");
		if (events_agree(r, c)) {
			events_drop(c);
			continue;
		}
		(void)run_fail(r, "events differ on %s %zu",
			       i < SOCKETS ? "socket" : "the ring of domain",
			       i < SOCKETS ? i : i - DOM0_RING);
		run_kind(r, ": step %u, request %u", r->now->kind,
			 r->now->type);
		fprintf(r->report, "  stock sent:\n");
		text_events(r->report, &e[STOCK]);
		fprintf(r->report, "  ours sent:\n");
		text_events(r->report, &e[OURS]);
		return 1;
	}
	return 0;
}

/* ---- requests ---- */

static int send_one(struct run *r, struct conn *c, const struct step *s,
		    int side, uint32_t id)
{
	const struct domain_facts *f = &r->facts[side][s->domid];
	const void *p = s->body;
	uint32_t len = s->len;
	char body[64];
	int err;

	if (s->kind == STEP_INTRODUCE) {
		len = (uint32_t)snprintf(
			      body, sizeof(body), "%u%c%llu%c%u", s->domid, 0,
			      (unsigned long long)f->gfn, 0, f->port) +
		      1;
		p = body;
	}
	err = link_send(&c->link[side], s->type, id, tx_id_of(c, s->tx, side),
			p, len);
	return err ? run_fail(r, "cannot send to %s: %s", r->side[side].name,
			      strerror(err))
		   : 0;
}

static int ask_both(struct run *r, struct conn *c, const struct step *s)
{
	uint32_t id = ++r->next_req_id, before;
	int side;

	for (side = 0; side < SIDES; side++)
		if (send_one(r, c, s, side, id))
			return 1;
	for (side = 0; side < SIDES; side++) {
		before = c->events[side].n;
		if (collect(r, side, c, id, &r->reply[side]))
			return 1;
		r->replies_before[side] = c->events[side].n - before;
	}
	r->requests++;
	if (r->plant)
		plant_look(r->plant, s, &r->reply[OURS]);
	if (r->story)
		story_reply(r->story, s, &r->reply[OURS]);
	return 0;
}

static bool same_reply(const struct run *r, const struct conn *c,
		       const struct step *s)
{
	const struct message *a = &r->reply[STOCK], *b = &r->reply[OURS];

	if (a->type != b->type ||
	    (a->tx_id == tx_id_of(c, s->tx, STOCK)) !=
		    (b->tx_id == tx_id_of(c, s->tx, OURS)) ||
	    (s->type != XS_RELEASE && s->type != XS_TRANSACTION_END &&
	     !later_announces(r, s) &&
	     r->replies_before[STOCK] != r->replies_before[OURS]))
		return false;
	if (a->type == XS_TRANSACTION_START)
		return true;
	return a->len == b->len && !memcmp(a->body, b->body, a->len);
}

static int check_reply(struct run *r, const struct conn *c,
		       const struct step *s)
{
	int side;

	if (same_reply(r, c, s) ||
	    allow_reply(r, s, &r->reply[STOCK], &r->reply[OURS]))
		return 0;
	(void)run_fail(r, "the replies differ to");
	run_kind(r, " %s: %s, %s", type_name(s->type),
		 message_error(&r->reply[STOCK]),
		 message_error(&r->reply[OURS]));
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

/* What a request that both accepted has done to the connections. */
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
	case XS_SET_PERMS:
		r->perms_set = true;
		if (!strcmp((const char *)s->body, "@releaseDomain"))
			r->release_owner = (uint32_t)strtoul(
				(const char *)s->body + 16, NULL, 10);
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
	/* ours refuses a port that cannot be bound; neither can use it */
	of->live = s->type == XS_INTRODUCE && r->reply[OURS].type == s->type;
	of->listens = false;
	tx_forget(of);
	if (s->type == XS_RELEASE) {
		r->died |= 1u << domid;
		r->released |= 1u << domid;
	}
	link_restart(&of->link[STOCK]);
	link_restart(&of->link[OURS]);
	if (of->live && of != c)
		events_drop(of);
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

/* A transaction repeated later would run with other rights. */
static bool changes_rights(const struct run *r, const struct step *s)
{
	unsigned long domid;

	if (s->type != XS_SET_TARGET)
		return false;
	domid = strtoul((const char *)s->body, NULL, 10) % 65536;
	return domid <= DOMAINS && tx_any_open(&r->conn[DOM0_RING + domid]);
}

static int do_request(struct run *r, const struct step *s)
{
	struct conn *c = &r->conn[s->conn];
	static uint8_t abort_it[] = "F";
	struct step end;
	int rc;

	if (!c->live || changes_rights(r, s) || later_leaves_out(r, s) ||
	    (s->kind == STEP_INTRODUCE && (r->released & 1u << s->domid)))
		return 0;
	if (s->type == XS_TRANSACTION_END && tx_parted(c, s->tx)) {
		end = *s;
		end.body = abort_it;
		end.len = sizeof(abort_it);
		s = &end;
	}
	if (s->type == XS_TRANSACTION_START && !s->tx && tx_free_slot(c) < 0)
		return 0;
	if (r->story)
		story_step(r->story, s);
	if (ask_both(r, c, s))
		return 1;
	if (s->type == XS_TRANSACTION_END)
		rc = tx_ended(r, c, s);
	else
		rc = tx_inside(r, c, s);
	if (rc)
		return 1;
	if (s->type == XS_TRANSACTION_START)
		tx_started(r, c);
	r->commits += may_fire(s);
	follow(r, c, s);
	rc = may_fire(s) ? run_check_events(r) : 0;
	remade_forget(r);
	if (rc)
		return 1;
	return r->stale.n ? stale_mend(r) : 0;
}

int run_check_reply(struct run *r, const struct conn *c, const struct step *s)
{
	return check_reply(r, c, s);
}

int run_step(struct run *r, const struct step *s)
{
	r->now = s;
	r->commits += s->kind == STEP_DESTROY;
	memmove(r->recent, r->recent + 1,
		sizeof(r->recent) - sizeof(r->recent[0]));
	r->recent[15] = s;
	switch (s->kind) {
	case STEP_REQUEST:
	case STEP_INTRODUCE:
		return do_request(r, s);
	case STEP_CREATE:
		return run_create(r, s);
	case STEP_SHUTDOWN:
	case STEP_DESTROY:
		return run_domain(r, s);
	case STEP_RECONNECT:
		return run_reconnect(r, s);
	default:
		return run_check_events(r) || walk(r);
	}
}
