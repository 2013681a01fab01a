/* SPDX-License-Identifier: GPL-2.0-or-later */
/* collect-conn: connections, domains, watches; see collect.h. */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "domain/domain.h"
#include "state/collect.h"
#include "store/watch.h"
#include "transport/conn.h"
#include "transport/look.h"
#include "transport/lost.h"
#include "transport/turn.h"

/* All bytes that are not sent yet. */
static void put_pending(struct dump *o, const struct conn *c)
{
	const struct out *m;
	size_t skip = c->out_pos;

	list_for_each (m, &c->out, next) {
		dump_put_bytes(o, m->data + skip, m->len - skip);
		skip = 0;
	}
}

static void collect_conn_data(struct dump *o, const struct conn *c)
{
	struct record rec = {.type = REC_CONNECTION_DATA};

	rec.conn.conn_id = c->client.id;
	rec.conn.data_len = (uint32_t)c->out_bytes;
	rec.conn.fd = c->fd;
	if (c->kind == CONN_RING) {
		rec.conn.type = REC_CONN_RING;
		rec.conn.domid = c->client.cred.domid;
		rec.conn.tdomid = c->client.cred.tdomid;
		rec.conn.evtchn = c->remote_port;
	} else {
		rec.conn.type = REC_CONN_SOCKET;
		rec.conn.flags = c->client.read_only ? REC_CONN_READ_ONLY : 0;
	}
	if (!c->out_bytes) {
		dump_put(o, &rec);
		return;
	}
	dump_put_begin(o, &rec, rec.conn.data_len);
	put_pending(o, c);
	dump_put_end(o);
}

/* A ring without work: it was found empty, and nothing is pending. */
static bool is_quiet(const struct conn *c)
{
	return c->kind == CONN_RING && !c->more && list_empty(&c->ready) &&
	       list_empty(&c->out) && list_empty(&c->waiting) && !c->frozen &&
	       !c->dropping && !c->odd_since_ms && !c->in_len;
}

static uint32_t left_ms(uint64_t now, uint64_t until)
{
	return until > now ? (uint32_t)(until - now) : 0;
}

static void collect_credit(struct dump *o, const struct conn *c)
{
	struct record rec = {.type = REC_CONN_CREDIT};
	uint64_t now;

	if (!c->busy_until_ms)
		return;
	now = host_call(o->d->host, now_ms);
	rec.conn_credit.conn_id = c->client.id;
	rec.conn_credit.busy_ms = left_ms(now, c->busy_until_ms);
	if (!list_empty(&c->waiting)) /* also when the wait is over */
		rec.conn_credit.wait_ms = left_ms(now, c->wait_until_ms) + 1;
	if (rec.conn_credit.busy_ms || rec.conn_credit.wait_ms)
		dump_put(o, &rec);
}

static bool is_partial(const struct conn *c)
{
	const struct out *first = list_first(&c->out, struct out, next);

	return first && (first->raw || c->out_pos);
}

/* The indexes of a ring with a half-done message, to compare with the page. */
static void collect_ring(struct dump *o, const struct conn *c)
{
	struct record rec = {.type = REC_RING_STATE};

	if (!c->ring || (!o->opt->to_file && !c->in_len && !is_partial(c) &&
			 !c->odd_since_ms))
		return;
	rec.ring_state.conn_id = c->client.id;
	rec.ring_state.req_cons = c->req_cons;
	rec.ring_state.rsp_prod = c->rsp_prod;
	dump_put(o, &rec);
}

/* Only for a ring whose state differs from the default. */
static void collect_look(struct dump *o, const struct conn *c)
{
	struct record rec = {.type = REC_RING_LOOK};
	uint64_t uncounted;
	uint8_t level;

	(void)conn_unread_ms(c, &uncounted);
	look_state(c, &level, &rec.ring_look.in_us);
	if (level == LOOK_NEVER && !c->odd_since_ms && !c->dropping &&
	    !c->lost && !uncounted)
		return;
	rec.ring_look.conn_id = c->client.id;
	rec.ring_look.level = level == LOOK_NEVER ? REC_LOOK_NEVER : level;
	rec.ring_look.flags = c->dropping ? REC_LOOK_DROPPING : 0;
	if (c->odd_since_ms)
		rec.ring_look.odd_ms =
			1 + (uint32_t)(host_call(o->d->host, now_ms) -
				       c->odd_since_ms);
	rec.ring_look.uncounted_ms = (uint32_t)uncounted;
	rec.ring_look.lost = c->lost;
	rec.ring_look.logged = c->lost_logged;
	dump_put(o, &rec);
}

static void collect_conn_state(struct dump *o, const struct conn *c)
{
	const struct out *first = list_first(&c->out, struct out, next);
	bool partial = is_partial(c);
	uint64_t uncounted;
	struct record rec = {.type = REC_CONN_STATE};

	rec.conn_state.conn_id = c->client.id;
	rec.conn_state.next_tx_id = c->client.next_tx_id;
	if (!list_empty(&c->unread))
		rec.conn_state.unread_ms =
			1 + (uint32_t)conn_unread_ms(c, &uncounted);
	if (c->life == CONN_IGNORED)
		rec.conn_state.flags |= REC_CONN_IGNORED;
	if (c->frozen)
		rec.conn_state.flags |= REC_CONN_FROZEN;
	if (is_quiet(c))
		rec.conn_state.flags |= REC_CONN_QUIET;
	if (c->more)
		rec.conn_state.flags |= REC_CONN_MORE;
	if (c->kind == CONN_RING && c->page == PAGE_NONE)
		rec.conn_state.flags |= REC_CONN_NO_RING;
	if (partial && first->event)
		rec.conn_state.flags |= REC_CONN_PARTIAL_EVENT;
	dump_put(o, &rec);
	collect_credit(o, c);
	collect_look(o, c);
	if (c->in_len) {
		rec = (struct record){.type = REC_CONN_INPUT};
		rec.conn_input.conn_id = c->client.id;
		rec.conn_input.data_len = (uint32_t)c->in_len;
		rec.conn_input.data = c->in;
		dump_put(o, &rec);
	}
	if (partial) {
		rec = (struct record){.type = REC_CONN_OUTPUT};
		rec.conn_output.conn_id = c->client.id;
		rec.conn_output.partial = (uint32_t)(first->len - c->out_pos);
		dump_put(o, &rec);
	}
}

static void collect_domain(struct dump *o, const struct domain *dom)
{
	struct record rec = {.type = REC_DOMAIN_STATE};

	rec.domain.domid = dom->domid;
	if (dom->conn) {
		rec.domain.flags = REC_DOM_INTRODUCED;
		rec.domain.conn_id = dom->conn->client.id;
		rec.domain.local_port = dom->conn->port;
	}
	if (dom->shutdown)
		rec.domain.flags |= REC_DOM_SHUTDOWN;
	if (dom->restored)
		rec.domain.flags |= REC_DOM_RESTORED;
	rec.domain.handle_hi = dom->handle_hi;
	rec.domain.handle_lo = dom->handle_lo;
	dump_put(o, &rec);
	if (dom->features != FEATURES_ALL) {
		rec = (struct record){.type = REC_DOM_FEATURES};
		rec.features.domid = dom->domid;
		rec.features.features = dom->features;
		dump_put(o, &rec);
	}
}

static void collect_id(struct dump *o, const struct domain *dom)
{
	struct record rec = {.type = REC_DOMAIN_ID};

	rec.domain_id.domid = dom->domid;
	rec.domain_id.unique_id = dom->unique_id;
	if (dom->unique_id)
		dump_put(o, &rec);
}

static void collect_gfn(struct dump *o, const struct conn *c)
{
	struct record rec = {.type = REC_RING_GFN};

	if (!c->domain || !c->domain->have_gfn)
		return;
	rec.ring_gfn.conn_id = c->client.id;
	rec.ring_gfn.gfn = c->domain->gfn;
	dump_put(o, &rec);
}

void collect_lost(struct dump *o, const struct conn *c)
{
	struct record rec = {.type = REC_WATCH_LOST};
	const struct watch *w;
	uint32_t index = 0;

	if (!c->lost)
		return;
	list_for_each (w, &c->client.watches, of_client) {
		if (w->lost) {
			rec.watch_lost.conn_id = c->client.id;
			rec.watch_lost.index = index;
			dump_put(o, &rec);
		}
		index++;
	}
}

static void collect_watches(struct dump *o, const struct conn *c)
{
	struct record rec = {.type = REC_WATCH_DATA};
	const struct watch *w;
	uint32_t index = 0;

	list_for_each (w, &c->client.watches, of_client) {
		rec.watch.conn_id = c->client.id;
		rec.watch.wpath = w->wpath;
		rec.watch.wpath_len = (uint16_t)(strlen(w->wpath) + 1);
		rec.watch.token = w->token;
		rec.watch.token_len = (uint16_t)(strlen(w->token) + 1);
		dump_put(o, &rec);
	}
	rec = (struct record){.type = REC_WATCH_DEPTH};
	list_for_each (w, &c->client.watches, of_client) {
		if (w->depth != WATCH_NO_DEPTH) {
			rec.watch_depth.conn_id = c->client.id;
			rec.watch_depth.index = index;
			rec.watch_depth.depth = (uint32_t)w->depth;
			dump_put(o, &rec);
		}
		index++;
	}
	collect_lost(o, c);
}
void collect_conn_alone(struct dump *o, const struct conn *c)
{
	collect_conn_data(o, c);
	collect_conn_state(o, c);
	collect_ring(o, c);
	if (c->domain) {
		collect_domain(o, c->domain);
		collect_id(o, c->domain);
		collect_gfn(o, c);
	}
}

void collect_conn(struct dump *o, const struct conn *c)
{
	collect_conn_data(o, c);
	collect_conn_state(o, c);
	if (c->domain)
		collect_domain(o, c->domain);
	collect_watches(o, c);
}

static void put_place(struct dump *o, const struct conn *c, uint32_t flags)
{
	struct record rec = {.type = REC_TURN_PLACE};

	rec.turn_place.conn_id = c->client.id;
	rec.turn_place.flags = flags;
	dump_put(o, &rec);
}

/*
 * The order of turns decides whether an event is still queued when it fires
 * again, and is then not queued twice.  CONN_READY_GONE is left out: the
 * successor notices a lost peer by itself.
 */
static void collect_turn(void *arg, const struct conn *c, bool due)
{
	struct record rec = {.type = REC_TURN};
	struct dump *o = arg;

	if (c->client.read_only && o->opt->no_read_only)
		return;
	rec.turn.conn_id = c->client.id;
	rec.turn.what = c->ready_what & (CONN_READY_IN | CONN_READY_OUT);
	dump_put(o, &rec);
	if (due)
		put_place(o, c, REC_PLACE_DUE);
}

void collect_debt(struct dump *o, const struct conn *c)
{
	struct record rec = {.type = REC_CONN_DEBT};

	rec.conn_debt.conn_id = c->client.id;
	rec.conn_debt.passes = turn_debt(c);
	if (rec.conn_debt.passes)
		dump_put(o, &rec);
	if (turn_had(c))
		put_place(o, c, REC_PLACE_HAD);
}

void collect_conns_rest(struct dump *o)
{
	const struct domain *dom;

	turns_each(o->d, collect_turn, o);
	list_for_each (dom, &o->d->domains->all, all)
		if (!dom->conn) {
			collect_domain(o, dom);
			collect_id(o, dom);
		}
}

void collect_conns(struct dump *o)
{
	const struct conn *c;

	list_for_each (c, &o->d->conns.all, all) {
		if (c->client.read_only && o->opt->no_read_only)
			continue;
		collect_conn(o, c);
		if (c->domain)
			collect_id(o, c->domain);
		collect_gfn(o, c);
		collect_ring(o, c);
		collect_debt(o, c);
		if (o->rc)
			return;
	}
	collect_conns_rest(o);
}
