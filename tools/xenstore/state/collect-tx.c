/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * collect-tx: open transactions; see collect.h.
 *
 * An entry is written with its path: as a pending NODE_DATA, TX_NODE and
 * TX_CHILDREN.  A guest can have many entries that share long paths, and all
 * clients wait while an image is written and read.  Such a transaction is
 * written as TX_ENTRY records, which name their parent record instead.
 */
#include <string.h>

#include "state/collect.h"
#include "store/path.h"
#include "store/transaction.h"
#include "store/tree.h"
#include "transport/conn.h"

/* ---- with paths ---- */

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
		rec.node.perms = dump_perms(o, n->perms);
	}
	if (n->did & (TX_WRITTEN | TX_CREATED))
		rec.node.access |= REC_NODE_WRITTEN;
	if (!(n->did & TX_DELETED) && (!rec.node.access || (n->did & TX_VALUE)))
		rec.node.access |= REC_NODE_READ;
	dump_put(o, &rec);
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
	dump_put(o, &rec);
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
	dump_put(o, &rec);
}

/* ---- by parent and name ---- */

/*
 * Bytes of paths above which TX_ENTRY is used.  Most transactions have far
 * less, and stay readable for older builds.
 */
#define PATHS_MANY 16384u

static bool has_long_paths(const struct tx *tx)
{
	const struct tx_node *n;
	size_t size = 0;

	list_for_each (n, &tx->nodes, order) {
		size += n->path_len;
		if (size > PATHS_MANY)
			return true;
	}
	return false;
}

/* Writes the record of one entry and sets its mark to the record's number. */
static void put_entry(struct dump *o, struct tx_node *n, bool way,
		      uint32_t *number)
{
	struct record rec = {.type = REC_TX_ENTRY};
	struct rec_tx_entry *e = &rec.tx_entry;

	e->conn_id = n->tx->client->id;
	e->tx_id = n->tx->id;
	e->parent = n->up ? n->up->mark : 0;
	e->flags = way ? REC_TX_ENTRY_WAY : 0;
	e->name = n->up ? n->name->s : "";
	e->name_len = (uint16_t)(n->up ? n->name->len + 1u : 1u);
	/* entries below "/" have parent 0: "/" itself needs no record */
	++*number;
	n->mark = n->up ? *number : 0;
	if (!way) {
		e->did = (uint16_t)n->did;
		e->value_len = n->value_len;
		e->names_len = n->seen_len;
		e->created_seq = n->created_seq;
		e->event_order = n->event_order;
		e->generation = n->value_gen;
		e->children_generation = n->children_gen;
		e->value = n->value;
		e->names = n->seen;
		if (n->perms) {
			e->perm_count = (uint16_t)n->perms->n;
			e->perms = dump_perms(o, n->perms);
		}
	}
	dump_put(o, &rec);
}

/* Writes the entries above n that have no record yet, topmost first. */
static void put_way(struct dump *o, struct tx_node *n, uint32_t *number)
{
	struct tx_node *way[PATH_ABS_MAX / 2];
	size_t k = 0;

	for (n = n->up; n && n->up && !n->mark; n = n->up)
		way[k++] = n;
	while (k)
		put_entry(o, way[--k], true, number);
}

/*
 * For readers that skip extensions: a node written without a base, so that the
 * transaction ends in EAGAIN there.
 */
static void put_unproven(struct dump *o, const struct tx *tx)
{
	const struct tree *t = o->d->store->tree;
	const struct perms *p = node_perms(t, tree_node(t, NODE_ROOT));
	struct record rec = {.type = REC_NODE_DATA};

	rec.node.conn_id = tx->client->id;
	rec.node.tx_id = tx->id;
	rec.node.path = "/";
	rec.node.path_len = 2;
	rec.node.access = REC_NODE_WRITTEN;
	rec.node.perm_count = (uint16_t)p->n;
	rec.node.perms = dump_perms(o, p);
	dump_put(o, &rec);
}

static void collect_entries(struct dump *o, const struct tx *tx)
{
	uint32_t number = 0;
	struct tx_node *n;

	list_for_each (n, &tx->all, all)
		n->mark = 0;
	list_for_each (n, &tx->nodes, order) {
		put_way(o, n, &number);
		put_entry(o, n, false, &number);
	}
	put_unproven(o, tx);
}

/* ---- all of a transaction ---- */

void collect_tx(struct dump *o, const struct tx *tx, bool by_parent)
{
	uint64_t now = host_call(o->d->host, now_ms);
	struct record rec = {.type = REC_TRANSACTION_DATA};
	struct tx_path path;
	const struct tx_node *n;

	rec.tx.conn_id = tx->client->id;
	rec.tx.tx_id = tx->id;
	dump_put(o, &rec);
	rec = (struct record){.type = REC_TX_STATE};
	rec.tx_state = (struct rec_tx_state){
		.conn_id = tx->client->id,
		.tx_id = tx->id,
		.flags = (tx->doomed ? REC_TX_DOOMED : 0) |
			 (tx->failed ? REC_TX_FAILED : 0),
		.age_ms = (uint32_t)(now - tx->started_ms),
		.created_seq = tx->next_seq,
	};
	dump_put(o, &rec);
	if (by_parent && has_long_paths(tx)) {
		collect_entries(o, tx);
		return;
	}
	path.up = NULL;
	list_for_each (n, &tx->nodes, order)
		collect_tx_node(o, &path, n);
}

void collect_txs(struct dump *o)
{
	const struct conn *c;
	const struct tx *tx;

	list_for_each (c, &o->d->conns.all, all)
		list_for_each (tx, &c->client.txs, of_client)
			collect_tx(o, tx, !o->opt->no_extensions);
}
