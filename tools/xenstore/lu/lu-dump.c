/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lu-dump: state into records; see lu-image.h.  Changes nothing. */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "domain/domain.h"
#include "image/image.h"
#include "lu/lu-image.h"
#include "store/path.h"
#include "store/transaction.h"
#include "store/tree.h"
#include "store/watch.h"
#include "transport/conn.h"

#define GENS_AT_ONCE 4096u
#define PIECE	     (1u << 20)
#define NO_DOMAIN    0xffffu

struct dump {
	const struct daemon *d;
	const struct lu_dump_options *opt;
	struct image_writer w;
	lu_sink sink;
	void *arg;
	struct lu_counts *counts;
	struct err *err;
	int rc;
	/* scratch */
	struct rec_perm *perms;
	uint32_t perms_size;
	struct rec_generation gens[GENS_AT_ONCE];
	uint32_t ngens;
};

static void drain(struct dump *o)
{
	if (o->w.buf.failed && !o->rc)
		o->rc = err_set(o->err, ENOMEM, "no memory for the image");
	if (o->rc || !o->w.buf.len)
		return;
	o->rc = o->sink(o->arg, o->w.buf.data, o->w.buf.len, o->err);
	o->counts->size += o->w.buf.len;
	o->w.buf.len = 0;
}

static void put(struct dump *o, const struct record *rec)
{
	if (o->rc)
		return;
	if (rec->type >= REC_MANDATORY && o->opt->no_extensions)
		return;
	image_write(&o->w, rec);
	if (o->w.buf.len >= PIECE || o->w.buf.failed)
		drain(o);
}

static const struct rec_perm *perms_records(struct dump *o,
					    const struct perms *p)
{
	uint32_t i;

	if (p->n > o->perms_size) {
		talloc_free(o->perms);
		o->perms = talloc_array(o, struct rec_perm, p->n);
		o->perms_size = o->perms ? p->n : 0;
		if (!o->perms) {
			o->rc = err_set(o->err, ENOMEM,
					"no memory for the image");
			return NULL;
		}
	}
	for (i = 0; i < p->n; i++) {
		o->perms[i].perm = (uint8_t)perm_letter(p->p[i].bits);
		o->perms[i].flags = 0;
		o->perms[i].domid = p->p[i].domid;
	}
	return o->perms;
}

/* ---- the whole ---- */

static void collect_header(struct dump *o)
{
	static const char writer[] = "xenstored " DAEMON_VERSION;
	struct record rec = {.type = REC_HEADER};

	rec.header = (struct rec_header){
		.writer_len = sizeof(writer),
		.nodes = o->counts->nodes,
		.conns = o->counts->conns,
		.watches = o->counts->watches,
		.txs = o->counts->txs,
		.digest = daemon_digest(o->d),
		.writer = writer,
	};
	put(o, &rec);
	rec = (struct record){.type = REC_STORE_STATE};
	rec.store.generation = o->d->store->generation;
	rec.store.next_conn_id = o->d->next_conn_id;
	put(o, &rec);
}

static void collect_global(struct dump *o)
{
	const struct daemon *d = o->d;
	struct record rec = {.type = REC_GLOBAL_DATA};

	rec.global.rw_fd = d->rw_fd;
	rec.global.ro_fd = d->ro_fd;
	put(o, &rec);
	rec = (struct record){.type = REC_HANDOFF};
	host_call(d->host, lu_handoff, &rec.handoff.evtchn_fd,
		  &rec.handoff.epoll_fd);
	rec.handoff.virq_port = d->death_port;
	put(o, &rec);
}

static void collect_log(struct dump *o)
{
	const struct log *log = o->d->log;
	struct record rec = {.type = REC_LOG};

	if (!log)
		return;
	rec.log.switches = log->on;
	rec.log.path = log->path ? log->path : "";
	rec.log.path_len = (uint16_t)(strlen(rec.log.path) + 1);
	put(o, &rec);
}

static void collect_quotas(struct dump *o)
{
	const struct limits *l = &o->d->store->limits;
	struct record rec = {.type = REC_QUOTA};
	unsigned int q;

	for (q = 0; q < QUOTA_COUNT; q++) {
		rec.quota.domid = NO_DOMAIN;
		rec.quota.name = quota_table[q].name;
		rec.quota.name_len =
			(uint16_t)(strlen(quota_table[q].name) + 1);
		rec.quota.soft = 0;
		rec.quota.value = l->hard[q];
		if (l->hard[q] != quota_table[q].hard)
			put(o, &rec);
		rec.quota.soft = 1;
		rec.quota.value = l->soft[q];
		if (l->soft[q] != quota_table[q].soft)
			put(o, &rec);
	}
}

/* ---- connections ---- */

static uint8_t *pending_bytes(struct dump *o, const struct conn *c)
{
	uint8_t *data = talloc_size(o, c->out_bytes + 1), *p = data;
	const struct out *m;
	size_t skip = c->out_pos;

	if (!data) {
		o->rc = err_set(o->err, ENOMEM, "no memory for the image");
		return NULL;
	}
	list_for_each(m, &c->out, next)
	{
		memcpy(p, m->data + skip, m->len - skip);
		p += m->len - skip;
		skip = 0;
	}
	return data;
}

static void collect_conn_data(struct dump *o, const struct conn *c)
{
	struct record rec = {.type = REC_CONNECTION_DATA};
	uint8_t *data = pending_bytes(o, c);

	rec.conn.conn_id = c->client.id;
	rec.conn.data = data;
	rec.conn.data_len = (uint32_t)c->out_bytes;
	rec.conn.fd = c->fd;
	if (c->kind == CONN_RING) {
		rec.conn.type = REC_CONN_RING;
		rec.conn.domid = c->client.cred.domid;
		rec.conn.tdomid = c->client.cred.tdomid;
		rec.conn.evtchn = c->remote_port;
	} else {
		rec.conn.type = REC_CONN_SOCKET;
		rec.conn.flags = c->read_only ? REC_CONN_READ_ONLY : 0;
	}
	put(o, &rec);
	talloc_free(data);
}

static void collect_conn_state(struct dump *o, const struct conn *c)
{
	const struct out *first = list_first(&c->out, struct out, next);
	bool partial = first && (first->raw || c->out_pos);
	struct record rec = {.type = REC_CONN_STATE};

	rec.conn_state.conn_id = c->client.id;
	rec.conn_state.next_tx_id = c->client.next_tx_id;
	if (!list_empty(&c->unread))
		rec.conn_state.unread_ms =
			1 + (uint32_t)(host_call(o->d->host, now_ms) -
				       c->unread_since_ms);
	if (c->ignored)
		rec.conn_state.flags |= REC_CONN_IGNORED;
	if (c->kind == CONN_RING && !c->ring)
		rec.conn_state.flags |= REC_CONN_NO_RING;
	if (partial && first->event)
		rec.conn_state.flags |= REC_CONN_PARTIAL_EVENT;
	put(o, &rec);
	if (c->in_len) {
		rec = (struct record){.type = REC_CONN_INPUT};
		rec.conn_input.conn_id = c->client.id;
		rec.conn_input.data_len = (uint32_t)c->in_len;
		rec.conn_input.data = c->in;
		put(o, &rec);
	}
	if (partial) {
		rec = (struct record){.type = REC_CONN_OUTPUT};
		rec.conn_output.conn_id = c->client.id;
		rec.conn_output.partial = (uint32_t)(first->len - c->out_pos);
		put(o, &rec);
	}
}

static void collect_domain(struct dump *o, const struct domain *dom)
{
	struct record rec = {.type = REC_DOMAIN_STATE};

	rec.domain.domid = dom->domid;
	rec.domain.flags = REC_DOM_INTRODUCED;
	if (dom->shutdown)
		rec.domain.flags |= REC_DOM_SHUTDOWN;
	rec.domain.conn_id = dom->conn->client.id;
	rec.domain.local_port = dom->conn->port;
	rec.domain.handle_hi = dom->handle_hi;
	rec.domain.handle_lo = dom->handle_lo;
	put(o, &rec);
}

static void collect_watches(struct dump *o, const struct conn *c)
{
	struct record rec = {.type = REC_WATCH_DATA};
	const struct watch *w;
	uint32_t index = 0;

	list_for_each(w, &c->client.watches, of_client)
	{
		rec.watch.conn_id = c->client.id;
		rec.watch.wpath = w->wpath;
		rec.watch.wpath_len = (uint16_t)(strlen(w->wpath) + 1);
		rec.watch.token = w->token;
		rec.watch.token_len = (uint16_t)(strlen(w->token) + 1);
		put(o, &rec);
	}
	rec = (struct record){.type = REC_WATCH_DEPTH};
	list_for_each(w, &c->client.watches, of_client)
	{
		if (w->depth != WATCH_NO_DEPTH) {
			rec.watch_depth.conn_id = c->client.id;
			rec.watch_depth.index = index;
			rec.watch_depth.depth = (uint32_t)w->depth;
			put(o, &rec);
		}
		index++;
	}
}

static void collect_conns(struct dump *o)
{
	const struct conn *c;

	list_for_each(c, &o->d->conns, all)
	{
		collect_conn_data(o, c);
		collect_conn_state(o, c);
		if (c->domain)
			collect_domain(o, c->domain);
		collect_watches(o, c);
		if (o->rc)
			return;
	}
}

/* ---- nodes ---- */

static void flush_gens(struct dump *o)
{
	struct record rec = {.type = REC_NODE_GENERATIONS};

	rec.generations.count = o->ngens;
	rec.generations.gens = o->gens;
	if (o->ngens)
		put(o, &rec);
	o->ngens = 0;
}

/*
 * The next node in preorder, its path made from that of the last one.
 * *len is the length of the path of `id`, without a NUL.
 */
static uint32_t next_node(const struct tree *t, uint32_t id, char *path,
			  size_t *len)
{
	const struct node *n = tree_node(t, id);

	if (n->first) {
		id = n->first;
	} else {
		for (;; n = tree_node(t, id)) {
			if (id == NODE_ROOT)
				return NODE_NONE;
			*len -= n->name->len + 1u;
			if (n->next)
				break;
			id = n->parent;
		}
		id = n->next;
	}
	n = tree_node(t, id);
	if (n->parent == NODE_ROOT)
		*len = 0;
	path[(*len)++] = '/';
	memcpy(path + *len, n->name->s, n->name->len + 1u);
	*len += n->name->len;
	return id;
}

static void collect_nodes(struct dump *o)
{
	const struct tree *t = o->d->store->tree;
	struct record rec = {.type = REC_NODE_DATA};
	char path[PATH_SIZE] = "/";
	uint32_t id = NODE_ROOT;
	size_t len = 1;

	for (; id && !o->rc; id = next_node(t, id, path, &len)) {
		const struct node *n = tree_node(t, id);
		const struct perms *p = node_perms(t, n);

		rec.node.path = path;
		rec.node.path_len = (uint16_t)(len + 1);
		rec.node.value = node_value(n);
		rec.node.value_len = n->value_len;
		rec.node.perm_count = (uint16_t)p->n;
		rec.node.perms = perms_records(o, p);
		put(o, &rec);
		o->gens[o->ngens].value = n->value_gen;
		o->gens[o->ngens++].children = n->children_gen;
		if (o->ngens == GENS_AT_ONCE)
			flush_gens(o);
	}
	flush_gens(o);
}

static void collect_specials(struct dump *o)
{
	struct record rec = {.type = REC_SPECIAL_NODE};
	unsigned int i;

	for (i = 0; i < SPECIAL_COUNT; i++) {
		const struct special *s = &o->d->store->special[i];

		rec.special.path = s->path;
		rec.special.path_len = (uint16_t)(strlen(s->path) + 1);
		rec.special.perm_count = (uint16_t)s->perms->n;
		rec.special.generation = s->generation;
		rec.special.perms = perms_records(o, s->perms);
		put(o, &rec);
	}
}

/* ---- transactions ---- */

static void collect_tx_content(struct dump *o, const struct tx *tx,
			       const struct tx_node *n)
{
	struct record rec = {.type = REC_NODE_DATA};

	rec.node.conn_id = tx->client->id;
	rec.node.tx_id = tx->id;
	rec.node.path = n->path;
	rec.node.path_len = (uint16_t)(n->path_len + 1);
	rec.node.value = n->value;
	rec.node.value_len = n->value_len;
	if (n->perms) {
		rec.node.perm_count = (uint16_t)n->perms->n;
		rec.node.perms = perms_records(o, n->perms);
	}
	if (n->did & (TX_WRITTEN | TX_CREATED))
		rec.node.access |= REC_NODE_WRITTEN;
	if (!(n->did & TX_DELETED) && (!rec.node.access || (n->did & TX_VALUE)))
		rec.node.access |= REC_NODE_READ;
	put(o, &rec);
}

static void collect_tx_node(struct dump *o, const struct tx *tx,
			    const struct tx_node *n)
{
	struct record rec = {.type = REC_TX_NODE};

	collect_tx_content(o, tx, n);
	rec.tx_node = (struct rec_tx_node){
		.conn_id = tx->client->id,
		.tx_id = tx->id,
		.did = (uint16_t)n->did,
		.path_len = (uint16_t)(n->path_len + 1),
		.created_seq = n->created_seq,
		.generation = n->value_gen,
		.children_generation = n->children_gen,
		.event_order = n->event_order,
		.path = n->path,
	};
	put(o, &rec);
	if (!(n->did & TX_LISTED))
		return;
	rec = (struct record){.type = REC_TX_CHILDREN};
	rec.tx_children = (struct rec_tx_children){
		.conn_id = tx->client->id,
		.tx_id = tx->id,
		.path_len = (uint16_t)(n->path_len + 1),
		.names_len = n->seen_len,
		.path = n->path,
		.names = n->seen,
	};
	put(o, &rec);
}

static void collect_tx(struct dump *o, const struct tx *tx)
{
	uint64_t now = host_call(o->d->host, now_ms);
	struct record rec = {.type = REC_TRANSACTION_DATA};
	const struct tx_node *n;

	rec.tx.conn_id = tx->client->id;
	rec.tx.tx_id = tx->id;
	put(o, &rec);
	rec = (struct record){.type = REC_TX_STATE};
	rec.tx_state = (struct rec_tx_state){
		.conn_id = tx->client->id,
		.tx_id = tx->id,
		.flags = (tx->doomed ? REC_TX_DOOMED : 0) |
			 (tx->failed ? REC_TX_FAILED : 0),
		.age_ms = (uint32_t)(now - tx->started_ms),
		.created_seq = tx->next_seq,
	};
	put(o, &rec);
	list_for_each(n, &tx->nodes, order) collect_tx_node(o, tx, n);
}

static void collect_txs(struct dump *o)
{
	const struct conn *c;
	const struct tx *tx;

	list_for_each(c, &o->d->conns, all)
		list_for_each(tx, &c->client.txs, of_client) collect_tx(o, tx);
}

static void collect_update(struct dump *o)
{
	struct record rec = {.type = REC_UPDATE};

	rec.update.conn_id = o->opt->update_conn;
	rec.update.reply_len = o->opt->update_len;
	if (rec.update.conn_id)
		put(o, &rec);
}

static void count(struct dump *o)
{
	const struct conn *c;

	memset(o->counts, 0, sizeof(*o->counts));
	o->counts->nodes = o->d->store->tree->count;
	o->counts->conns = o->d->nconns;
	o->counts->watches = o->d->store->watches->count;
	list_for_each(c, &o->d->conns, all) o->counts->txs += c->client.ntxs;
}

int lu_dump(const struct daemon *d, const struct lu_dump_options *opt,
	    lu_sink sink, void *arg, struct lu_counts *ret_counts,
	    struct err *err)
{
	struct dump *o = talloc_zero(d, struct dump);
	int rc;

	if (!o)
		return err_set(err, ENOMEM, "no memory for the image");
	o->d = d;
	o->opt = opt;
	o->sink = sink;
	o->arg = arg;
	o->counts = ret_counts;
	o->err = err;
	image_writer_init(&o->w, o, opt->big_endian);
	count(o);
	collect_header(o);
	collect_global(o);
	collect_log(o);
	collect_quotas(o);
	collect_conns(o);
	collect_nodes(o);
	collect_specials(o);
	collect_txs(o);
	collect_update(o);
	if (!o->rc && image_writer_finish(&o->w))
		o->rc = err_set(err, ENOMEM, "no memory for the image");
	drain(o);
	rc = o->rc;
	talloc_free(o);
	return rc;
}
