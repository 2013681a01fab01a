/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * copy-conn: connections and their watches, and what changes behind the walk;
 * see copy.h.
 *
 * A watch that comes or goes follows as an effect.  The rest of a connection
 * (queues, half messages, times, port) changes with each request, so it is
 * compared, not followed: copy_cut() writes it again and drops it when it is
 * equal to what was sent.
 */
#include "state/copy-internal.h"

#include <string.h>
#include <talloc.h>

#include "store/watch.h"
#include "transport/conn.h"
#include "transport/look.h"

/* Of a connection that was sent. */
struct copied {
	uint64_t sum; /* of its records and its page's state */
	/*
	 * Sent again in any case: it has times, which run on, or marks on
	 * watches, which were not there the first time.
	 */
	bool again;
};

static struct copy *to_copy(struct store_observer *so)
{
	return container_of(so, struct copy, observer);
}

static struct conn *to_conn(struct client *client)
{
	return container_of(client, struct conn, client);
}

/* ---- effects ---- */

static void put_effect(struct copy *cp, unsigned int kind, const struct conn *c,
		       const struct watch *w)
{
	struct record rec = {.type = REC_CONN_EFFECT};

	rec.conn_effect.conn_id = c->client.id;
	rec.conn_effect.kind = (uint16_t)kind;
	rec.conn_effect.wpath = w ? w->wpath : "";
	rec.conn_effect.token = w ? w->token : "";
	rec.conn_effect.wpath_len =
		(uint16_t)(strlen(rec.conn_effect.wpath) + 1);
	rec.conn_effect.token_len =
		(uint16_t)(strlen(rec.conn_effect.token) + 1);
	rec.conn_effect.depth = w && w->depth != WATCH_NO_DEPTH
					? (uint32_t)w->depth
					: REC_ANY_DEPTH;
	copy_effect(cp, &rec);
}

/* The walk has not sent this watch. */
static bool is_ahead(const struct copy *cp, const struct conn *c,
		     const struct watch *w)
{
	return c == cp->last && cp->watch && w->seq >= cp->watch->seq;
}

static void on_watch(struct store_observer *so, struct watch *w, bool added)
{
	struct copy *cp = to_copy(so);
	struct conn *c = to_conn(w->client);

	if (!c->copied)
		return;
	if (!is_ahead(cp, c, w))
		put_effect(cp, added ? REC_CONN_WATCH : REC_CONN_UNWATCH, c, w);
	else if (!added && w == cp->watch)
		cp->watch = w->of_client.next == &c->client.watches
				    ? NULL
				    : list_entry(w->of_client.next,
						 struct watch, of_client);
}

static void on_unwatch(struct store_observer *so, struct client *client)
{
	struct copy *cp = to_copy(so);
	struct conn *c = to_conn(client);

	if (!c->copied)
		return;
	if (c == cp->last)
		cp->watch = NULL;
	put_effect(cp, REC_CONN_UNWATCH_ALL, c, NULL);
}

static void on_client_goes(struct store_observer *so, struct client *client)
{
	struct copy *cp = to_copy(so);
	struct conn *c = to_conn(client);

	if (!c->copied)
		return;
	if (c == cp->last) {
		cp->watch = NULL;
		cp->last = c->all.prev == &cp->d->conns.all
				   ? NULL
				   : list_entry(c->all.prev, struct conn, all);
	}
	TALLOC_FREE(c->copied);
	put_effect(cp, REC_CONN_GONE, c, NULL);
}

static void on_mapped(struct store_observer *so, struct client *client)
{
	struct conn *c = to_conn(client);

	if (c->copied)
		put_effect(to_copy(so), REC_CONN_MAPPED, c, NULL);
}

void copy_observe(struct copy *cp)
{
	cp->observer = (struct store_observer){
		.before = copy_before,
		.after = copy_after,
		.node_goes = copy_node_goes,
		.strip = copy_strip,
		.watch = on_watch,
		.unwatch = on_unwatch,
		.client_goes = on_client_goes,
		.mapped = on_mapped,
	};
	cp->d->store->observer = &cp->observer;
}

/* ---- the walk ---- */

/* What its records say depends on the clock. */
static bool has_times(const struct conn *c)
{
	return c->busy_until_ms || !list_empty(&c->waiting) ||
	       !list_empty(&c->unread) || c->odd_since_ms ||
	       c->look_level != LOOK_NEVER;
}

/* Appends a connection without its watches. */
static void put_conn(struct copy *cp, struct conn *c)
{
	struct wbuf *buf = &cp->o->w.buf;
	uint64_t records = cp->o->w.records;
	size_t before = buf->len;
	struct copied *had = c->copied;
	uint64_t sum;

	collect_conn_alone(cp->o, c);
	if (had)
		collect_lost(cp->o, c);
	if (buf->failed)
		return;
	sum = hash_mix(hash_bytes(buf->data + before, buf->len - before),
		       c->page);
	if (had && !had->again && had->sum == sum && !has_times(c)) {
		buf->len = before;
		cp->o->w.records = records;
		return;
	}
	if (!had) {
		copy_fd(cp, c->fd);
		c->copied = talloc_zero(c, struct copied);
		if (!c->copied)
			(void)copy_no_memory(cp);
	}
	if (c->copied) {
		c->copied->sum = sum;
		c->copied->again = has_times(c) || c->lost;
	}
}

static void next_watch(struct copy *cp)
{
	struct watch *w = cp->watch;

	cp->watch = w->of_client.next == &w->client->watches
			    ? NULL
			    : list_entry(w->of_client.next, struct watch,
					 of_client);
	put_effect(cp, REC_CONN_WATCH, cp->last, w);
	cp->n.watches++;
}

bool copy_next_conn(struct copy *cp)
{
	struct list *all = &cp->d->conns.all;
	struct list *next = cp->last ? cp->last->all.next : all->next;

	if (cp->watch) {
		next_watch(cp);
		return true;
	}
	if (next == all)
		return false;
	collect_generations(cp->o);
	cp->last = list_entry(next, struct conn, all);
	put_conn(cp, cp->last);
	cp->watch =
		list_first(&cp->last->client.watches, struct watch, of_client);
	cp->n.conns++;
	return true;
}

void copy_conns_again(struct copy *cp)
{
	struct conn *c;

	list_for_each (c, &cp->d->conns.all, all) {
		put_conn(cp, c);
		collect_debt(cp->o, c);
	}
}

void copy_handoff(struct copy *cp)
{
	struct record rec = {.type = REC_HANDOFF};

	host_call(cp->d->host, update_handoff, &rec.handoff.evtchn_fd,
		  &rec.handoff.epoll_fd);
	/* the other process polls its own descriptors */
	rec.handoff.epoll_fd = -1;
	rec.handoff.virq_port = cp->d->death_port;
	copy_fd(cp, rec.handoff.evtchn_fd);
	dump_put(cp->o, &rec);
}

void copy_forget_conns(struct copy *cp)
{
	struct conn *c;

	list_for_each (c, &cp->d->conns.all, all)
		TALLOC_FREE(c->copied);
}
