/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * daemon: see daemon.h.  Puts the rooms together and runs the loop; called by
 * main.c and by the tests.
 */
#include "daemon.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "control/control.h"
#include "domain/domain.h"
#include "loop/loop.h"
#include "lu/lu.h"
#include "lu/migrate.h"
#include "ops/ops.h"
#include "store/node.h"
#include "store/tree.h"
#include "store/watch.h"
#include "transport/conn.h"
#include "transport/look.h"
#include "transport/lost.h"
#include "transport/turn.h"

/* Memory that stays for messages: what one request may make for ten guests. */
#define OUTS_KEEP (4u << 20)

/* The log's clocks. */
static uint64_t host_now_ms(void *host)
{
	return host_call((struct host *)host, now_ms);
}

static uint64_t host_wall_ms(void *host)
{
	return host_call((struct host *)host, wall_ms);
}

static void no_signal(struct daemon *d)
{
	(void)d;
}

/* What needs no store: empty lists, and the memory of messages. */
static void begin_transport(struct daemon *d)
{
	d->rw_fd = -1;
	d->ro_fd = -1;
	d->next_conn_id = 1;
	list_init(&d->conns);
	list_init(&d->reap);
	list_init(&d->unread);
	pool_init(&d->outs, d);
	d->outs.keep = OUTS_KEEP;
	/* the first chunk now: a report of memory is the same in a successor */
	pool_free(&d->outs, pool_alloc(&d->outs, 1), 1);
	list_init(&d->old_outs);
	list_init(&d->waiting);
}

struct daemon *daemon_new(const void *ctx, struct host *host, struct log *log,
			  const struct config *config, struct err *err)
{
	struct daemon *d = talloc_zero(ctx, struct daemon);
	struct hash_key key;
	int rc;

	if (!d)
		goto no_memory;
	d->host = host;
	d->log = log;
	if (log) {
		log->clock = host;
		log->now_ms = host_now_ms;
		log->wall_ms = host_wall_ms;
	}
	d->config = *config;
	if (!d->config.event_timeout_ms)
		d->config.event_timeout_ms = EVENT_TIMEOUT_MS;
	if (!d->config.unread_max)
		d->config.unread_max = UNREAD_MAX;
	begin_transport(d);
	jobs_init(&d->jobs);
	rc = host_call(host, random, &key, sizeof(key));
	if (rc) {
		err_set(err, rc, "no randomness for the hash tables: %s",
			strerror(rc));
		talloc_free(d);
		return NULL;
	}
	d->store = store_new(d, &key, config->priv_domid);
	if (d->store)
		d->store->jobs = &d->jobs;
	d->conn_ids = htab_new(d);
	d->domains = domains_new(d);
	d->looks = looks_new(d);
	d->turns = turns_new(d);
	d->scratch = talloc_size(d, CONN_SCRATCH);
	control_init(d);
	if (!d->store || !d->conn_ids || !d->domains || !d->looks ||
	    !d->turns || !d->scratch || lu_init(d) || migrate_init(d))
		goto no_memory;
	if (config->limits)
		d->store->limits = *config->limits;
	d->request = ops_request;
	d->port = domains_port;
	d->ring_map = domain_ring_map;
	d->ring_turn = domain_ring_turn;
	d->update_event = lu_event;
	d->signal = no_signal;
	return d;
no_memory:
	talloc_free(d);
	err_set(err, ENOMEM, "no memory to start");
	return NULL;
}

void daemon_free(struct daemon *d)
{
	struct conn *c;

	/* watches and transactions point into the store: they go first */
	list_for_each (c, &d->conns, all)
		client_reset(&c->client, d->store);
	jobs_finish(&d->jobs);
	conn_reap(d);
	talloc_free(d);
}

/* "/tool" and "/tool/xenstored", as clients and toolstacks expect them. */
static int make_nodes(struct daemon *d)
{
	struct cred cred = {d->config.priv_domid, PERMS_DOMID_INVALID, true};
	struct node_req req = {.store = d->store};
	struct client me;
	int rc = client_init(&me, d->store, 0, &cred);

	if (rc)
		return rc;
	req.client = &me;
	req.changes = change_list_new(d, d->store);
	if (!req.changes) {
		client_fini(&me, d->store);
		return ENOMEM;
	}
	rc = node_write(&req, "/tool/xenstored", 15, NULL, 0);
	talloc_free(req.changes);
	client_fini(&me, d->store);
	return rc;
}

int daemon_populate(struct daemon *d, struct err *err)
{
	int rc = make_nodes(d);

	if (rc)
		return err_set(err, rc, "no memory for the first nodes");
	rc = host_call(d->host, evtchn_bind_death, &d->death_port);
	if (rc)
		return err_set(err, rc,
			       "the death of domains cannot be heard (%s): is "
			       "another xenstored running?",
			       strerror(rc));
	rc = domain_introduce_dom0(d);
	if (rc && rc != ENOENT)
		return err_set(err, rc, "dom0's ring cannot be had: %s",
			       strerror(rc));
	return 0;
}

void daemon_round(struct daemon *d)
{
	int timeout_ms = conn_credit_due(d, lu_timeout(d, -1));

	timeout_ms = conn_expire(d, socket_due(d, timeout_ms));
	loop_round(d, looks_due(d, timeout_ms < 0 ? -1 : timeout_ms * 1000ll));
	lu_step(d);
}

void daemon_run(struct daemon *d)
{
	while (!d->stop)
		daemon_round(d);
	log_tell_left_out(d->log);
}

/* ---- digest ---- */

static uint64_t tx_digest(const struct tx *tx)
{
	struct tx_path path;
	const struct tx_node *n;
	uint64_t sum = 0, h;

	path.up = NULL;
	list_for_each (n, &tx->nodes, order) {
		h = hash_bytes(path.s, tx_node_path(&path, n));
		h = hash_mix(h, n->did);
		h = hash_mix(h, n->created_seq);
		h = hash_mix(h, n->value_gen);
		h = hash_mix(h, n->children_gen);
		h = hash_mix(h, n->event_order);
		h = hash_mix(h, n->perms ? n->perms->digest : 0);
		h = hash_mix(h, hash_bytes(n->value, n->value_len));
		h = hash_mix(h, hash_bytes(n->seen, n->seen_len));
		sum = hash_mix(sum, h); /* in the order of first touch */
	}
	h = hash_mix(tx->id, tx->client->id);
	h = hash_mix(h, tx->next_seq);
	return hash_mix(h, sum) + (tx->doomed ? 1 : 0) + (tx->failed ? 2 : 0);
}

static uint64_t conn_digest(const struct conn *c)
{
	const struct watch *w;
	const struct out *o;
	const struct tx *tx;
	size_t skip = c->out_pos;
	uint64_t h = hash_mix(c->client.id, c->kind), bytes = 0;

	h = hash_mix(h, (uint64_t)c->client.cred.domid << 16 |
				c->client.cred.tdomid);
	h = hash_mix(h, (uint64_t)c->frozen << 2 |
				(uint64_t)c->client.read_only << 1 |
				c->ignored);
	h = hash_mix(h, c->client.next_tx_id);
	h = hash_mix(h, c->remote_port);
	h = hash_mix(h, hash_bytes(c->in, c->in_len));
	list_for_each (o, &c->out, next) {
		bytes = hash_mix(bytes, o->event);
		bytes = hash_mix(bytes,
				 hash_bytes(o->data + skip, o->len - skip));
		skip = 0;
	}
	h = hash_mix(h, bytes);
	h = hash_mix(h, c->lost);
	h = hash_mix(h, c->dropping);
	if (c->dropping)
		list_for_each (w, &c->client.watches, of_client)
			h = hash_mix(h, w->lost);
	list_for_each (tx, &c->client.txs, of_client)
		h += tx_digest(tx);
	return h;
}

static uint64_t domain_digest(const struct domain *dom)
{
	uint64_t h = hash_mix(dom->domid, dom->shutdown);

	h = hash_mix(h, dom->restored);
	h = hash_mix(h, dom->conn ? dom->conn->client.id : 0);
	h = hash_mix(h, dom->features);
	h = hash_mix(h, dom->handle_hi);
	return hash_mix(h, dom->handle_lo);
}

static uint64_t account_digest(const struct account *a)
{
	uint64_t h = hash_mix(a->domid, a->own ? 1 : 0);

	if (a->own)
		h = hash_mix(h, hash_bytes(a->own, sizeof(*a->own)));
	return hash_mix(h, hash_bytes(a->refused, sizeof(a->refused)));
}

/* Of those who have more than what follows from the rest of the state. */
static uint64_t accounts_digest(const struct accounts *as)
{
	static const uint32_t none[QUOTA_COUNT];
	const struct account *a;
	struct hlink *l = NULL;
	uint32_t pos = 0;
	uint64_t h = 0;

	while ((l = htab_next(as->tab, &pos, l))) {
		a = container_of(l, struct account, link);
		if (a->own || memcmp(a->refused, none, sizeof(none)))
			h += account_digest(a);
	}
	return h;
}

uint64_t daemon_digest(const struct daemon *d)
{
	const struct store *s = d->store;
	uint64_t h = hash_mix(tree_digest(s->tree), s->watches->digest);
	const struct domain *dom;
	const struct conn *c;
	unsigned int i;

	for (i = 0; i < SPECIAL_COUNT; i++) {
		h = hash_mix(h, s->special[i].perms->digest);
		h = hash_mix(h, s->special[i].generation);
	}
	h = hash_mix(h, hash_bytes(&s->limits, sizeof(s->limits)));
	h = hash_mix(h, hash_bytes(s->most, sizeof(s->most)));
	h = hash_mix(h, accounts_digest(s->accounts));
	h = hash_mix(h, s->generation);
	h = hash_mix(h, d->next_conn_id);
	list_for_each (c, &d->conns, all)
		h += conn_digest(c);
	list_for_each (dom, &d->domains->all, all)
		h += domain_digest(dom);
	return h;
}
