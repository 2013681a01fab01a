/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lu-collect-store: nodes and transactions; see lu-collect.h. */
#include <string.h>
#include <talloc.h>

#include "lu/lu-collect.h"
#include "store/path.h"
#include "store/transaction.h"
#include "store/tree.h"
#include "transport/conn.h"

/* ---- nodes ---- */

static void flush_gens(struct dump *o)
{
	struct record rec = {.type = REC_NODE_GENERATIONS};

	rec.generations.count = o->ngens;
	rec.generations.gens = o->gens;
	if (o->ngens)
		lu_put(o, &rec);
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

void lu_collect_node(struct dump *o, uint32_t id, const char *path, size_t len)
{
	const struct tree *t = o->d->store->tree;
	const struct node *n = tree_node(t, id);
	const struct perms *p = node_perms(t, n);
	const struct rec_node node = {
		.path = path,
		.path_len = (uint16_t)(len + 1),
		.value = node_value(n),
		.value_len = n->value_len,
		.perm_count = (uint16_t)p->n,
		.perms = lu_perms_records(o, p),
	};

	lu_put_node(o, &node);
}

void lu_collect_nodes(struct dump *o)
{
	const struct tree *t = o->d->store->tree;
	char path[PATH_SIZE] = "/";
	uint32_t id = NODE_ROOT;
	size_t len = 1;

	for (; id && !o->rc; id = next_node(t, id, path, &len)) {
		const struct node *n = tree_node(t, id);

		lu_collect_node(o, id, path, len);
		o->gens[o->ngens].value = n->value_gen;
		o->gens[o->ngens++].children = n->children_gen;
		if (o->ngens == GENS_AT_ONCE)
			flush_gens(o);
	}
	flush_gens(o);
}

void lu_collect_specials(struct dump *o)
{
	struct record rec = {.type = REC_SPECIAL_NODE};
	unsigned int i;

	for (i = 0; i < SPECIAL_COUNT; i++) {
		const struct special *s = &o->d->store->special[i];

		rec.special.path = s->path;
		rec.special.path_len = (uint16_t)(strlen(s->path) + 1);
		rec.special.perm_count = (uint16_t)s->perms->n;
		rec.special.generation = s->generation;
		rec.special.perms = lu_perms_records(o, s->perms);
		lu_put(o, &rec);
	}
}

/* ---- transactions ---- */

static void collect_tx_content(struct dump *o, const struct tx_path *path,
			       const struct tx_node *n)
{
	struct record rec = {.type = REC_NODE_DATA};

	rec.node.conn_id = n->tx->client->id;
	rec.node.tx_id = n->tx->id;
	rec.node.path = path->s;
	rec.node.path_len = (uint16_t)(n->path_len + 1);
	rec.node.value = n->value;
	rec.node.value_len = n->value_len;
	if (n->perms) {
		rec.node.perm_count = (uint16_t)n->perms->n;
		rec.node.perms = lu_perms_records(o, n->perms);
	}
	if (n->did & (TX_WRITTEN | TX_CREATED))
		rec.node.access |= REC_NODE_WRITTEN;
	if (!(n->did & TX_DELETED) && (!rec.node.access || (n->did & TX_VALUE)))
		rec.node.access |= REC_NODE_READ;
	lu_put(o, &rec);
}

static void collect_tx_node(struct dump *o, struct tx_path *path,
			    const struct tx_node *n)
{
	struct record rec = {.type = REC_TX_NODE};
	const struct tx *tx = n->tx;

	tx_node_path(path, n);
	collect_tx_content(o, path, n);
	rec.tx_node = (struct rec_tx_node){
		.conn_id = tx->client->id,
		.tx_id = tx->id,
		.did = (uint16_t)n->did,
		.path_len = (uint16_t)(n->path_len + 1),
		.created_seq = n->created_seq,
		.generation = n->value_gen,
		.children_generation = n->children_gen,
		.event_order = n->event_order,
		.path = path->s,
	};
	lu_put(o, &rec);
	if (!(n->did & TX_LISTED))
		return;
	rec = (struct record){.type = REC_TX_CHILDREN};
	rec.tx_children = (struct rec_tx_children){
		.conn_id = tx->client->id,
		.tx_id = tx->id,
		.path_len = (uint16_t)(n->path_len + 1),
		.names_len = n->seen_len,
		.path = path->s,
		.names = n->seen,
	};
	lu_put(o, &rec);
}

void lu_collect_tx(struct dump *o, const struct tx *tx)
{
	uint64_t now = host_call(o->d->host, now_ms);
	struct record rec = {.type = REC_TRANSACTION_DATA};
	struct tx_path path;
	const struct tx_node *n;

	rec.tx.conn_id = tx->client->id;
	rec.tx.tx_id = tx->id;
	lu_put(o, &rec);
	rec = (struct record){.type = REC_TX_STATE};
	rec.tx_state = (struct rec_tx_state){
		.conn_id = tx->client->id,
		.tx_id = tx->id,
		.flags = (tx->doomed ? REC_TX_DOOMED : 0) |
			 (tx->failed ? REC_TX_FAILED : 0),
		.age_ms = (uint32_t)(now - tx->started_ms),
		.created_seq = tx->next_seq,
	};
	lu_put(o, &rec);
	path.up = NULL;
	list_for_each (n, &tx->nodes, order)
		collect_tx_node(o, &path, n);
}

void lu_collect_txs(struct dump *o)
{
	const struct conn *c;
	const struct tx *tx;

	list_for_each (c, &o->d->conns, all)
		list_for_each (tx, &c->client.txs, of_client)
			lu_collect_tx(o, tx);
}
